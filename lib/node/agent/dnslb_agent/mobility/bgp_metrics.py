"""Metrics of a node that announces its addresses by BGP."""

from collections.abc import Callable

from .. import daemons
from ..announcer_state import AnnouncerState
from ..manifest import BgpAddresses
from ..metric import Metric
from .announcement import Kind

GAUGE, COUNTER = "gauge", "counter"
UP = "Up"


def metrics(
    group: BgpAddresses,
    state: AnnouncerState | None,
    sessions: "list[daemons.BgpSessionState] | None",
    announced: int | None,
) -> list[Metric]:
    """Of what is unknown, all metrics are there, without a value."""
    return [
        Metric("dns_lb_announced_addresses", "How many addresses routers are told.", GAUGE, {}, announced),
        *_own_metrics(state),
        *_session_metrics(group, sessions),
    ]


def _own_metrics(state: AnnouncerState | None) -> list[Metric]:
    def metric(name: str, text: str, value: Callable[[AnnouncerState], float], kind: str = GAUGE) -> Metric:
        return Metric(f"dns_lb_announcement_{name}", text, kind, {}, None if state is None else value(state))

    def is_of(kind: Kind) -> Callable[[AnnouncerState], float]:
        return lambda it: int(it.announcement == kind.value)

    return [
        metric("cost", "At what cost the node is announced; 0 is the best.", lambda it: it.cost),
        metric("failures_cost", "What the failures of the node cost now.", lambda it: it.own),
        metric("withdrawn", "Whether the node announces nothing.", is_of(Kind.WITHDRAW)),
        metric("graceful_shutdown", "Whether routers are asked to leave the node.", is_of(Kind.GRACEFUL_SHUTDOWN)),
        metric("damped", "Whether the node moved too often, and stays at its worst.", lambda it: int(it.damped > 0)),
        metric("taken", "Whether what was decided is what is announced.", lambda it: int(it.taken)),
        metric("changes_total", "Changes of the announcement since its start.", lambda it: it.moves, COUNTER),
        metric("watch_stale", "Whether nobody makes the checks.", lambda it: int(it.stale)),
        metric("others_serve", "Whether another node serves, so that this one may leave.", lambda it: it.dispensable),
    ]


def _session_metrics(group: BgpAddresses, sessions: "list[daemons.BgpSessionState] | None") -> list[Metric]:
    by_name = {each.name: each for each in sessions or []}

    def of_all(
        name: str, text: str, value: "Callable[[daemons.BgpSessionState], float]", bfd: bool = False
    ) -> list[Metric]:
        found: list[Metric] = []
        for each in group.sessions:
            known = by_name.get(each.name)
            labels = {"session": each.name, "neighbor": each.neighbor}
            if each.bfd or not bfd:
                found.append(Metric(name, text, GAUGE, labels, None if known is None else value(known)))
        return found

    return [
        *of_all("dns_lb_bgp_session_up", "Whether the session is established.", lambda it: int(it.is_up)),
        *of_all("dns_lb_bgp_announced_addresses", "How many addresses the router is told.", lambda it: it.exported),
        *of_all("dns_lb_bfd_session_up", "Whether BFD sees the router.", lambda it: int(it.bfd == UP), bfd=True),
    ]
