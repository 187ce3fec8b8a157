"""What `top` shows of a moment, as lines and tables: what is ill stands above."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from .. import daemons, watch
from ..log import iso8601
from ..manifest import Manifest, Pool, Server
from ..mobility import MobilityStatus
from . import activity
from .moment import Known, Moment
from .rates import ListenerRates, Rates, ServerRates
from .table import DOUBTFUL, ILL, WELL, Line, Part, Row, Table
from .text import age, clean, count, latency, rate, share

# The part of the connections that a listener may have, from which on it is told.
NEARLY_FULL = 0.8
RANKS = {ILL: 0, DOUBTFUL: 1, WELL: 2}
NOBODY = ListenerRates(None, None, None, None, None)
# Seconds after which it is said how old something is.
OLD = 8

N = TypeVar("N", int, float)


def parts(live: Manifest, moment: Moment, clients: int) -> list[Part]:
    told = {name: found for name, found in moment.rates.items() if isinstance(found, Rates)}
    servers = [_ServerState(pool, server, told, moment) for pool in live.pools for server in pool.servers]
    return [
        *_head(live, moment),
        *_problems(live, moment, servers),
        *_answers(told.values()),
        *_listeners(live, told.values()),
        *_servers(servers),
        *_clients(live, moment, clients),
    ]


def _head(live: Manifest, moment: Moment) -> list[Line]:
    is_out = any(each.name == live.node for each in live.out_of_service or [])
    marks = f"{' (drained)' if moment.drained else ''}{' (out of service)' if is_out else ''}"
    load = "" if moment.load is None else ", load " + " ".join(f"{each:.2f}" for each in moment.load)
    changing = "" if moment.change is None else f"; a change is {moment.change}"
    addresses = moment.addresses
    if isinstance(addresses, MobilityStatus):
        told = [Line(clean(line), _level_of(line, addresses)) for line in addresses.lines]
    else:
        told = [Line(f"addresses: unknown, {clean(addresses)}", DOUBTFUL)]
    return [
        Line(f"{live.workload} {live.node}{marks}, {iso8601(moment.now)}{load}", DOUBTFUL if marks else WELL),
        Line(f"release {moment.release} since {iso8601(moment.since)}{changing}", DOUBTFUL if changing else WELL),
        *told,
        *_checks(live, moment),
    ]


def _level_of(line: str, addresses: MobilityStatus) -> str:
    if line.startswith("WARNING"):
        return ILL
    return DOUBTFUL if line in addresses.doubtful else WELL


def _checks(live: Manifest, moment: Moment) -> list[Line]:
    if not live.watch.checks:
        return []
    failed = moment.failed_checks + (
        list(moment.addresses.failed_checks) if isinstance(moment.addresses, MobilityStatus) else []
    )
    when = "nobody makes them" if moment.watch_age is None else f"checked {moment.watch_age} s ago"
    is_stale = moment.watch_age is None or moment.watch_age > watch.STALE
    return [Line(f"failed checks: {clean(', '.join(failed)) or 'none'}; {when}", ILL if failed or is_stale else WELL)]


def _problems(live: Manifest, moment: Moment, servers: "Sequence[_ServerState]") -> list[Line]:
    found = [Line(f"{name}: not running", ILL) for name in moment.stopped]
    found += [
        Line(f"{name}: {clean(why)}", ILL)
        for name, why in moment.rates.items()
        if isinstance(why, str) and name not in moment.stopped
    ]
    for pool in live.pools:
        found += [Line(f"pool {pool.name}: {lost}", ILL) for lost in _lost_paths(pool, servers)]
    if moment.is_restricted:
        found.append(Line("what only root may see is missing: run this by sudo", DOUBTFUL))
    return found


def _lost_paths(pool: Pool, servers: "Sequence[_ServerState]") -> list[str]:
    """What to say of a pool that has no server up, or none by a transport, as one daemon or all of them judge."""
    of_pool = [each for each in servers if each.pool is pool and each.is_known]
    if of_pool and not any(each.serves for each in of_pool):
        return ["no server is up"]
    is_up: dict[str, dict[str, bool]] = {}
    for record in (record for each in of_pool for record in each.records):
        judges = is_up.setdefault(record.transport, {})
        judges[record.service] = judges.get(record.service, False) or record.rates.is_up
    lost: list[str] = []
    for transport, judges in is_up.items():
        if not any(judges.values()):
            lost.append(f"no server is up over {transport}")
            continue
        # Direct TCP and inspected TCP are two paths.
        lost += [f"no server is up over {transport} for {judge}" for judge, has_one in judges.items() if not has_one]
    return lost


def _answers(told: Iterable[Rates]) -> list[Table]:
    columns = {
        "QUERIES/s": activity.QUERIES,
        "NOERROR": activity.NOERROR,
        "NXDOMAIN": activity.NXDOMAIN,
        "SERVFAIL": activity.SERVFAIL,
        "OTHER": "",
        "TC": activity.TRUNCATED,
        "DROPPED": activity.DROPPED,
        "TIMEOUT": activity.TIMEOUTS,
        "OWN": activity.OWN_CHECKS,
    }
    found: list[Table] = []
    for each in told:
        if activity.QUERIES in each.totals:
            cached = share(each.totals.get(activity.CACHED), each.totals[activity.QUERIES])
            totals = {**each.totals, "": _other_codes(each)}
            cells = [*(rate(totals.get(name)) for name in columns.values()), cached]
            found.append(Table("", [*columns, "CACHED"], [Row(cells)], []))
    return found


def _other_codes(told: Rates) -> float | None:
    """Answers with other codes than those that are counted; the counters were not read at the very same time."""
    answers, *known = (
        told.totals.get(name) for name in (activity.ANSWERS, activity.NOERROR, activity.NXDOMAIN, activity.SERVFAIL)
    )
    return None if answers is None else max(0.0, answers - (_sum(known) or 0.0))


def _listeners(live: Manifest, told: Iterable[Rates]) -> list[Table]:
    merged: dict[str, ListenerRates] = {each.name: NOBODY for each in live.frontends or []}
    for each in told:
        for name, listener in each.listeners.items():
            merged[name] = _together(merged.get(name, NOBODY), listener)
    rows = [(name, each, _listener_level(each)) for name, each in merged.items()]
    rows.sort(key=lambda row: (RANKS[row[2]], -(row[1].queries or 0), -(row[1].connections or 0), row[0]))
    columns = ["LISTENER", "QUERIES/s", "REFUSED/s", "CONNECTIONS", "OF LIMIT", "NEW/s"]
    cells = [
        Row(
            [
                clean(name),
                rate(each.queries),
                rate(each.refused),
                count(each.connections),
                share(each.connections, each.limit),
                rate(each.opened),
            ],
            level,
        )
        for name, each, level in rows
    ]
    return [Table("", columns, cells, ["LISTENER"])] if cells else []


def _together(one: ListenerRates, other: ListenerRates) -> ListenerRates:
    """What two daemons tell of a listener: each serves some of the transports."""
    return ListenerRates(
        _sum([one.queries, other.queries]),
        _sum([one.opened, other.opened]),
        _sum([one.refused, other.refused]),
        _sum([one.connections, other.connections]),
        _sum([one.limit, other.limit]),
    )


def _listener_level(each: ListenerRates) -> str:
    if each.limit and (each.connections or 0) >= NEARLY_FULL * each.limit:
        return ILL
    return DOUBTFUL if each.refused else WELL


class _Record(NamedTuple):
    """A server in one daemon, by one transport."""

    service: str
    transport: str
    rates: ServerRates

    @property
    def judge(self) -> str:
        return f"{self.service} {self.transport}"


class _ServerState:
    """A server in all daemons."""

    def __init__(self, pool: Pool, server: Server, told: dict[str, Rates], moment: Moment) -> None:
        self.pool = pool
        self.name = f"{pool.name}/{server.name}"
        self.records = [
            _Record(service, daemons.by_name(service).transport_of(pool.name, label), known.servers[record])
            for service, known in told.items()
            for label, record in server.names.get(service, {}).items()
            if record in known.servers
        ]
        self.is_drained = self.name in moment.drained_servers
        self._down = [each.judge for each in self.records if not each.rates.is_up]

    @property
    def is_known(self) -> bool:
        return len(self.records) > 0

    @property
    def serves(self) -> bool:
        return len(self._down) < len(self.records)

    @property
    def state(self) -> tuple[str, str]:
        """A word, and how ill that is."""
        if self.is_drained:
            return "drained", DOUBTFUL
        if not self.is_known:
            return "unknown", DOUBTFUL
        if not self._down:
            return "up", WELL
        return ("partly", DOUBTFUL) if self.serves else ("DOWN", ILL)

    @property
    def queries(self) -> float | None:
        return _sum(each.rates.queries for each in self.records)

    def row(self) -> Row:
        word, level = self.state
        all_ = [each.rates for each in self.records]
        cells = [
            clean(self.name),
            word,
            rate(self.queries),
            rate(_sum(each.failures for each in all_)),
            count(_sum(each.outstanding for each in all_)),
            latency(max((each.latency for each in all_ if each.latency is not None), default=None)),
            count(_sum(each.connections for each in all_)),
            count(_sum(each.went_down for each in all_)),
            f"not up: {clean(', '.join(self._down))}" if word == "partly" else "",
        ]
        return Row(cells, level)


def _servers(servers: Sequence[_ServerState]) -> list[Table]:
    columns = ["SERVER", "STATE", "QUERIES/s", "FAILED/s", "WAITING", "LATENCY", "CONNS", "DOWNS", ""]
    ordered = sorted(servers, key=lambda each: (RANKS[each.state[1]], -(each.queries or 0), each.name))
    return [Table("", columns, [each.row() for each in ordered], ["SERVER", "STATE", ""])] if ordered else []


def _clients(live: Manifest, moment: Moment, most: int) -> list[Part]:
    found: list[Part] = []
    for name, known in moment.clients.items():
        if isinstance(known, str):
            # Of a daemon that is silent altogether, it stands above.
            if isinstance(moment.rates.get(name), Rates):
                found.append(Line(f"clients: {name}: {clean(known)}", DOUBTFUL))
            continue
        found += [*_asking(live, known, most), *_connected(known, most)]
    # Who asks the most stands above who is connected.
    return sorted(found, key=lambda part: isinstance(part, Table) and "QUERIES" not in part.columns)


def _asking(live: Manifest, known: Known, most: int) -> list[Table]:
    asking = known.clients.asking
    if asking is None:
        return []
    is_direct = any(each.tcp_path == "direct" for each in live.frontends or [])
    past = "a minute at most" if asking.seconds is None else f"the last {asking.seconds} s"
    left_out = ", without direct TCP" if is_direct else ""
    counted = f"{asking.queries:,} of {_clients_of(asking.clients)}"
    title = f"queries of {past}{_ago(known)}{left_out}: {counted}"
    rows = [
        Row(
            [
                clean(each.address),
                count(each.queries),
                share(each.queries, asking.queries),
                rate(None if asking.seconds is None else each.queries / asking.seconds),
                count(each.nxdomain),
                count(each.servfail),
            ]
        )
        for each in asking.busiest[:most]
    ]
    columns = ["CLIENT", "QUERIES", "SHARE", "QUERIES/s", "NXDOMAIN", "SERVFAIL"]
    return [Table(title, columns, rows, ["CLIENT"])]


def _connected(known: Known, most: int) -> list[Table]:
    connected = known.clients.connected
    if connected is None:
        return []
    counted = [each.connections for each in connected.clients if each.connections is not None]
    left_out = f", of clients with more than {connected.more_than}" if connected.more_than > 0 else ""
    title = f"connections over TCP{_ago(known)}{left_out}: {sum(counted):,} of {_clients_of(len(counted))}"
    rows = [Row([clean(each.address), count(each.connections), rate(each.opened)]) for each in connected.clients[:most]]
    return [Table(title, ["CLIENT", "CONNECTIONS", "NEW/s"], rows, ["CLIENT"])]


def _clients_of(number: int) -> str:
    return "1 client" if number == 1 else f"{number:,} clients"


def _ago(known: Known) -> str:
    return f", {age(known.age)} ago" if known.age >= OLD else ""


def _sum(values: Iterable[N | None]) -> N | None:
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None
