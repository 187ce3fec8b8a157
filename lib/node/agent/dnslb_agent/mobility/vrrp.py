"""Virtual addresses that move between nodes by VRRP (RFC 9568)."""

import time

from .. import daemons, kernel, processes, progress
from ..errors import Failure
from ..log import Deadline, iso8601
from ..manifest import Manifest, VrrpAddresses
from ..metrics.measures import AddressMeasure
from ..node import Node
from .mobility import AddressMobility, MobilityStatus

# Seconds; a drained node hands over within some adverts.
HANDOVER_TIMEOUT = 5
POLL = 0.05
IN_FLIGHT_TIME = 0.3
# Seconds to wait for the handover if the addresses are unknown (schema 1).
BLIND_HANDOVER_TIME = 1.5
FAULT = "fault"
# RFC 9568, section 6.4, and what the daemon says of an instance whose interface is down or whose checks fail.
STATES = ("master", "backup", FAULT, "init")
UNKNOWN = "VRRP: unknown"


class VrrpMobility(AddressMobility):
    has_failover = True

    def __init__(self, live: Manifest, virtual: VrrpAddresses) -> None:
        self._live = live
        self._service = virtual.service
        self._addresses = {each.address for each in virtual.virtual_addresses}

    def can_hand_over(self, node: Node) -> bool:
        return processes.find_running(node, self._service) is not None

    def await_handover(self, node: Node) -> str | None:
        deadline = Deadline(HANDOVER_TIMEOUT)
        if not self._addresses:
            time.sleep(BLIND_HANDOVER_TIME)
        with progress.step("waiting until another node has the virtual addresses", HANDOVER_TIMEOUT):
            while self._present_addresses(node):
                if not deadline.pause(POLL):
                    return "no other node took the virtual addresses"
        time.sleep(IN_FLIGHT_TIME)
        return None

    def measure(self, node: Node) -> AddressMeasure:
        here = self._present_addresses(node)
        known = self._query_state(node)
        values: list[tuple[str, float | None, tuple[str, ...]]] = []
        for each in known.instances if known is not None else []:
            values += [("vrrp_state", int(each.state == state), (each.name, state)) for state in STATES]
            values += [
                ("vrrp_priority", each.priority, (each.name,)),
                ("vrrp_full_priority", each.full_priority, (each.name,)),
                ("vrrp_last_transition_timestamp_seconds", each.since, (each.name,)),
            ]
        places = None if here is None else {address: address in here for address in sorted(self._addresses)}
        # The kernel tells who has the addresses, whatever the daemon does.
        problem = "" if known is not None else f"{self._service} does not tell its state"
        return AddressMeasure(places, None, values, problem)

    def status(self, node: Node) -> MobilityStatus:
        here = self._present_addresses(node)
        shown = "unknown" if here is None else ", ".join(here) or "none"
        known = self._query_state(node)
        if known is None:
            lines = [f"virtual addresses here: {shown}", UNKNOWN]
            return MobilityStatus(here, {"vrrp": None}, lines, [], doubtful=frozenset({UNKNOWN}))
        told = [(_line(each), _is_well(each)) for each in known.instances]
        doubtful = frozenset(line for line, is_well in told if not is_well)
        instances = [
            {
                "name": each.name,
                "state": each.state,
                "since": iso8601(each.since),
                "priority": each.priority,
                "fullPriority": each.full_priority,
            }
            for each in known.instances
        ]
        details: dict[str, object] = {"vrrp": {"instances": instances}}
        lines = [f"virtual addresses here: {shown}", *(line for line, _ in told)]
        return MobilityStatus(here, details, lines, known.failed_checks, doubtful=doubtful)

    def _present_addresses(self, node: Node) -> list[str] | None:
        """The virtual addresses that the node has; None if that is unknown."""
        if not self._addresses:
            return None
        try:
            return sorted(kernel.local_addresses() & self._addresses)
        except Failure:
            return None

    def _query_state(self, node: Node) -> "daemons.VrrpState | None":
        service = self._live.service(self._service)
        if service is None:
            return None
        speaker = daemons.for_service(service)
        try:
            return speaker.vrrp(node, service) if isinstance(speaker, daemons.VrrpDaemon) else None
        except (OSError, Failure):
            return None


def _line(instance: "daemons.VrrpInstance") -> str:
    priority = f"priority {instance.priority} of {instance.full_priority}"
    return f"VRRP {instance.name}: {instance.state} since {iso8601(instance.since)}, {priority}"


def _is_well(instance: "daemons.VrrpInstance") -> bool:
    return instance.state != FAULT and instance.priority == instance.full_priority
