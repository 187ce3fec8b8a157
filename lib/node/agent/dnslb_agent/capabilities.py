"""
The one right that daemons keep. Ports below 1024 are everybody's in a container's own network; on the host's they are
root's, and this right's.
"""

import os
import struct

UNPRIVILEGED_PORTS = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
NET_BIND_SERVICE = 10
# The numbers are Linux's.
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION = 0x20080522


def low_ports_are_a_right() -> bool:
    """Whether only the right gives a daemon its ports, and this process has it to give."""
    try:
        with open(UNPRIVILEGED_PORTS, encoding="ascii") as file:
            if int(file.read()) == 0:
                return False
        with open("/proc/self/status", encoding="utf-8") as file:
            held = next(line.split()[1] for line in file if line.startswith("CapEff:"))
    except (OSError, ValueError, StopIteration):
        return False
    return bool(int(held, 16) >> NET_BIND_SERVICE & 1)


def outlive_user() -> None:
    """Lets this process keep what it may have when it becomes another user."""
    _system("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)


def keep_low_ports() -> None:
    """Gives up every right but that to low ports, and hands this one on to the program that the process becomes."""
    right = 1 << NET_BIND_SERVICE
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    # Effective, permitted, inheritable; then the upper halves of the three.
    _system("capset", header, struct.pack("=6I", right, right, right, 0, 0, 0))
    _system("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, NET_BIND_SERVICE, 0, 0)


def _system(call: str, *words: int | bytes) -> None:
    # Slow to load, and seldom needed.
    import ctypes

    if ctypes.CDLL(None, use_errno=True)[call](*words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot keep the right to low ports: {os.strerror(number)}")
