"""What a node has of what a release needs: processors, memory, and descriptors for connections."""

import resource

from . import processors
from .errors import Failure
from .manifest import Service

# The settings of services that say it, beside those of their own modules.
DESCRIPTORS, PROCESSORS, PLANNED_MEMORY = NAMES = ("descriptors", "processors", "memory")
MEMORY = "/proc/meminfo"
# What a machine with the memory that it was sold with does not show of it: the kernel and the firmware have it.
KEPT_BACK = 0.15
MIB = 1024 * 1024


def problems(service: Service) -> list[str]:
    """Why this node has too little for a service."""
    return [*_descriptor_problems(service), *_processor_problems(service), *_memory_problems(service)]


def grant_descriptors(service: Service) -> None:
    """Lets this process, and the daemon that it becomes, open as many descriptors as the release says, if it may."""
    wanted = _number(service, DESCRIPTORS)
    if wanted is not None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        # The other limit stays, so that a daemon can take more when a release lets it.
        resource.setrlimit(resource.RLIMIT_NOFILE, (_least(wanted, most), most))


def _descriptor_problems(service: Service) -> list[str]:
    wanted = _number(service, DESCRIPTORS)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if wanted is None or _least(wanted, most) == wanted:
        return []
    return [
        f"needs {wanted} descriptors for its connections, and this node grants {most}: "
        "set a smaller 'maxConnections', or raise the limit of the machine (ulimit -n, LimitNOFILE)"
    ]


def _processor_problems(service: Service) -> list[str]:
    wanted, own = _number(service, PROCESSORS), processors.count()
    if wanted is None or wanted <= own:
        return []
    return [f"is to use {wanted} processors, and this node may use {own}: set 'processors' to that, or leave it out"]


def _memory_problems(service: Service) -> list[str]:
    planned, own = _number(service, PLANNED_MEMORY), _memory()
    if planned is None or own is None or planned * (1 - KEPT_BACK) <= own:
        return []
    words = f"is planned for {planned // MIB} MiB of memory, and this node has {own // MIB} MiB"
    return [f"{words}: set a smaller 'memory'"]


def _number(service: Service, name: str) -> int | None:
    """A number in the settings of a service; None where it has none, as in releases of earlier versions."""
    text = service.settings.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise Failure(f"manifest.json: {name} of {service.name} must be a number, got {text!r}")
    return int(text)


def _least(wanted: int, most: int) -> int:
    return wanted if most == resource.RLIM_INFINITY else min(wanted, most)


def _memory() -> int | None:
    """The bytes of memory of this machine."""
    try:
        with open(MEMORY, encoding="ascii") as file:
            line = next(line for line in file if line.startswith("MemTotal:"))
        return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError, StopIteration):
        return None
