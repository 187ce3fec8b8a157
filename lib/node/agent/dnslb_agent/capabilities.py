"""
CAP_NET_BIND_SERVICE, the only capability that daemons keep. They need it for ports below 1024 on the network of the
host; in a network namespace of its own, Docker lets every user bind them.
"""

import os
import signal
import struct

UNPRIVILEGED_PORTS = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
SETGID = 6
SETUID = 7
NET_BIND_SERVICE = 10
# From linux/prctl.h and linux/capability.h.
PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION = 0x20080522


def low_ports_need_capability() -> bool:
    """Whether ports below 1024 need the capability, and this process has it."""
    try:
        with open(UNPRIVILEGED_PORTS, encoding="ascii") as file:
            if int(file.read()) == 0:
                return False
        with open("/proc/self/status", encoding="utf-8") as file:
            held = next(line.split()[1] for line in file if line.startswith("CapEff:"))
    except (OSError, ValueError, StopIteration):
        return False
    return bool(int(held, 16) >> NET_BIND_SERVICE & 1)


def keep_capabilities_on_setuid() -> None:
    """Lets this process keep its permitted capabilities when it changes its user."""
    _libc("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)


def keep_only_net_bind_service() -> None:
    """Drops all other capabilities, and makes this one ambient, so that the executed program has it."""
    right = 1 << NET_BIND_SERVICE
    _set(right, right)
    _libc("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, NET_BIND_SERVICE, 0, 0)


def keep_only_change_of_user() -> None:
    """Drops all capabilities of root but those to change its user and its groups, and takes no new ones by programs."""
    _set(1 << SETUID | 1 << SETGID, 0)
    _libc("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def drop_all() -> None:
    """Drops all capabilities, for good: root without them has its files, and nothing else."""
    _set(0, 0)
    _libc("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def adopt_orphans() -> None:
    """Makes this process the parent of all descendants whose own parents have ended."""
    _libc("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent() -> None:
    """This process is killed when its parent ends. To be called after a change of the user, which forgets it."""
    _libc("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _set(right: int, inheritable: int) -> None:
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    # Effective, permitted, inheritable; then the upper halves of the three.
    _libc("capset", header, struct.pack("=6I", right, right, inheritable, 0, 0, 0))


def _libc(call: str, *words: int | bytes) -> None:
    # Imported here because it is slow to load and seldom needed.
    import ctypes

    if ctypes.CDLL(None, use_errno=True)[call](*words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot change its rights ({call}): {os.strerror(number)}")
