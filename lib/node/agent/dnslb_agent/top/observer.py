"""Reads the node again and again, and makes rates of two readings."""

import os
import time
from functools import partial

from .. import change, daemons, drain, mobility, processes, reader, release, servers, users, watch
from ..errors import Failure
from ..log import Deadline
from ..manifest import Manifest, Service
from ..mobility import MobilityStatus
from ..node import Node
from .activity import Activity, Clients
from .moment import Known, Moment
from .rates import Rates, Reading, rates
from .sources import Answer, Source

# Seconds until a daemon counts as silent; until a console is given up, which has more to do; and at the end until those
# are given up that are under way, which stop the programs then that they have started.
TIMEOUT = 0.8
CONSOLE_TIMEOUT = 3.0
END_TIMEOUT = CONSOLE_TIMEOUT + 0.4
# Seconds between two times that what costs more, or moves slowly, is asked; and for which what was said is shown.
SELDOM = 5.0
KEPT = 20.0


class Observer:
    def __init__(self, node: Node, clients: int, interval: float) -> None:
        self._node = node
        # Who is slow is heard only the next time.
        self._keeps = max(KEPT, 2 * interval)
        self._wanted_clients = clients
        self._release = ""
        self._live: Manifest | None = None
        self._activities: dict[str, Source[Activity]] = {}
        self._clients: dict[str, Source[Clients]] = {}
        self._addresses: Source[MobilityStatus] | None = None
        # Of releases before, which have yet to answer.
        self._former: list[Source[Activity] | Source[Clients] | Source[MobilityStatus]] = []
        self._before: dict[str, Reading] = {}

    def observe(self) -> tuple[Manifest, Moment]:
        """The node now; with rates from the second time on."""
        live = self._take_release()
        for source in self._sources():
            source.begin()
        deadline = Deadline(TIMEOUT)
        activities = {name: source.result(deadline) for name, source in self._activities.items()}
        clients = {name: source.result(deadline) for name, source in self._clients.items()}
        addresses = "unknown" if self._addresses is None else self._addresses.result(deadline)
        return live, self._moment(live, activities, clients, addresses)

    def close(self) -> None:
        deadline = Deadline(END_TIMEOUT)
        for source in (*self._former, *self._sources()):
            source.end(deadline)

    def _sources(self) -> "list[Source[Activity] | Source[Clients] | Source[MobilityStatus]]":
        addresses = [] if self._addresses is None else [self._addresses]
        return [*self._activities.values(), *self._clients.values(), *addresses]

    def _take_release(self) -> Manifest:
        """The live release, which may have become another."""
        node, name = self._node, release.current(self._node)
        if name is None:
            raise Failure("this node has no release yet")
        if self._live is None or name != self._release:
            live = reader.read(node.release_path(name))
            users.join_group(users.find(live.user))
            self._former = [each for each in (*self._former, *self._sources()) if each.is_under_way]
            counting = [service for service in live.services if daemons.for_service(service).has_measures]
            self._activities = {service.name: Source(partial(_activity, node, service)) for service in counting}
            self._clients = {
                service.name: Source(partial(_clients, node, service, self._wanted_clients), SELDOM, self._keeps)
                for service in counting
            }
            self._addresses = Source(partial(mobility.for_release(live).status, node), SELDOM, self._keeps)
            self._live, self._release = live, name
        return self._live

    def _moment(
        self,
        live: Manifest,
        activities: "dict[str, Answer[Activity] | str]",
        clients: "dict[str, Answer[Clients] | str]",
        addresses: "Answer[MobilityStatus] | str",
    ) -> Moment:
        node = self._node
        now = time.monotonic()
        return Moment(
            now=time.time(),
            load=_load(),
            release=self._release,
            since=os.lstat(node.current_link).st_mtime,
            change=change.change_state(node),
            drained=drain.is_drained(node),
            failed_checks=watch.failed_checks(node, live.watch),
            watch_age=watch.age(node, live.watch),
            stopped=[each.name for each in live.services if processes.find_running(node, each.name) is None],
            addresses=addresses.value if isinstance(addresses, Answer) else addresses,
            drained_servers=frozenset(servers.drained_servers(node)),
            rates={name: self._rates(name, answer) for name, answer in activities.items()},
            clients={
                name: Known(answer.value, now - answer.at) if isinstance(answer, Answer) else answer
                for name, answer in clients.items()
            },
            is_restricted=os.geteuid() not in (0, os.stat(node.state).st_uid),
        )

    def _rates(self, name: str, answer: "Answer[Activity] | str") -> Rates | str:
        if not isinstance(answer, Answer):
            return answer
        now = Reading(answer.at, answer.value)
        found = rates(self._before.get(name), now)
        self._before[name] = now
        return found


def _activity(node: Node, service: Service) -> Activity:
    found = daemons.for_service(_running(node, service)).activity(node, service, TIMEOUT)
    return Activity("") if found is None else found


def _clients(node: Node, service: Service, count: int) -> Clients:
    found = daemons.for_service(_running(node, service)).clients(node, service, count, CONSOLE_TIMEOUT)
    return Clients() if found is None else found


def _running(node: Node, service: Service) -> Service:
    if processes.find_running(node, service.name) is None:
        raise Failure("does not run")
    return service


def _load() -> tuple[float, float, float] | None:
    try:
        return os.getloadavg()
    except OSError:
        return None
