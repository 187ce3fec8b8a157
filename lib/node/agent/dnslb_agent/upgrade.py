"""
Brings the packages of the daemons up to date, and restarts what runs an older program or library than is installed,
while another node has the addresses.
"""

import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from . import (
    checks,
    daemons,
    drain,
    installation,
    mobility,
    outdated,
    packages,
    processes,
    progress,
    reader,
    ready,
    release,
    servers,
    upkeep,
    watch,
)
from .errors import Failure
from .locking import locked
from .log import Deadline, Stopwatch, log_info
from .manifest import Manifest, Service
from .node import Node

# Seconds.
OTHERS_TIMEOUT = 3
CHECKS_TIMEOUT = 15
SETTLED_TIMEOUT = 1
POLL = 0.2


class Request(NamedTuple):
    """What an operator asks for."""

    # None: those of all daemons of the node.
    packages: Sequence[str] | None
    restart_only: bool
    # Also while no other node serves.
    force: bool
    # Seconds until a daemon that was restarted answers, and until other agents are done.
    timeout: float
    wait: float


def run(node: Node, request: Request) -> None:
    if not installation.is_on_host():
        raise Failure("the daemons of this node come with its image: deploy another one")
    with installation.locked(node, request.wait):
        _run(node, request)


def _run(node: Node, request: Request) -> None:
    wanted = _packages(_live(node), request.packages)
    found: list[str] = []
    if not request.restart_only:
        with progress.step("reading the lists of packages"):
            packages.refresh()
        on_hold = packages.held(wanted)
        if on_hold:
            log_info(f"held, and left as it is: {', '.join(on_hold)}")
        wanted = [name for name in wanted if name not in on_hold]
        found = packages.newer(wanted)
        if found:
            with progress.step(f"downloading {', '.join(wanted)}"):
                packages.download(wanted)
    with locked(node, request.wait):
        drain.restore_requested_state(node)
        # It may have changed meanwhile.
        live = _live(node)
        if not found and not _outdated(node, live):
            log_info("nothing is newer, and no restart is due")
            return
        _refuse_without_others(node, live, request)
        _Upgrade(node, live, request).run(wanted if found else [], found)


def _live(node: Node) -> Manifest:
    if release.current(node) is None:
        raise Failure("this node has no release yet")
    return reader.read(node.current_link)


def _packages(live: Manifest, wanted: Sequence[str] | None) -> list[str]:
    speakers = [daemons.for_service(service) for service in live.services]
    own = [each.package or each.name for each in speakers if each.is_packaged]
    strangers = [name for name in wanted or [] if name not in own]
    if strangers:
        raise Failure(f"{', '.join(strangers)}: not a package of a daemon of this node, which are {', '.join(own)}")
    return [name for name in own if wanted is None or name in wanted]


def _outdated(node: Node, live: Manifest) -> list[Service]:
    due = outdated.restarts_due(node, live)
    return [service for service in live.services if due.get(service.name)]


def _refuse_without_others(node: Node, live: Manifest, request: Request) -> None:
    if request.force:
        return
    reason = mobility.for_release(live).problem_of_others(node, live, OTHERS_TIMEOUT)
    if reason is not None:
        raise Failure(f"{reason}; nothing was changed; --force does it all the same, and queries are lost meanwhile")


