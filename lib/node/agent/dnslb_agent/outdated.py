"""
Whether a daemon runs a program or has loaded a library that was replaced on the disk since, as updates of packages do:
it has the old one until it is restarted.
"""

import os
import re
from collections.abc import Sequence
from functools import partial

from . import daemons, processes, users
from .errors import Failure
from .manifest import Manifest, Service
from .node import Node

DELETED = " (deleted)"
# Of deleted files in memory, only libraries: daemons share memory by others.
LIBRARY = re.compile(r"/[^/]*\.so(\.[^/ ]+)? \(deleted\)")


def outdated_files(node: Node, service: Service) -> list[str] | None:
    """The names of these files; None if the service does not run, or it cannot be told."""
    process = processes.find_running(node, service.name)
    if process is None:
        return None
    daemon = daemons.for_service(service)
    read = partial(_deleted_files, daemon.pids(node, service, process))
    try:
        try:
            found = read()
        except PermissionError:
            # Root without capabilities may not look; the user of the daemon may, with the same capability.
            found = users.run_as(users.find(service.user), read, daemon.binds_ports)
    except (OSError, Failure):
        return None
    return found.splitlines()


def restarts_due(node: Node, live: Manifest) -> dict[str, bool]:
    """By service, without those of which it cannot be told."""
    found = {service.name: outdated_files(node, service) for service in live.services}
    return {name: bool(names) for name, names in found.items() if names is not None}


def _deleted_files(pids: Sequence[int]) -> str:
    names = {name for pid in pids for name in _deleted_files_of(pid)}
    return "".join(f"{os.path.basename(name)}\n" for name in sorted(names))


def _deleted_files_of(pid: int) -> set[str]:
    names: set[str] = set()
    program = os.readlink(f"/proc/{pid}/exe")
    if program.endswith(DELETED):
        names.add(program.removesuffix(DELETED))
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
        for line in file:
            path = line.rstrip("\n").split(None, 5)[5:]
            if path and LIBRARY.search(path[0]):
                names.add(path[0].removesuffix(DELETED))
    return names
