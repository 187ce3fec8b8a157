"""What the announcer of a node tells the other programs of the agent, in a file of the run directory."""

import json
import os
import time
from typing import NamedTuple

from . import files
from .decode import decode
from .errors import Failure
from .log import Deadline
from .node import Node

NAME = "announcer.json"
# Seconds; it is written once a second.
FRESH = 3.0
POLL = 0.05
MILLISECONDS = 1000
LARGEST = 1024 * 1024
PAGE = 4096


class PeerState(NamedTuple):
    """What is known of another node."""

    name: str
    address: str
    # How old its word is, in milliseconds; None if it was never heard.
    age: int | None = None
    announces: bool = False
    leaving: bool = False
    serves: bool = False
    cost: int = 0
    announced: int = 0
    pools: list[str] | None = None


class AnnouncerState(NamedTuple):
    # When it was written, in milliseconds since the boot of the machine.
    at: int
    # The release by whose rules it decides.
    release: str
    # "announce", "graceful-shutdown" or "withdraw", and at what cost.
    announcement: str
    cost: int
    # Whether the daemon has taken that; if not, `problem` says why.
    taken: bool
    problem: str
    # What its failures cost now, and what the worst would.
    own: int
    worst: int
    # The failing checks that cost something.
    failures: list[str]
    # Nobody makes the checks.
    stale: bool
    # Seconds until the node leaves its worst, if it does not move meanwhile; 0 if it is not damped.
    damped: int
    # How often its announcement has become another one since the announcer was started.
    moves: int
    # It is drained, and has withdrawn its addresses for that.
    leaving: bool
    left: bool
    # Another node serves, whatever pools live there, and stays.
    dispensable: bool
    # Why it does not hear other nodes; empty if it may.
    deaf: str
    peers: list[PeerState]
    # Whether a router is told an address; None if that is unknown.
    heard: bool | None = None
    # The checks of pools that have a live server here; None of an agent that did not tell.
    pools: list[str] | None = None


def write(node: Node, state: AnnouncerState) -> None:
    text = json.dumps(_plain(state))
    # Seldom longer or shorter than the one before, so that it can be written on a full disk, too.
    files.write_even_if_full(_path(node), text.ljust(-(-len(text) // PAGE) * PAGE), 0o600)


def read(node: Node) -> AnnouncerState | None:
    """The last state that the announcer has told, however old; None if there is none, or it is another agent's."""
    try:
        descriptor = os.open(_path(node), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="utf-8") as file:
            data: object = json.loads(file.read(LARGEST))
        return decode(data, AnnouncerState, NAME)
    except (OSError, ValueError, Failure):
        return None


def was_told(node: Node) -> bool:
    """Whether an announcer has told a state since the machine, or the container, was started."""
    return os.path.lexists(_path(node))


def read_fresh(node: Node) -> AnnouncerState | None:
    """The state; None if the announcer does not run, or has told nothing for a while."""
    state = read(node)
    return state if state is not None and abs(now() - state.at / MILLISECONDS) <= FRESH else None


def now() -> float:
    """Seconds since the boot of the machine, which nobody sets back."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wait_for_release(node: Node, release: str, seconds: float) -> None:
    """Waits until the announcer decides by the rules of a release."""
    deadline = Deadline(seconds)
    while True:
        state = read_fresh(node)
        if state is not None and state.release == release:
            return
        if not deadline.pause(POLL):
            does = "decides by another release" if state is not None else "tells nothing"
            raise Failure(f"the announcer {does} after {seconds:g} s; see its log")


def _plain(state: AnnouncerState) -> dict[str, object]:
    peers = [{name: value for name, value in peer._asdict().items() if value is not None} for peer in state.peers]
    found = {name: value for name, value in state._asdict().items() if value is not None}
    return {**found, "peers": peers}


def _path(node: Node) -> str:
    return os.path.join(node.private_path, NAME)
