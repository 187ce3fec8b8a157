"""Activates a release on a node whose daemons run, and rolls back if a daemon does not accept it."""

import os
import signal
from collections.abc import Callable

from . import (
    checks,
    daemons,
    drain,
    files,
    listeners,
    mobility,
    pools,
    processes,
    progress,
    reader,
    ready,
    release,
    servers,
    services,
)
from .daemons import ReloadRequest
from .errors import Failure, NotReady
from .locking import is_locked
from .log import Deadline, Stopwatch, log_error, log_info
from .manifest import Manifest, Service
from .node import Node
from .secrets import redactor
from .staging import Candidate

# A file that exists while a change is under way and holds the id of the release before. An agent that finds one knows
# that a change was interrupted.
MARKER = "changing"
# Seconds until a daemon that has just started must accept a reload.
START_TIMEOUT = 10
# A rollback must succeed, so it may take longer.
ROLLBACK_TIMEOUT = 60
POLL = 0.1
# Seconds in which a new server passes its health checks.
FIRST_PROBES = 5


def validate(node: Node, folder: str) -> None:
    """Checks a release without activating it."""
    watch = Stopwatch()
    candidate = Candidate(node, folder)
    checks.check_release(node, candidate.folder, candidate.manifest)
    log_info(f"validated {watch}")


def apply(node: Node, folder: str, timeout: float) -> None:
    """Activates a release, or leaves the node as it was."""
    watch = Stopwatch()
    candidate = Candidate(node, folder)
    is_live = candidate.id == release.current(node) and not os.path.exists(node.state_path(MARKER))
    if is_live and release.compute_id(node.release_path(candidate.id), candidate.manifest) == candidate.id:
        _require_ready(node, candidate.id, candidate.manifest, timeout)
        _warn_of_dead_pools(candidate.manifest)
        log_info(f"unchanged {candidate.id}")
        return
    checks.check_release(node, candidate.folder, candidate.manifest)
    listeners.check_listeners(node, candidate.manifest)
    candidate.store(node)
    log_info(f"validated {watch}")
    _change(node, candidate.id, candidate.manifest, timeout)
    release.prune(node)
    _warn_of_dead_pools(candidate.manifest)
    log_info(f"ready {candidate.id}")


def rollback(node: Node, timeout: float) -> None:
    """Activates the previous release or, after an interrupted change, the release before that change."""
    cut = _release_before_interruption(node)
    target = cut if cut is not None and _try_read(node, cut) else release.previous(node)
    if target is None:
        raise Failure("there is no previous release")
    watch = Stopwatch()
    wanted = reader.read(node.release_path(target))
    release.create_directories(node, wanted)
    checks.check_release(node, node.release_path(target), wanted)
    listeners.check_listeners(node, wanted)
    log_info(f"validated {watch}")
    _change(node, target, wanted, timeout)
    log_info(f"ready {target}")


def recover(node: Node) -> None:
    """Points the node to the release before an interrupted change. Called before the daemons start."""
    old = _release_before_interruption(node)
    # The marker stays: until a change succeeds, `apply` must not skip a release as unchanged.
    if old is None or old == release.current(node):
        return
    if _try_read(node, old) is None:
        log_error(
            f"a change was cut short, and this agent cannot read release {old}; {release.current(node)} stays live"
        )
        return
    release.set_link(node.current_link, old)
    log_info(f"back to {old}, because a change was cut short")


def change_state(node: Node) -> str | None:
    """Whether a change is under way or was cut short; None if neither."""
    if not os.path.exists(node.state_path(MARKER)):
        return None
    return "under way" if is_locked(node) else "cut short"


def _require_ready(node: Node, name: str, live: Manifest, timeout: float) -> None:
    """
    Waits until the node does what its live release says: the next node may be changed after this one. Daemons that have
    not started yet, as after a start of the node, have the same time.
    """
    try:
        ready.wait_until_ready(node, live.ready, [service.name for service in live.services], Deadline(timeout))
        mobility.for_release(live).await_ready(node, Deadline(timeout))
    except Failure as failure:
        raise Failure(f"release {name} is live already, but the node is {failure}") from None


def _warn_of_dead_pools(live: Manifest) -> None:
    """Says which pools answer nobody. The node is what the release wants: its servers may come later than it."""
    for name in pools.dead_pools(live.watch, Deadline(FIRST_PROBES)):
        log_error(f"warning: {name}: no server passes its health checks; `dns-lb-agent status` shows them")


