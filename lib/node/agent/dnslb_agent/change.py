"""Bringing a release into force on a node whose daemons run, or going back."""

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
    processes,
    reader,
    ready,
    release,
    servers,
    services,
    users,
)
from .daemons import Change
from .errors import Failure, NotUp
from .incoming import Candidate
from .locking import is_held
from .manifest import Manifest, Service
from .node import Node
from .report import Deadline, Stopwatch, complain, say
from .secrets import redactor

# Holds the release before, while a change is under way; one that is found was left behind by an agent that was killed.
UNDER_WAY = "changing"
# How long a daemon that was just started may take until it can be told of a release.
START_TIMEOUT = 10
# The way back is in no hurry.
BACK_TIMEOUT = 60
POLL = 0.1


def validate(node: Node, folder: str) -> None:
    """Judges a release that came in."""
    watch = Stopwatch()
    candidate = Candidate(node, folder)
    checks.check(node, candidate.folder, candidate.manifest)
    say(f"validated {watch}")


def apply(node: Node, folder: str, timeout: float) -> None:
    """Makes a release that came in the live one, or leaves everything as it was."""
    watch = Stopwatch()
    candidate = Candidate(node, folder)
    is_live = candidate.id == release.current(node) and not os.path.exists(node.at_state(UNDER_WAY))
    if is_live and release.identify(node.release(candidate.id), candidate.manifest) == candidate.id:
        say(f"unchanged {candidate.id}")
        return
    checks.check(node, candidate.folder, candidate.manifest)
    listeners.check(node, candidate.manifest)
    candidate.keep(node)
    say(f"validated {watch}")
    _change(node, candidate.id, candidate.manifest, timeout)
    release.prune(node)
    say(f"ready {candidate.id}")


def rollback(node: Node, timeout: float) -> None:
    """Makes the previous release live again, or the one before a change that was cut short."""
    cut = _before_cut(node)
    target = cut if cut is not None and _readable(node, cut) else release.previous(node)
    if target is None:
        raise Failure("there is no previous release")
    watch = Stopwatch()
    wanted = reader.read(node.release(target))
    release.prepare(node, users.find(wanted.user))
    checks.check(node, node.release(target), wanted)
    listeners.check(node, wanted)
    say(f"validated {watch}")
    _change(node, target, wanted, timeout)
    say(f"ready {target}")


def recover(node: Node) -> None:
    """Returns to the release before a change that was cut short; for a node whose daemons do not run yet."""
    old = _before_cut(node)
    # The mark stays, so that no release counts as unchanged before it has proved itself.
    if old is None or old == release.current(node):
        return
    if _readable(node, old) is None:
        complain(f"a change was cut short, and this agent cannot read release {old}: {release.current(node)} stays")
        return
    release.point(node.current, old)
    say(f"back to {old}, because a change was cut short")


def under_way(node: Node) -> str | None:
    """What became of a change that is not over; nothing when there is none."""
    if not os.path.exists(node.at_state(UNDER_WAY)):
        return None
    return "under way" if is_held(node) else "cut short"


def _change(node: Node, target: str, wanted: Manifest, timeout: float) -> None:
    old = release.current(node)
    before = release.previous(node)
    after = before if target in (old, _before_cut(node)) else old
    # A release of a newer agent is no reason to refuse this one, and nothing to return to.
    former = _readable(node, old) if old is not None else None
    _mark(node, old)
    move = _Move(node, timeout)
    try:
        try:
            move.to(target, wanted, former)
        except (Failure, OSError, KeyboardInterrupt) as failure:
            complain(_told(node, target, failure))
            if old is None or old == target or former is None:
                raise Failure("there is no earlier release to return to") from None
            _return(node, move, old, target, before)
            raise Failure(f"rolled back to {old}") from None
        release.point(node.previous, after)
        release.touch(node, target)
        os.unlink(node.at_state(UNDER_WAY))
        move.tidy()
    finally:
        move.end()


def _return(node: Node, move: "_Move", old: str, target: str, before: str | None) -> None:
    # From here on a second signal must not stop the way back.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        move.back(old, target)
    except (Failure, OSError) as failure:
        raise Failure(f"the way back to {old} failed too: {_told(node, old, failure)}") from None
    release.point(node.previous, before)
    os.unlink(node.at_state(UNDER_WAY))
    if target != before:
        release.remove(node, target)
    try:
        move.tidy()
    except Failure as failure:
        complain(str(failure))


