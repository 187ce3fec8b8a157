"""Draining the node. What an operator requested is kept in the state of the node, across changes and restarts."""

import os

from . import files, track_files
from .errors import Failure
from .locking import locked
from .log import log_info
from .node import Node

DRAIN_FILE = "drain"
# In the state of the node: what operators drained, `node`, `forced` or `pool/server`, one a line.
REQUESTS_FILE = "drained"
NODE = "node"
# Beside NODE: also if no other node serves.
FORCED_NODE = "forced"
# What the file of the run directory holds.
UNDRAINED, DRAINED, FORCED = 0, 1, 2


def create_drain_file(node: Node) -> None:
    """Creates the file that lowers the priority of the node, and ends a drain that an interrupted change left."""
    if not os.path.exists(node.run_path(DRAIN_FILE)):
        write_drain_file(node, is_requested(node, NODE), is_requested(node, FORCED_NODE))
    end_stale_drain(node)


def end_stale_drain(node: Node) -> None:
    """Ends the drain of an interrupted change, unless another change is under way."""
    try:
        with locked(node, 0):
            restore_requested_state(node)
    except Failure:
        pass


def restore_requested_state(node: Node) -> None:
    """Drains or undrains the node as requested. The caller holds the lock, because a change drains the node too."""
    requested = is_requested(node, NODE)
    if os.path.exists(node.run_path(DRAIN_FILE)) and is_drained(node) != requested:
        write_drain_file(node, requested, is_requested(node, FORCED_NODE))
        log_info("node stays drained" if requested else "node takes part again")


def write_drain_file(node: Node, drained: bool, force: bool = False) -> None:
    """
    Writes the file that drains the node. One that announces its addresses leaves with `force` also if no other node
    serves; nothing else may be forced.
    """
    track_files.write(node.run_path(DRAIN_FILE), (FORCED if force else DRAINED) if drained else UNDRAINED)


def is_drained(node: Node) -> bool:
    return track_files.read(node.run_path(DRAIN_FILE)) in (DRAINED, FORCED)


def is_forced(node: Node) -> bool:
    return track_files.read(node.run_path(DRAIN_FILE)) == FORCED


def is_requested(node: Node, name: str) -> bool:
    """Whether an operator drained the node, or a server given as `pool/server`."""
    return name in requests(node)


def set_requested(node: Node, name: str, drained: bool) -> None:
    """Stores what an operator requested, because daemons forget it on reload or restart."""
    names = set(requests(node)) - {name}
    if drained:
        names.add(name)
    files.write_atomically(node.state_path(REQUESTS_FILE), "".join(f"{each}\n" for each in sorted(names)))


def requests(node: Node) -> list[str]:
    """What operators drained: `node`, `pool/server`."""
    try:
        with open(node.state_path(REQUESTS_FILE), encoding="utf-8") as file:
            return file.read().split()
    except OSError:
        return []