class _Upgrade:
    def __init__(self, node: Node, live: Manifest, request: Request) -> None:
        self._node = node
        self._live = live
        self._request = request
        self._role = mobility.for_release(live)
        self._restarted: list[str] = []

    def run(self, wanted: list[str], found: list[str]) -> None:
        # From here on it goes to its end, also if whoever called it is gone. Not SIG_IGN: programs would inherit that.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _ignore)
        elapsed = Stopwatch()
        try:
            self._drain()
            if wanted:
                _say(f"installs {', '.join(found)}")
                with progress.step(f"installing {', '.join(wanted)}"):
                    packages.install(wanted)
            self._restart_outdated()
            self._await_checks()
            # Again: a daemon that ends soon after each start may have looked well in between.
            self._await_daemons()
        except (Failure, OSError) as failure:
            raise self._failed(failure, found) from None
        drain.restore_requested_state(self._node)
        if not drain.is_drained(self._node):
            # The next node may be upgraded after this one.
            self._role.await_return(self._node)
        upkeep.publish(self._node, self._live)
        what = f"restarted {', '.join(self._restarted)}" if self._restarted else "no restart was due"
        _say(f"upgraded {elapsed}, {what}")

    def _drain(self) -> None:
        node = self._node
        if not self._role.has_failover:
            return
        if not drain.is_drained(node):
            drain.write_drain_file(node, True)
        reason = self._role.await_handover(node)
        if reason is None:
            _say("node drained")
        elif not self._request.force:
            raise Failure(f"{reason}; nothing was changed")

    def _restart_outdated(self) -> None:
        node, live = self._node, self._live
        due = _outdated(node, live)
        if not due:
            return
        missing = [service.name for service in due if not _is_installed(service)]
        if missing:
            raise Failure(f"the program of {' and '.join(missing)} is gone, and a restart would fail")
        try:
            checks.check_release(node, node.release_path(release.current(node) or ""), live)
        except Failure as failure:
            raise Failure(f"the new programs do not take the live release, so none was started: {failure}") from None
        for service in due:
            process = processes.find_running(node, service.name)
            # It may have crashed, and runs what is installed then.
            if process is None or not outdated.outdated_files(node, service):
                continue
            self._refuse_to_go_on_alone(service)
            daemons.for_service(service).stop(process)
            deadline = Deadline(self._request.timeout)
            processes.wait_for_start(node, service.name, process, deadline)
            own = [check for check in live.ready if check.service == service.name]
            ready.wait_until_ready(node, own, [service.name], deadline)
            self._restarted.append(service.name)
            _say(f"{service.name} restarted")
        self._await_daemons()
        servers.reapply_drains(node, live)

    def _refuse_to_go_on_alone(self, service: Service) -> None:
        """Before each restart, because the other node may fail at any time."""
        if self._request.force:
            return
        reason = self._role.problem_of_others(self._node, self._live, OTHERS_TIMEOUT)
        if reason is not None:
            raise Failure(f"{reason}; {service.name} was not restarted")
        reason = self._role.await_handover(self._node) if self._role.has_failover else None
        if reason is not None:
            raise Failure(f"the addresses came back, {reason}; {service.name} was not restarted")

    def _await_daemons(self) -> None:
        running = [service.name for service in self._live.services]
        ready.wait_until_ready(self._node, self._live.ready, running, Deadline(self._request.timeout))

    def _await_checks(self) -> None:
        """The other node may follow when this one could lead: the watch knows it some seconds after daemons answer."""
        deadline = Deadline(CHECKS_TIMEOUT)
        with progress.step("waiting until all checks pass", deadline.seconds) as step:
            while failed := watch.failed_checks(self._node, self._live.watch):
                step.reason = f"{', '.join(failed)} fails"
                if not deadline.pause(POLL):
                    _say("goes on while checks fail; see: dns-lb-agent status")
                    return

    def _failed(self, failure: Exception, found: list[str]) -> Failure:
        """A node whose daemons answer takes part again, one whose daemons do not stays drained."""
        node, live = self._node, self._live
        lines = [str(failure)]
        if self._restarted:
            lines.append(f"restarted before: {', '.join(self._restarted)}")
        if found:
            lines.append(f"was to be installed: {', '.join(found)}")
        try:
            running = [service.name for service in live.services]
            ready.wait_until_ready(node, live.ready, running, Deadline(SETTLED_TIMEOUT))
            drain.restore_requested_state(node)
            lines.append("all daemons answer, and the node takes part as before")
        except Failure as reason:
            lines.append(f"the node is {reason}")
            if self._role.has_failover:
                drain.set_requested(node, drain.NODE, True)
                drain.restore_requested_state(node)
                lines.append("it stays drained; when it is ready again, say: dns-lb-agent undrain")
        return Failure("\n".join(lines))


def _is_installed(service: Service) -> bool:
    return shutil.which(service.command[0]) is not None


def _ignore(number: int, frame: object) -> None:
    pass


def _say(text: str) -> None:
    # Whoever called may be gone.
    with suppress(OSError):
        log_info(text)
