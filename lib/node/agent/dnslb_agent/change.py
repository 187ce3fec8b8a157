"""Bringing a release into force on a node whose daemons run, or going back."""

import os
import signal
import time
from typing import Dict, List, Optional, Set

from . import checks, dnsdist, drain, haproxy, known_servers, listeners, manifest, ready, release, services, users
from .commands import call, environment
from .errors import Failure, NotUp
from .locking import is_held
from .manifest import Command, DnsdistConsole, HaproxyMaster, Manifest, Service
from .node import Node
from .report import Deadline, Stopwatch, complain, say
from .secrets import redactor

# Holds the release before, while a change is under way; one that is found was left behind by an agent that was killed.
UNDER_WAY = "changing"
COMMAND_TIMEOUT = 30
SETTLE = 0.3
# How long a daemon that was just started may take until it can be told of a release.
START_TIMEOUT = 10
# The way back is in no hurry.
BACK_TIMEOUT = 60
POLL = 0.1
# What control programs say of a daemon that does not listen yet.
UNHEARD = ("Connection refused", "No such file or directory")


def validate(node: Node, bundle: str) -> None:
    """Judges a bundle and leaves nothing behind."""
    watch = Stopwatch()
    with release.staged(node, bundle) as staged:
        checks.check(node, staged.folder, staged.manifest)
    say(f"validated {watch}")


def apply(node: Node, bundle: str, timeout: float) -> None:
    """Makes a bundle the live release, or leaves everything as it was."""
    watch = Stopwatch()
    with release.staged(node, bundle) as staged:
        if staged.id == release.current(node) and not os.path.exists(node.at_state(UNDER_WAY)):
            if release.identify(node.release(staged.id), staged.manifest) == staged.id:
                say(f"unchanged {staged.id}")
                return
        checks.check(node, staged.folder, staged.manifest)
        listeners.check(node, staged.folder, staged.manifest)
        staged.keep(node)
    say(f"validated {watch}")
    _change(node, staged.id, timeout)
    release.prune(node)
    say(f"ready {staged.id}")


def rollback(node: Node, timeout: float) -> None:
    """Makes the previous release live again, or the one before a change that was cut short."""
    target = _before_cut(node) or release.previous(node)
    if target is None:
        raise Failure("there is no previous release")
    watch = Stopwatch()
    wanted = manifest.read(node.release(target))
    release.prepare(node, users.find(wanted.user))
    checks.check(node, node.release(target), wanted)
    listeners.check(node, node.release(target), wanted)
    say(f"validated {watch}")
    _change(node, target, timeout)
    say(f"ready {target}")


def recover(node: Node) -> None:
    """Returns to the release before a change that was cut short; for a node whose daemons do not run yet."""
    old = _before_cut(node)
    # The mark stays, so that no release counts as unchanged before it has proved itself.
    if old is not None and old != release.current(node):
        release.point(node.current, old)
        say(f"back to {old}, because a change was cut short")


def under_way(node: Node) -> Optional[str]:
    """What became of a change that is not over; nothing when there is none."""
    if not os.path.exists(node.at_state(UNDER_WAY)):
        return None
    return "under way" if is_held(node) else "cut short"


def _change(node: Node, target: str, timeout: float) -> None:
    old = release.current(node)
    before = release.previous(node)
    after = before if target in (old, _before_cut(node)) else old
    _mark(node, old)
    move = _Move(node, timeout)
    try:
        try:
            move.to(target, old)
        except (Failure, OSError, KeyboardInterrupt) as failure:
            complain(_told(node, target, failure))
            if old is None or old == target:
                raise Failure("there is no earlier release to return to") from None
            _return(node, move, old, target, before)
            raise Failure(f"rolled back to {old}") from None
        release.point(node.previous, after)
        release.touch(node, target)
        os.unlink(node.at_state(UNDER_WAY))
        move.tidy()
    finally:
        move.end()


