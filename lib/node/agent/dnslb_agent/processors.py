"""The processors that a node may use."""

import math
import os

from .manifest import Service

CGROUPS = "/sys/fs/cgroup"
# Of this process, by the version 2 of control groups.
OWN_CGROUP = "/proc/self/cgroup"


def count() -> int:
    """
    How many processors the daemons of this node may use: those that this process may run on, or as many as the time
    fills that its control group has.
    """
    return max(1, math.ceil(min(len(os.sched_getaffinity(0)), _share())))


def granted(service: Service) -> int:
    """How many of them a service is to use: those that its release says, as far as there are so many."""
    wanted = service.settings.get("processors", "")
    return min(int(wanted), count()) if wanted.isdecimal() and int(wanted) > 0 else count()


def _share() -> float:
    """The processors' time that the control group of this process, and those that hold it, may use in a period."""
    return min((_quota(place) for place in _own_cgroups()), default=math.inf)


def _quota(place: str) -> float:
    try:
        with open(f"{CGROUPS}{place}/cpu.max", encoding="ascii") as file:
            quota, period = file.read().split()
        return math.inf if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        # The root of a machine has none.
        return math.inf


def _own_cgroups() -> list[str]:
    """The control groups that this process is in, as folders; a container sees its own as the root."""
    try:
        with open(OWN_CGROUP, encoding="utf-8", errors="surrogateescape") as file:
            own = next((line.rstrip("\n").removeprefix("0::/") for line in file if line.startswith("0::/")), "")
    except OSError:
        own = ""
    names = own.split("/") if own else []
    return ["".join(f"/{name}" for name in names[:length]) for length in range(len(names) + 1)]
