"""A node with its own addresses and no others."""

from ..node import Node
from .mobility import AddressMobility, Report


class Fixed(AddressMobility):
    """Nothing moves: the node answers while it can, drained or not."""

    moves = False

    def takes_part(self, node: Node) -> bool:
        return False

    def await_handover(self, node: Node) -> bool:
        return True

    def report(self, node: Node) -> Report:
        return Report()