def _return(node: Node, move: "_Move", old: str, target: str, before: Optional[str]) -> None:
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
        self._swapped: Optional[float] = None
        self._console: Optional[dnsdist.Console] = None
        self._touched: Set[str] = set()
        # The processes before the link was turned, and all that ran before anything was done.
        self._found: Dict[str, services.Process] = {}
        self._ran: Set[str] = set()

    def to(self, target: str, old: Optional[str]) -> None:
        """Goes forward: every service takes the release."""
        new = manifest.read(self._node.release(target))
        self._go(target, old, {service.name for service in new.services})

    def back(self, target: str, old: str) -> None:
        """
        Goes back: services that were not touched on the way have nothing to undo. It takes the time that it needs,
        and restarts a daemon that does not take the release otherwise.
        """
        self._returns = True
        self._timeout = max(self._timeout, BACK_TIMEOUT)
        self._go(target, old, set(self._touched))

    def _go(self, target: str, old: Optional[str], names: Set[str]) -> None:
        node = self._node
        new = manifest.read(node.release(target))
        former = manifest.read(node.release(old)) if old is not None else new
        services.prepare(node, new)
        self._look({service.name for each in (new, former) for service in each.services})
        release.point(node.current, target)
        failures: List[Exception] = []
        for service in new.services:
            if service.name in names:
                try:
                    self._bring(service, new, target)
                except (Failure, OSError) as failure:
                    if not self._returns:
                        raise
                    failures.append(failure)
        self._stop_others(former, new)
        running = [service.name for service in new.services if service.name in self._ran]
        ready.wait(node, new.ready, running, Deadline(self._timeout))
        if failures:
            raise failures[0]
        drain.keep_drained(node, new)

    def _look(self, names: Set[str]) -> None:
        found = {name: services.find(self._node, name) for name in names}
        self._found = {name: process for name, process in found.items() if process is not None}
        self._ran |= set(self._found)

    def tidy(self) -> None:
        if self._swapped is not None and self._console is not None:
            self._console.tidy(self._swapped)

    def end(self) -> None:
        if self._drained:
            drain.settle(self._node)

    def _bring(self, service: Service, new: Manifest, target: str) -> None:
        """Lets a service take the release; one that does not run begins with it anyway."""
        node = self._node
        self._touched.add(service.name)
        deadline = Deadline(START_TIMEOUT)
        while True:
            process = services.find(node, service.name)
            if process is None or self._began_with(target, service.name, process):
                return
            if process.fingerprint != services.fingerprint(node.release(target), service):
                break
            try:
                self._tell(service, process, node.release(target))
                return
            except (Failure, OSError) as failure:
                if isinstance(failure, NotUp) and deadline.pause(POLL):
                    continue
                if not self._returns:
                    raise
                complain(_told(node, target, failure))
                break
        self._restart(service, new, process)

    def _began_with(self, target: str, name: str, process: services.Process) -> bool:
        return process.release == target and process != self._found.get(name)

    def _tell(self, service: Service, process: services.Process, folder: str) -> None:
        """Lets a running daemon take the release as it is."""
        node = self._node
        user = users.find(service.user)
        if isinstance(service.reload, HaproxyMaster):
            with known_servers.handed_over(node, user, folder):
                haproxy.reload(node.fill([service.reload.socket], folder)[0], user)
            say(f"{service.name} reloaded")
        elif isinstance(service.reload, DnsdistConsole):
            self._console = dnsdist.Console(node, user)
            if self._console.swap(folder):
                self._swapped = time.monotonic()
            say("dnsdist policy swapped")
        elif isinstance(service.reload, Command):
            words = node.fill(service.reload.command, folder)
            outcome = call(words, COMMAND_TIMEOUT, user, environment(folder))
            if outcome.status != 0:
                kind = NotUp if any(words in outcome.output for words in UNHEARD) else Failure
                raise kind(f"{service.name} did not take the release: {outcome.output.strip()}")
            say(f"{service.name} reloaded")
        else:
            number = signal.Signals[f"SIG{service.reload.signal}"]
            if not services.hears(node, service, process, number):
                raise NotUp(f"{service.name} does not listen to signals")
            services.send(process, number)
            time.sleep(SETTLE)
            if not process.alive():
                raise Failure(f"{service.name} died of the release")
            say(f"{service.name} reloaded")

    def _restart(self, service: Service, new: Manifest, process: services.Process) -> None:
        node = self._node
        self._drain(new)
        services.stop(service.name, process)
        deadline = Deadline(self._timeout)
        services.await_start(node, service.name, process, deadline)
        own = [check for check in new.ready if check.service == service.name]
        ready.wait(node, own, [service.name], deadline)
        say(f"{service.name} restarted")

    def _drain(self, new: Manifest) -> None:
        node = self._node
        if self._drained or drain.is_drained(node) or new.service("keepalived") is None:
            return
        if services.find(node, "keepalived") is None:
            return
        self._drained = True
        drain.switch(node, True)
        if drain.await_handover(node):
            say("node drained")
        else:
            complain("no other node took the virtual addresses; the restart is not free of loss")

    def _stop_others(self, old: Manifest, new: Manifest) -> None:
        for service in old.services:
            process = services.find(self._node, service.name)
            if process is not None and new.service(service.name) is None:
                services.stop(service.name, process)
                say(f"{service.name} stopped")


def _before_cut(node: Node) -> Optional[str]:
    """The release before a change that was cut short, if it is still there."""
    try:
        with open(node.at_state(UNDER_WAY), encoding="ascii", errors="replace") as file:
            old = file.read()
    except FileNotFoundError:
        return None
    return old if old and os.path.isdir(node.release(old)) else None


def _mark(node: Node, old: Optional[str]) -> None:
    fresh = node.at_state(f"{UNDER_WAY}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(old or "")
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, node.at_state(UNDER_WAY))


def _told(node: Node, target: str, failure: BaseException) -> str:
    if isinstance(failure, KeyboardInterrupt):
        return "interrupted"
    folder = node.release(target)
    try:
        return redactor(folder, manifest.read(folder))(str(failure))
    except Failure as unreadable:
        return str(unreadable)
