"""What is due from time to time while the daemons run."""

from . import daemons, processes, reader, release
from .node import Node


def make(node: Node) -> None:
    """Does for each running service of the live release what is due. The lock of the node must be held."""
    if release.current(node) is None:
        return
    live = reader.read(node.current_link)
    for service in live.services:
        if processes.find_running(node, service.name) is not None:
            daemons.for_service(service).upkeep(node, service, live)
