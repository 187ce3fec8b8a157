"""Addresses that all nodes of a group announce to the routers before them (BGP, RFC 4271)."""

import os
import time

from .. import announcer_state, daemons, drain, files, kernel, loopback, processes, progress
from ..announcer_state import AnnouncerState, PeerState
from ..errors import Failure
from ..log import Deadline, log_error, one_line
from ..manifest import BgpAddresses, Manifest
from ..metric import Metric
from ..metrics.measures import AddressMeasure
from ..node import Node
from ..others import ASKING
from .announcement import Kind
from .bgp_metrics import metrics
from .mobility import AddressMobility, MobilityStatus
from .rules import MILLISECONDS, problems, rules_of

POLL = 0.1
# Seconds beyond the time for which routers are asked to leave: for the announcer, the daemon and a word of others.
HANDOVER_TIMEOUT = 5.0
# Seconds for routers to take another path after the last address is withdrawn.
ROUTERS_TIME = 1.0
# Seconds until it is said that no other node serves, or that the announcer does not run.
ALONE_TIMEOUT = 3.0
# The same beyond the time for which a node must be well before it is announced at its best.
RETURN_TIMEOUT = 10.0
# In the state of the node: a router had it once.
ANNOUNCED_BEFORE = "announced"
# Of metrics that have another prefix on the page of all.
OLD_PREFIX = "dns_lb_"
ALONE = "no other node of the group serves"
SHORT_OF_POOLS = "no other node of the group serves all that lives here"
NOT_HERE = "WARNING: not on the loopback interface, so not announced"
ENDED = "the announcer has ended"
UNKNOWN = "the announcer does not tell what it does; see its log"


