"""What the agent must know of the way in which addresses come to a node."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ..node import Node


class Report(NamedTuple):
    """What a way says of itself, for the status of the node."""

    # The addresses that came to the node and are there now; nothing where that cannot be known.
    addresses: Sequence[str] | None = ()
    # For programs, under names of its own.
    details: Mapping[str, object] = MappingProxyType({})
    # For people.
    lines: Sequence[str] = ()
    # The checks that fail beside those of the watch.
    failed_checks: Sequence[str] = ()


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
