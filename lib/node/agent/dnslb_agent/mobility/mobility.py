"""The interface of the modules for address mobility."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from .. import loopback, others
from ..log import Deadline
from ..manifest import Manifest
from ..metric import Metric
from ..metrics.measures import AddressMeasure
from ..node import Node


class MobilityStatus(NamedTuple):
    """The part of the status of a node that concerns its addresses."""

    # The shared addresses that the node has, or announces, now; None if that is unknown.
    addresses: Sequence[str] | None = ()
    # Further fields of the JSON output.
    details: Mapping[str, object] = MappingProxyType({})
    # Lines of the text output.
    lines: Sequence[str] = ()
    # Failed checks beside those of the watch.
    failed_checks: Sequence[str] = ()
    # By the addresses of other nodes, whether they serve; None where the watch asks them.
    peers: Mapping[str, bool] | None = None
    # Those of the lines that tell of something ill, or unknown, besides the ones that begin with WARNING.
    doubtful: frozenset[str] = frozenset()


class AddressMobility:
    """How shared addresses come to the node and leave it."""

    # Whether another node takes over the addresses of a drained node.
    has_failover: bool
    # Whether the node can be drained although no other one serves, if an operator wants that.
    can_be_forced: bool = False

    def can_hand_over(self, node: Node) -> bool:
        """Whether the node can hand over its addresses now."""
        raise NotImplementedError

    def await_handover(self, node: Node) -> str | None:
        """Waits until a drained node has handed over its addresses. Returns why it keeps them; None if it does not."""
        raise NotImplementedError

    def await_return(self, node: Node) -> None:
        """Waits until a node that takes part again has its whole part, or has had the time for that."""

    def await_ready(self, node: Node, deadline: Deadline) -> None:
        """Waits until clients can come to a node whose daemons answer; fails if they could before, and cannot now."""

    def place_addresses(self, node: Node) -> None:
        """Puts the addresses where the node has them at all times, and takes away those of another release."""
        loopback.leave(node)

    def problem_of_others(self, node: Node, live: Manifest, seconds: float) -> str | None:
        """Why no other node can do without this one, after it was looked for so long; None if one can."""
        return others.problem(live, seconds)

    def problems(self, candidate: Manifest) -> list[str]:
        """Why the node could not follow the rules of a release."""
        return []

    def metrics(self, node: Node | None) -> list[Metric]:
        """Metrics of the addresses; without a node, of which nothing is known yet."""
        return []

    def measure(self, node: Node) -> AddressMeasure:
        """Where the addresses are, for metrics: what a daemon does not tell is left out, and named as the problem."""
        return AddressMeasure({}, None)

    def status(self, node: Node) -> MobilityStatus:
        raise NotImplementedError