class BgpMobility(AddressMobility):
    has_failover = True
    can_be_forced = True

    def __init__(self, live: Manifest, group: BgpAddresses) -> None:
        self._live = live
        self._group = group
        self._rules = rules_of(live, group)

    def place_addresses(self, node: Node) -> None:
        loopback.keep(node, self._group.addresses)

    def can_hand_over(self, node: Node) -> bool:
        return processes.find_running(node, self._group.service) is not None

    def await_handover(self, node: Node) -> str | None:
        # An announcer that ends meanwhile is started again, and asks routers to leave it for as long as it would have.
        deadline = Deadline(2 * (self._rules.grace + HANDOVER_TIMEOUT))
        alone, absent = Deadline(ALONE_TIMEOUT), Deadline(ALONE_TIMEOUT)
        with progress.step("waiting until routers have left the node", deadline.seconds) as step:
            while True:
                is_there = self.can_hand_over(node)
                reason = self._kept(node) if is_there else ENDED
                if reason is None:
                    time.sleep(ROUTERS_TIME)
                    return None
                step.reason = reason
                if is_there:
                    absent = Deadline(ALONE_TIMEOUT)
                if reason != ALONE:
                    alone = Deadline(ALONE_TIMEOUT)
                if absent.passed():
                    # Nothing is announced.
                    return None
                if alone.passed() or not deadline.pause(POLL):
                    return reason

    def await_return(self, node: Node) -> None:
        deadline = Deadline(self._rules.hold + RETURN_TIMEOUT)
        with progress.step("waiting until the node is announced at its best", deadline.seconds):
            while True:
                if _has_returned(announcer_state.read_fresh(node)):
                    return
                if not deadline.pause(POLL):
                    log_error("goes on before the node is announced at its best; see: dns-lb-agent status")
                    return

    def await_ready(self, node: Node, deadline: Deadline) -> None:
        """
        Waits for a session with a router: the next node may be changed after this one. A node that no router has had
        yet is ready, too: its routers may come later than it.
        """
        while not self.can_hand_over(node):
            if not deadline.pause(POLL):
                return
        with progress.step("waiting until a router has a session with the node", deadline.seconds) as step:
            while True:
                sessions = self._sessions(node)
                if any(each.is_up for each in sessions or []):
                    files.create_if_missing(node.state_path(ANNOUNCED_BEFORE), "", 0o600)
                    return
                step.reason = self._reasons(sessions)
                if not deadline.pause(POLL):
                    break
        reason = f"no router has a session with the node: {step.reason}"
        if os.path.exists(node.state_path(ANNOUNCED_BEFORE)):
            raise Failure(reason)
        log_error(f"warning: {reason}")

    def problem_of_others(self, node: Node, live: Manifest, seconds: float) -> str | None:
        if not self.can_hand_over(node):
            return None
        deadline = Deadline(seconds)
        with progress.step(ASKING, seconds):
            while True:
                state = announcer_state.read_fresh(node)
                reason = UNKNOWN if state is None else self._problem_of_peers(state)
                if reason is None or not deadline.pause(POLL):
                    return reason

    def problems(self, candidate: Manifest) -> list[str]:
        return problems(candidate, self._group)

    def metrics(self, node: Node | None) -> list[Metric]:
        if node is None:
            return metrics(self._group, None, None, None)
        state, sessions = announcer_state.read_fresh(node), self._sessions(node)
        announced = self._announced(state, sessions)
        return metrics(self._group, state, sessions, None if announced is None else len(announced))

    def measure(self, node: Node) -> AddressMeasure:
        state, sessions = announcer_state.read_fresh(node), self._sessions(node)
        announced = self._announced(state, sessions) if self.can_hand_over(node) else []
        if announced is None:
            # What is not on the loopback interface is not announced, whatever the daemon does.
            here = dict.fromkeys(self._absent(), False)
        else:
            here = {address: address in announced for address in self._group.addresses}
        found = metrics(self._group, state, sessions, None if announced is None else len(announced))
        silent = [] if sessions is not None else [self._group.service]
        if state is None:
            silent.append("the announcer")
        return AddressMeasure(
            here,
            {} if state is None else {peer.address: self._serves(peer) for peer in state.peers},
            [(each.name.removeprefix(OLD_PREFIX), each.value, tuple(each.labels.values())) for each in found],
            f"nothing is heard of {' and '.join(silent)}" if silent else "",
        )

    def status(self, node: Node) -> MobilityStatus:
        state, sessions = announcer_state.read_fresh(node), self._sessions(node)
        if not self.can_hand_over(node):
            announced: list[str] | None = []
        else:
            announced = self._announced(state, sessions)
        shown = "unknown" if announced is None else ", ".join(announced) or "none"
        absent = self._absent()
        told = [
            (f"addresses announced: {shown}", bool(announced)),
            *([(f"{NOT_HERE}: {', '.join(absent)}", False)] if absent else []),
            *self._announcement_lines(state),
            *self._session_lines(sessions),
            *(self._peer_lines(state) if state is not None else []),
        ]
        lines = [line for line, _ in told]
        peers = {peer.address: False for peer in self._group.peers}
        if state is not None:
            peers |= {peer.address: self._serves(peer) for peer in state.peers}
        details: dict[str, object] = {
            "announcement": None if state is None else _announcement_fields(state),
            "bgp": None if sessions is None else {"sessions": [self._session_fields(each) for each in sessions]},
            "words": None if state is None else [self._word_fields(peer) for peer in state.peers],
        }
        doubtful = frozenset(line for line, is_well in told if not is_well)
        return MobilityStatus(announced, details, lines, [], peers, doubtful)

    def _kept(self, node: Node) -> str | None:
        """Why a node that is drained still has its addresses; None if no router has it."""
        state, sessions = announcer_state.read_fresh(node), self._sessions(node)
        if state is None:
            return UNKNOWN
        if not state.leaving or not state.left:
            needs_others = not drain.is_forced(node)
            is_alone = state.leaving and not state.dispensable and needs_others
            return ALONE if is_alone else "routers have not been asked for long enough"
        if not state.taken:
            return f"the addresses are not withdrawn: {state.problem or 'the announcer has yet to say so'}"
        if sessions is None:
            return "nobody can tell what routers know"
        told = [each.neighbor for each in sessions if each.exported > 0]
        return f"still announced to {', '.join(told)}" if told else None

    def _sessions(self, node: Node) -> "list[daemons.BgpSessionState] | None":
        """The sessions; None if they are unknown."""
        service = self._live.service(self._group.service)
        if service is None or processes.find_running(node, service.name) is None:
            return None
        speaker = daemons.for_service(service)
        try:
            return speaker.sessions(node, service) if isinstance(speaker, daemons.BgpDaemon) else None
        except (OSError, Failure):
            return None

    def _announced(
        self, state: AnnouncerState | None, sessions: "list[daemons.BgpSessionState] | None"
    ) -> list[str] | None:
        """The addresses that routers know of this node; None if that is unknown."""
        if sessions is None:
            return None
        if state is not None and state.taken and state.announcement == Kind.WITHDRAW.value:
            return []
        families = {each.name: each.families for each in self._group.sessions}
        told = {family for each in sessions if each.exported > 0 for family in families.get(each.name, [])}
        absent = self._absent()
        return [each for each in self._group.addresses if _family(each) in told and each not in absent]

    def _absent(self) -> list[str]:
        """The addresses that are not on the loopback interface, from which they are announced."""
        try:
            here = kernel.loopback_addresses()
        except Failure:
            return []
        return [each for each in self._group.addresses if each not in here]

    def _reasons(self, sessions: "list[daemons.BgpSessionState] | None") -> str:
        if not sessions:
            return "its state is unknown" if sessions is None else "there is none"
        return "; ".join(f"{each.neighbor} is in state {each.state}{_because(each.error)}" for each in sessions)

    def _problem_of_peers(self, state: AnnouncerState) -> str | None:
        """Why no other node can do without this one; None if one can, with all pools that live here."""
        # Of those that leave, the announcer counts on the same.
        staying = [
            each for each in state.peers if self._serves(each) and (not each.leaving or each.name > self._rules.node)
        ]
        if not state.dispensable or not staying:
            lines = [_peer_line(peer, self._rules.word_age) for peer in state.peers]
            return f"{ALONE}: {'; '.join(lines) or 'there is none'}"
        here = frozenset(state.pools or [])
        lost = {peer.name: sorted(here.difference(peer.pools or [])) for peer in staying}
        if not all(lost.values()):
            return None
        reasons = [f"of node {name} no live server is known of {', '.join(pools)}" for name, pools in lost.items()]
        return f"{SHORT_OF_POOLS}: {'; '.join(reasons)}"

    def _announcement_lines(self, state: AnnouncerState | None) -> list[tuple[str, bool]]:
        """Lines about what is announced, each with whether that is well."""
        if state is None:
            return [("announcement: unknown", False)]
        what = "withdrawn"
        if state.announcement != Kind.WITHDRAW.value:
            asks = ", asks routers to leave it" if state.announcement == Kind.GRACEFUL_SHUTDOWN.value else ""
            what = f"cost {state.cost} of {state.worst}{asks}"
        why = _why(state)
        is_best = state.announcement == Kind.ANNOUNCE.value and state.cost == 0
        lines = [(f"announcement: {what}{f' ({why})' if why else ''}", is_best)]
        if not state.taken:
            reason = one_line(state.problem) or "it was decided just now"
            lines.append((f"WARNING: that is not announced yet: {reason}", False))
        if state.deaf:
            lines.append((f"WARNING: {one_line(state.deaf)}", False))
        return lines

    def _session_lines(self, sessions: "list[daemons.BgpSessionState] | None") -> list[tuple[str, bool]]:
        """Lines about the sessions, each with whether that is well."""
        if sessions is None:
            return [("BGP: unknown", False)]
        lines: list[tuple[str, bool]] = []
        for each in self._group.sessions:
            found = next((session for session in sessions if session.name == each.name), None)
            if found is None:
                lines.append((f"BGP {each.name}, {each.neighbor} AS {each.asn}: unknown", False))
                continue
            bfd = f", BFD {one_line(found.bfd or 'unknown')}" if each.bfd else ""
            since = f" since {one_line(found.since)}" if found.since else ""
            what = f"{one_line(found.state)}{since}{bfd}, announced {found.exported}{_because(found.error)}"
            is_well = found.is_up and (not each.bfd or found.bfd == "Up")
            lines.append((f"BGP {each.name}, {each.neighbor} AS {each.asn}: {what}", is_well))
        return lines

    def _peer_lines(self, state: AnnouncerState) -> list[tuple[str, bool]]:
        return [(_peer_line(each, self._rules.word_age), self._serves(each)) for each in state.peers]

    def _session_fields(self, session: "daemons.BgpSessionState") -> dict[str, object]:
        given = next((each for each in self._group.sessions if each.name == session.name), None)
        return {
            "name": session.name,
            "neighbor": session.neighbor,
            "asn": None if given is None else given.asn,
            "state": session.state,
            "since": session.since,
            "bfd": session.bfd if given and given.bfd else None,
            "announced": session.exported,
            "error": session.error or None,
        }

    def _serves(self, peer: PeerState) -> bool:
        return _is_young(peer, self._rules.word_age) and peer.announces and peer.serves

    def _word_fields(self, peer: PeerState) -> dict[str, object]:
        age = None if peer.age is None else peer.age / MILLISECONDS
        fields: dict[str, object] = {"name": peer.name, "address": peer.address, "age": age}
        if peer.age is None:
            return fields
        return {
            **fields,
            "announces": peer.announces,
            "leaving": peer.leaving,
            "serves": peer.serves,
            "cost": peer.cost,
            "announced": peer.announced,
            "pools": peer.pools or [],
        }


