"""What the agent must know of the way in which addresses come to a node."""

from typing import Dict, List, NamedTuple, Optional

from ..node import Node


class Report(NamedTuple):
    """What a way says of itself, for the status of the node."""

    # The addresses that came to the node and are there now; nothing where that cannot be known.
    addresses: Optional[List[str]] = []
    # For programs, under names of its own.
    details: "Dict[str, object]" = {}
    # For people.
    lines: List[str] = []
    # The checks that fail beside those of the watch.
    failed_checks: List[str] = []


class AddressMobility:
    """Addresses that come to the node and leave it, one class for each way."""

    # Whether another node takes over what this one gives away.
    moves: bool

    def takes_part(self, node: Node) -> bool:
        """Whether the node can give addresses away now."""
        raise NotImplementedError

    def await_handover(self, node: Node) -> bool:
        """Waits until a drained node has given its addresses away; false when it keeps one."""
        raise NotImplementedError

    def report(self, node: Node) -> Report:
        raise NotImplementedError
