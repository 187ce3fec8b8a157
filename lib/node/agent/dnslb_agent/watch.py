"""Telling keepalived, for as long as the node runs, how its daemons and pools do."""

import math
import os
import signal
import threading
import time
from typing import List, NamedTuple, Optional, Union

from . import manifest, query, tracked
from .errors import Failure
from .manifest import DaemonWatch, DnsCheck, PoolWatch, Watch
from .node import Node
from .ready import LOCAL, probe
from .report import complain, say

PULSE = "watch"
PULSE_INTERVAL = 1.0
# A check that has not been made for so long hangs, whatever it waits for.
STALE = 3.0
DNS_PORT = 53

WatchCheck = Union[DaemonWatch, PoolWatch]


class Result(NamedTuple):
    passed: bool
    # Whether it is proved, or only what the peer believes of its servers.
    proved: bool = True
    # Whether the peer has no servers either.
    shared: bool = False


PASSED = Result(True)
SHARED = Result(True, shared=True)
FAILED = Result(False)
CLAIMED = Result(False, proved=False)


def watch(node: Node) -> None:
    """Watches what the live release says until it is told to end, and anew when it is told of another release."""
    # Blocked, they wait for this loop, and the agent sees that they are heard.
    signals = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    while True:
        wanted = manifest.read(node.current).watch
        if wanted is None:
            raise Failure("the live release has nothing to watch")
        watchers = [_Watcher(node, wanted, check) for check in wanted.checks]
        _forget(node, [check.name for check in wanted.checks])
        for watcher in watchers:
            watcher.start()
        number = _live(node, watchers, signals)
        for watcher in watchers:
            watcher.end()
        for watcher in watchers:
            watcher.join()
        if number != signal.SIGHUP:
            return


def failed(node: Node, wanted: Optional[Watch]) -> List[str]:
    """The checks that fail now."""
    checks = wanted.checks if wanted is not None else []
    return [check.name for check in checks if tracked.read(_path(node, check.name)) == 1]


def _live(node: Node, watchers: "List[_Watcher]", signals: "set[signal.Signals]") -> int:
    """Shows that the checks are alive until a signal comes."""
    while True:
        stale = time.monotonic() - STALE
        dead = [watcher.name for watcher in watchers if watcher.turned < stale]
        if not dead:
            tracked.write(node.at_run(PULSE), int(time.clock_gettime(time.CLOCK_BOOTTIME)))
        if any(not watcher.is_alive() for watcher in watchers):
            raise Failure(f"lost the checks {', '.join(dead) or 'of a thread that ended'}")
        received = signal.sigtimedwait(signals, PULSE_INTERVAL)
        # Where the process was stopped for longer than that, Python tells of a signal that nobody sent.
        if received is not None and received.si_signo in signals:
            return received.si_signo


class _Watcher(threading.Thread):
    """One check, made again and again."""

    def __init__(self, node: Node, watch: Watch, check: WatchCheck) -> None:
        super().__init__(name=check.name, daemon=True)
        self.turned = time.monotonic()
        self._path = _path(node, check.name)
        self._watch = watch
        self._check = check
        self._ended = threading.Event()
        # A daemon proves itself first, a pool is innocent first; what was known before holds on.
        known = tracked.read(self._path)
        failing = known == 1 if known is not None else isinstance(check, DaemonWatch)
        patience = check.patience if isinstance(check, PoolWatch) else 0.0
        # What nobody has said before is believed as soon as a failure would be.
        rise = watch.fall if known is None else watch.rise
        self._judgement = Judgement(failing, watch.fall, rise, patience)
        self._told = -math.inf
        self._tell()

    def run(self) -> None:
        while not self._ended.is_set():
            start = time.monotonic()
            self.turned = start
            if self._judgement.hear(ask(self._check, self._watch.timeout), time.monotonic()):
                self._judgement.rise = self._watch.rise
                self._told = -math.inf
                say(f"{self.name} {'fails' if self._judgement.failing else 'passes'}")
            # Now and then again: somebody may have removed the file, or keepalived not have looked.
            if start - self._told >= PULSE_INTERVAL:
                self._tell()
            self._ended.wait(max(0.0, start + self._watch.interval - time.monotonic()))

    def end(self) -> None:
        self._ended.set()

    def _tell(self) -> None:
        self._told = time.monotonic()
        try:
            tracked.write(self._path, int(self._judgement.failing))
        except OSError as error:
            complain(f"{self.name} cannot be told: {error}")


class Judgement:
    """What a row of results makes of a check."""

    def __init__(self, failing: bool, fall: int, rise: int, patience: float) -> None:
        self.failing = failing
        self.rise = rise
        self._fall = fall
        self._patience = patience
        self._against = 0
        self._proved = 0
        self._since = 0.0
        self._shared = 0

    def hear(self, result: Result, now: float) -> bool:
        """Takes one more result; true if it turns the judgement."""
        if result.passed:
            self._shared = self._shared + 1 if result.shared else 0
        if result.passed != self.failing:
            self._against = self._proved = 0
            return False
        if self._against == 0:
            self._since = now
        self._against += 1
        # What was dead for both comes back for both, for the peer perhaps one probe sooner.
        self._proved += int(result.proved and (result.passed or self._shared < self._fall))
        needed = self.rise if self.failing else self._fall
        patient = self._against >= needed and now - self._since >= self._patience
        if self._proved < needed and not patient:
            return False
        self.failing = not self.failing
        self._against = self._proved = 0
        return True


def ask(check: WatchCheck, timeout: float) -> Result:
    """Makes a check once."""
    if isinstance(check, DaemonWatch):
        return PASSED if probe(check.check, timeout) is None else FAILED
    if has_servers(check, LOCAL, timeout):
        return PASSED
    # A pool that is dead on both nodes is no reason to move anything: that would only break what still works.
    if not has_servers(check, check.peer, timeout):
        return SHARED
    return FAILED if _proves(check, timeout) else CLAIMED


def has_servers(check: PoolWatch, address: str, timeout: float) -> bool:
    """Whether the dnsdist at an address says that the pool has a live server."""
    return probe(DnsCheck("dnsdist", DNS_PORT, check.alive, address, False), timeout) is None


def _proves(check: PoolWatch, timeout: float) -> bool:
    """Whether a server answers when it is asked through the peer: the peer may not have noticed yet that they died."""
    asked = query.message(check.proof_name, check.proof_type, check.recursion_desired, check.option)
    try:
        answer = query.exchange(asked, (check.peer, DNS_PORT), timeout)
    except OSError:
        return False
    return len(answer) >= 12 and answer[:2] == asked[:2] and bool(answer[2] & 0x80) and answer[3] & 0x0F == 0


def _forget(node: Node, names: List[str]) -> None:
    """Removes what was said by checks that are no more."""
    for name in os.listdir(node.run):
        if name.startswith(tracked.CHECK) and name[len(tracked.CHECK) :] not in names:
            try:
                os.unlink(node.at_run(name))
            except OSError as error:
                complain(f"{name} stays: {error.strerror}")


def _path(node: Node, name: str) -> str:
    return node.at_run(tracked.check_file(name))
