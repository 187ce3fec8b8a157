"""Virtual addresses that the nodes of a pair hand to one another by VRRP (RFC 9568)."""

import time

from .. import daemons, kernel, processes
from ..errors import Failure
from ..manifest import Manifest, VrrpAddresses
from ..node import Node
from ..report import Deadline, moment
from .mobility import AddressMobility, Report

# A drained node hands its addresses over within some adverts.
HANDOVER_TIMEOUT = 5
POLL = 0.05
LAST_ANSWERS = 0.3
# Within this time a node hands over whose release does not say its addresses.
UNSEEN_HANDOVER = 1.5


class Vrrp(AddressMobility):
    moves = True

    def __init__(self, live: Manifest, virtual: VrrpAddresses) -> None:
        self._live = live
        self._service = virtual.service
        self._addresses = {each.address for each in virtual.virtual_addresses}

    def takes_part(self, node: Node) -> bool:
        return processes.find(node, self._service) is not None

    def await_handover(self, node: Node) -> bool:
        deadline = Deadline(HANDOVER_TIMEOUT)
        if not self._addresses:
            time.sleep(UNSEEN_HANDOVER)
        while self._here(node):
            if not deadline.pause(POLL):
                return False
        time.sleep(LAST_ANSWERS)
        return True

    def report(self, node: Node) -> Report:
        here = self._here(node)
        shown = "unknown" if here is None else ", ".join(here) or "none"
        known = self._ask(node)
        if known is None:
            return Report(here, {"vrrp": None}, [f"virtual addresses here: {shown}", "VRRP: unknown"], [])
        lines = [
            f"VRRP {each.name}: {each.state} since {moment(each.since)}, "
            f"priority {each.priority} of {each.full_priority}"
            for each in known.instances
        ]
        instances = [
            {
                "name": each.name,
                "state": each.state,
                "since": moment(each.since),
                "priority": each.priority,
                "fullPriority": each.full_priority,
            }
            for each in known.instances
        ]
        details: dict[str, object] = {"vrrp": {"instances": instances}}
        return Report(here, details, [f"virtual addresses here: {shown}", *lines], known.failed_checks)

    def _here(self, node: Node) -> list[str] | None:
        """The virtual addresses that the node has; nothing where that cannot be known."""
        if not self._addresses:
            return None
        try:
            return sorted(kernel.addresses() & self._addresses)
        except Failure:
            return None

    def _ask(self, node: Node) -> "daemons.Vrrp | None":
        service = self._live.service(self._service)
        if service is None:
            return None
        speaker = daemons.of(service)
        return speaker.vrrp(node, service) if isinstance(speaker, daemons.VrrpSpeaker) else None