def _has_returned(state: AnnouncerState | None) -> bool:
    if state is None or state.leaving or not state.taken:
        return False
    return state.cost <= state.own or state.damped > 0


def _announcement_fields(state: AnnouncerState) -> dict[str, object]:
    return {
        "kind": state.announcement,
        "cost": state.cost,
        "worstCost": state.worst,
        "failuresCost": state.own,
        "failures": state.failures,
        "watchStale": state.stale,
        "dampedSeconds": state.damped,
        "taken": state.taken,
        "problem": state.problem or state.deaf or None,
        "changes": state.moves,
        "othersServe": state.dispensable,
    }


def _why(state: AnnouncerState) -> str:
    """Why the announcement is not the best."""
    words = [f"{each} fails" for each in state.failures]
    if state.stale:
        words.append("nobody makes the checks")
    if state.damped:
        words.append(f"moved too often, stays so for {state.damped} s")
    elif state.cost > state.own and not state.leaving:
        words.append("has yet to prove that it is well")
    if state.leaving:
        words.append("drained" if state.left or state.dispensable else f"drained, but {ALONE}")
    return "; ".join(words)


def _peer_line(peer: PeerState, longest: float) -> str:
    line = f"node {peer.name} at {peer.address}: "
    if peer.age is None:
        return f"{line}never heard"
    if not _is_young(peer, longest):
        return f"{line}silent for {peer.age / MILLISECONDS:.0f} s"
    serves = "serves" if peer.serves else "does not serve"
    announces = f"announced at cost {peer.announced}" if peer.announces else "announced to nobody"
    return f"{line}{serves}, {announces}{', leaves' if peer.leaving else ''}"


def _is_young(peer: PeerState, longest: float) -> bool:
    return peer.age is not None and peer.age / MILLISECONDS <= longest


def _because(error: str) -> str:
    return f" ({one_line(error)})" if error else ""


def _family(address: str) -> str:
    return "ipv6" if ":" in address else "ipv4"
