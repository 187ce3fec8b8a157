"""Telling keepalived, for as long as the node runs, how its daemons and pools do."""

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
from .report import say

CHECK = "check-"
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


PASSED = Result(True)
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
        if received is not None:
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
        self._judgement = Judgement(failing, watch.fall, watch.rise, patience)
        if known is None:
            tracked.write(self._path, int(failing))

    def run(self) -> None:
        while not self._ended.is_set():
            start = time.monotonic()
            self.turned = start
            if self._judgement.hear(ask(self._check, self._watch.timeout), time.monotonic()):
                failing = self._judgement.failing
                tracked.write(self._path, int(failing))
                say(f"{self.name} {'fails' if failing else 'passes'}")
            self._ended.wait(max(0.0, start + self._watch.interval - time.monotonic()))

    def end(self) -> None:
        self._ended.set()
        self.join()


class Judgement:
    """What a row of results makes of a check."""

    def __init__(self, failing: bool, fall: int, rise: int, patience: float) -> None:
        self.failing = failing
        self._fall = fall
        self._rise = rise
        self._patience = patience
        self._against = 0
        self._proved = 0
        self._since = 0.0

    def hear(self, result: Result, now: float) -> bool:
        """Takes one more result; true if it turns the judgement."""
        if result.passed != self.failing:
            self._against = self._proved = 0
            return False
        if self._against == 0:
            self._since = now
        self._against += 1
        self._proved += int(result.proved)
        needed = self._rise if self.failing else self._fall
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
    if probe(DnsCheck("dnsdist", DNS_PORT, check.alive, LOCAL, False), timeout) is None:
        return PASSED
    # A pool that is dead on both nodes is no reason to move anything: that would only break what still works.
    if probe(DnsCheck("dnsdist", DNS_PORT, check.alive, check.peer, False), timeout) is not None:
        return PASSED
    return FAILED if _proves(check, timeout) else CLAIMED


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
        if name.startswith(CHECK) and name[len(CHECK) :] not in names:
            os.unlink(node.at_run(name))


def _path(node: Node, name: str) -> str:
    return node.at_run(f"{CHECK}{name}")
