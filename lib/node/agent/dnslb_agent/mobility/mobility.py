"""The interface of the modules for address mobility."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ..node import Node


class MobilityStatus(NamedTuple):
    """The part of the status of a node that concerns its addresses."""

    # The virtual addresses that the node has now; None if that is unknown.
    addresses: Sequence[str] | None = ()
    # Further fields of the JSON output.
    details: Mapping[str, object] = MappingProxyType({})
    # Lines of the text output.
    lines: Sequence[str] = ()
    # Failed checks beside those of the watch.
    failed_checks: Sequence[str] = ()


class AddressMobility:
    """How virtual addresses come to the node and leave it."""

    # Whether another node takes over the addresses of a drained node.
    has_failover: bool

    def can_hand_over(self, node: Node) -> bool:
        """Whether the node can hand over its addresses now."""
        raise NotImplementedError

    def await_handover(self, node: Node) -> bool:
        """Waits until a drained node has handed over its addresses; False if it keeps one."""
        raise NotImplementedError

    def status(self, node: Node) -> MobilityStatus:
        raise NotImplementedError