def _change(node: Node, target: str, wanted: Manifest, timeout: float) -> None:
    old = release.current(node)
    before = release.previous(node)
    after = before if target in (old, _release_before_interruption(node)) else old
    # The live release may come from a newer agent: then it can be replaced, but not restored.
    former = _try_read(node, old) if old is not None else None
    _write_marker(node, old)
    move = _Transition(node, timeout)
    try:
        try:
            move.forward(target, wanted, former)
        except (Failure, OSError, KeyboardInterrupt) as failure:
            log_error(_error_text(node, target, failure))
            if old is None or old == target or former is None:
                raise Failure("there is no earlier release to return to") from None
            _roll_back(node, move, old, target, before)
            raise Failure(f"rolled back to {old}") from None
        release.set_link(node.previous_link, after)
        release.mark_used(node, target)
        os.unlink(node.state_path(MARKER))
        move.run_cleanups()
    finally:
        move.end_drain()


def _roll_back(node: Node, move: "_Transition", old: str, target: str, before: str | None) -> None:
    # A second signal must not interrupt the rollback.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        move.back(old, target)
    except (Failure, OSError) as failure:
        raise Failure(f"the rollback to {old} failed too: {_error_text(node, old, failure)}") from None
    release.set_link(node.previous_link, before)
    os.unlink(node.state_path(MARKER))
    if target != before:
        release.remove(node, target)
    try:
        move.run_cleanups()
    except Failure as failure:
        log_error(str(failure))


