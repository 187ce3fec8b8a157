"""A node without addresses that move."""

from ..node import Node
from .mobility import AddressMobility, MobilityStatus


class FixedMobility(AddressMobility):
    """Addresses that stay on the node: it answers on them also while it is drained."""

    has_failover = False

    def can_hand_over(self, node: Node) -> bool:
        return False

    def await_handover(self, node: Node) -> str | None:
        return None

    def status(self, node: Node) -> MobilityStatus:
        return MobilityStatus()
