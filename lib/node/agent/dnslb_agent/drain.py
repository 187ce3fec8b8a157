"""Taking a node out of service, and back; what its operator wants so outlives changes and restarts."""

import os

from . import files, tracked
from .errors import Failure
from .locking import locked
from .node import Node
from .report import say

SWITCH = "drain"
# Lists what operators drained, in the state of the node: `node`, `pool/server`.
WANTED = "drained"
NODE = "node"


def prepare(node: Node) -> None:
    """Makes the switch that lowers what the node is worth, and puts it right unless a change goes on."""
    if not os.path.exists(node.at_run(SWITCH)):
        switch(node, is_wanted(node, NODE))
    put_right(node)


def put_right(node: Node) -> None:
    """Ends the drain of a change that was cut short, unless another change goes on."""
    try:
        with locked(node, 0):
            settle(node)
    except Failure:
        pass


def settle(node: Node) -> None:
    """Lets the node be drained as its operator wants it; only for who holds the lock, for a change drains too."""
    wanted = is_wanted(node, NODE)
    if os.path.exists(node.at_run(SWITCH)) and is_drained(node) != wanted:
        switch(node, wanted)
        say("node stays drained" if wanted else "node takes part again")


def switch(node: Node, drained: bool) -> None:
    """Lowers what the node is worth, or gives it back."""
    tracked.write(node.at_run(SWITCH), int(drained))


def is_drained(node: Node) -> bool:
    return tracked.read(node.at_run(SWITCH)) == 1


def is_wanted(node: Node, name: str) -> bool:
    """Whether an operator drained the node, or a server as `pool/server`."""
    return name in wanted(node)


def want(node: Node, name: str, drained: bool) -> None:
    """Remembers what operators want, because daemons forget it with a reload or restart."""
    names = set(wanted(node)) - {name}
    if drained:
        names.add(name)
    files.replace(node.at_state(WANTED), "".join(f"{each}\n" for each in sorted(names)))


def wanted(node: Node) -> list[str]:
    """What operators drained."""
    try:
        with open(node.at_state(WANTED), encoding="utf-8") as file:
            return file.read().split()
    except OSError:
        return []