class _Transition:
    """Takes the running daemons from one release to another."""

    def __init__(self, node: Node, timeout: float) -> None:
        self._node = node
        self._timeout = timeout
        self._is_rollback = False
        self._drained_by_us = False
        # What the node has come to.
        self._live: Manifest | None = None
        # By daemon: the cleanup that its last reload returned.
        self._cleanups: dict[str, Callable[[], None]] = {}
        self._attempted: set[str] = set()
        # The processes just before the link was set, and the names of all services that ran before the change.
        self._processes_before: dict[str, processes.Process] = {}
        self._was_running: set[str] = set()

    def forward(self, target: str, new: Manifest, former: Manifest | None) -> None:
        """Activates a release in every service."""
        self._activate_release(target, new, former or new, {service.name for service in new.services})

    def back(self, target: str, old: str) -> None:
        """
        Rolls back the services that were activated on the way forward. Restarts a daemon that does not accept the
        release by a reload.
        """
        self._is_rollback = True
        self._timeout = max(self._timeout, ROLLBACK_TIMEOUT)
        new, former = (reader.read(self._node.release_path(name)) for name in (target, old))
        self._activate_release(target, new, former, set(self._attempted))

    def _activate_release(self, target: str, new: Manifest, former: Manifest, names: set[str]) -> None:
        node = self._node
        services.create_run_directory(node, new)
        if not self._is_rollback and not mobility.for_release(new).has_failover:
            # The node leaves its pair: daemons that take the release first would not answer at the addresses any more.
            self._drain_node(former, "while the release is applied")
        self._snapshot({service.name for each in (new, former) for service in each.services})
        release.set_link(node.current_link, target)
        self._live = new
        failures: list[Exception] = []
        for service in new.services:
            if service.name in names:
                try:
                    self._activate_service(service, new, target)
                except (Failure, OSError) as failure:
                    if not self._is_rollback:
                        raise
                    failures.append(failure)
        self._stop_removed(former, new)
        # What has stopped may have taken some of them with it.
        mobility.for_release(new).place_addresses(node)
        running = [service.name for service in new.services if service.name in self._was_running]
        ready.wait_until_ready(node, new.ready, running, Deadline(self._timeout))
        if not self._is_rollback and self._has_begun_anew(new):
            mobility.for_release(new).await_ready(node, Deadline(self._timeout))
        if failures:
            raise failures[0]
        servers.reapply_drains(node, new)

    def _has_begun_anew(self, new: Manifest) -> bool:
        """Whether the service that brings addresses to the node has not run since before the change."""
        name = getattr(new.mobility, "service", None)
        before = None if name is None else self._processes_before.get(name)
        return name is not None and (before is None or processes.find_running(self._node, name) != before)

    def _snapshot(self, names: set[str]) -> None:
        found = {name: processes.find_running(self._node, name) for name in names}
        self._processes_before = {name: process for name, process in found.items() if process is not None}
        self._was_running |= set(self._processes_before)

    def run_cleanups(self) -> None:
        """Runs the cleanups that the daemons left for the time when the release is known to work."""
        for afterwards in self._cleanups.values():
            afterwards()

    def end_drain(self) -> None:
        if self._drained_by_us:
            drain.restore_requested_state(self._node)
            if not drain.is_drained(self._node) and self._live is not None:
                # The next node may be changed after this one.
                mobility.for_release(self._live).await_return(self._node)

    def _activate_service(self, service: Service, new: Manifest, target: str) -> None:
        """Reloads or restarts a service, as the release requires. One that is not running starts with the release."""
        node = self._node
        self._attempted.add(service.name)
        deadline = Deadline(START_TIMEOUT)
        with progress.step(f"loading the release into {service.name}"):
            while True:
                process = processes.find_running(node, service.name)
                if process is None or self._started_with(target, service.name, process):
                    return
                if process.fingerprint != services.fingerprint(node.release_path(target), service):
                    break
                try:
                    self._reload(ReloadRequest(node, service, process, node.release_path(target), new))
                    return
                except (Failure, OSError) as failure:
                    if isinstance(failure, NotReady) and deadline.pause(POLL):
                        continue
                    if not self._is_rollback:
                        raise
                    log_error(_error_text(node, target, failure))
                    break
        self._restart(service, new, process)

    def _started_with(self, target: str, name: str, process: processes.Process) -> bool:
        return process.release == target and process != self._processes_before.get(name)

    def _reload(self, change: ReloadRequest) -> None:
        """Reloads a running daemon."""
        daemon = daemons.for_service(change.service)
        afterwards = daemon.reload(change)
        if afterwards is not None:
            self._cleanups[daemon.name] = afterwards
        log_info(daemon.reload_message())

    def _restart(self, service: Service, new: Manifest, process: processes.Process) -> None:
        node = self._node
        self._drain_node(new, "during the restart")
        daemons.for_service(service).stop(process)
        deadline = Deadline(self._timeout)
        processes.wait_for_start(node, service.name, process, deadline)
        own = [check for check in new.ready if check.service == service.name]
        ready.wait_until_ready(node, own, [service.name], deadline)
        log_info(f"{service.name} restarted")

    def _drain_node(self, live: Manifest, when: str) -> None:
        """Drains the node, so that another node has its addresses meanwhile."""
        node, role = self._node, mobility.for_release(live)
        if self._drained_by_us or drain.is_drained(node) or not role.can_hand_over(node):
            return
        self._drained_by_us = True
        drain.write_drain_file(node, True)
        reason = role.await_handover(node)
        if reason is None:
            log_info("node drained")
        else:
            log_error(f"{reason}; queries may be lost {when}")

    def _stop_removed(self, old: Manifest, new: Manifest) -> None:
        for service in old.services:
            process = processes.find_running(self._node, service.name)
            if process is not None and new.service(service.name) is None:
                daemon = daemons.for_service(service)
                daemon.stop(process)
                daemon.clear(old)
                log_info(f"{service.name} stopped")


def _release_before_interruption(node: Node) -> str | None:
    """The release before an interrupted change, if it is still stored."""
    try:
        with open(node.state_path(MARKER), encoding="ascii", errors="replace") as file:
            old = file.read()
    except FileNotFoundError:
        return None
    return old if old and os.path.isdir(node.release_path(old)) else None


def _write_marker(node: Node, old: str | None) -> None:
    files.write_atomically(node.state_path(MARKER), old or "", 0o600, sync=True)


def _try_read(node: Node, name: str) -> Manifest | None:
    """The manifest of a release; None if this agent cannot read it, because a newer agent stored it."""
    try:
        return reader.read(node.release_path(name))
    except Failure:
        return None


def _error_text(node: Node, target: str, failure: BaseException) -> str:
    if isinstance(failure, KeyboardInterrupt):
        return "interrupted"
    folder = node.release_path(target)
    try:
        return redactor(folder, reader.read(folder))(str(failure))
    except Failure as unreadable:
        return str(unreadable)