class _Move:
    """Leads the running daemons from one release to another."""

    def __init__(self, node: Node, timeout: float) -> None:
        self._node = node
        self._timeout = timeout
        self._returns = False
        self._drained = False
        # By service: what the last reload left that left anything.
        self._afterwards: dict[str, Callable[[], None]] = {}
        self._touched: set[str] = set()
        # The processes before the link was turned, and all that ran before anything was done.
        self._found: dict[str, processes.Process] = {}
        self._ran: set[str] = set()

    def to(self, target: str, new: Manifest, former: Manifest | None) -> None:
        """Goes forward: every service takes the release."""
        self._go(target, new, former or new, {service.name for service in new.services})

    def back(self, target: str, old: str) -> None:
        """
        Goes back: services that were not touched on the way have nothing to undo. It takes the time that it needs,
        and restarts a daemon that does not take the release otherwise.
        """
        self._returns = True
        self._timeout = max(self._timeout, BACK_TIMEOUT)
        new, former = (reader.read(self._node.release(name)) for name in (target, old))
        self._go(target, new, former, set(self._touched))

    def _go(self, target: str, new: Manifest, former: Manifest, names: set[str]) -> None:
        node = self._node
        services.prepare(node, new)
        self._snapshot({service.name for each in (new, former) for service in each.services})
        release.point(node.current, target)
        failures: list[Exception] = []
        for service in new.services:
            if service.name in names:
                try:
                    self._activate(service, new, target)
                except (Failure, OSError) as failure:
                    if not self._returns:
                        raise
                    failures.append(failure)
        self._stop_others(former, new)
        running = [service.name for service in new.services if service.name in self._ran]
        ready.wait(node, new.ready, running, Deadline(self._timeout))
        if failures:
            raise failures[0]
        servers.keep_drained(node, new)

    def _snapshot(self, names: set[str]) -> None:
        found = {name: processes.find(self._node, name) for name in names}
        self._found = {name: process for name, process in found.items() if process is not None}
        self._ran |= set(self._found)

    def tidy(self) -> None:
        """Does what the daemons left to do for when the release has proved itself."""
        for afterwards in self._afterwards.values():
            afterwards()

    def end(self) -> None:
        if self._drained:
            drain.settle(self._node)

    def _activate(self, service: Service, new: Manifest, target: str) -> None:
        """Lets a service take the release; one that does not run begins with it anyway."""
        node = self._node
        self._touched.add(service.name)
        deadline = Deadline(START_TIMEOUT)
        while True:
            process = processes.find(node, service.name)
            if process is None or self._began_with(target, service.name, process):
                return
            if process.fingerprint != services.fingerprint(node.release(target), service):
                break
            try:
                self._reload(Change(node, service, process, node.release(target), new))
                return
            except (Failure, OSError) as failure:
                if isinstance(failure, NotUp) and deadline.pause(POLL):
                    continue
                if not self._returns:
                    raise
                complain(_told(node, target, failure))
                break
        self._restart(service, new, process)

    def _began_with(self, target: str, name: str, process: processes.Process) -> bool:
        return process.release == target and process != self._found.get(name)

    def _reload(self, change: Change) -> None:
        """Lets a running daemon take the release as it is."""
        daemon = daemons.of(change.service)
        afterwards = daemon.reload(change)
        if afterwards is not None:
            self._afterwards[daemon.name] = afterwards
        say(daemon.reloaded())

    def _restart(self, service: Service, new: Manifest, process: processes.Process) -> None:
        node = self._node
        self._drain(new)
        daemons.of(service).stop(process)
        deadline = Deadline(self._timeout)
        processes.await_start(node, service.name, process, deadline)
        own = [check for check in new.ready if check.service == service.name]
        ready.wait(node, own, [service.name], deadline)
        say(f"{service.name} restarted")

    def _drain(self, new: Manifest) -> None:
        """Hands the node's addresses over before a daemon is away."""
        node, role = self._node, mobility.of(new)
        if self._drained or drain.is_drained(node) or not role.takes_part(node):
            return
        self._drained = True
        drain.switch(node, True)
        if role.await_handover(node):
            say("node drained")
        else:
            complain("no other node took the virtual addresses; the restart is not free of loss")

    def _stop_others(self, old: Manifest, new: Manifest) -> None:
        for service in old.services:
            process = processes.find(self._node, service.name)
            if process is not None and new.service(service.name) is None:
                daemons.of(service).stop(process)
                say(f"{service.name} stopped")


def _before_cut(node: Node) -> str | None:
    """The release before a change that was cut short, if it is still there."""
    try:
        with open(node.at_state(UNDER_WAY), encoding="ascii", errors="replace") as file:
            old = file.read()
    except FileNotFoundError:
        return None
    return old if old and os.path.isdir(node.release(old)) else None


def _mark(node: Node, old: str | None) -> None:
    files.replace(node.at_state(UNDER_WAY), old or "", 0o600, sync=True)


def _readable(node: Node, name: str) -> Manifest | None:
    """What a release says of itself; nothing where a newer agent made it, so that this one could not go back to it."""
    try:
        return reader.read(node.release(name))
    except Failure:
        return None


def _told(node: Node, target: str, failure: BaseException) -> str:
    if isinstance(failure, KeyboardInterrupt):
        return "interrupted"
    folder = node.release(target)
    try:
        return redactor(folder, reader.read(folder))(str(failure))
    except Failure as unreadable:
        return str(unreadable)
