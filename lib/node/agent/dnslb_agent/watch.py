"""Asking and telling, for as long as the node runs, how its daemons and pools do."""

import math
import os
import signal
import threading
import time
from typing import NamedTuple

from . import dns, reader, tracked
from .errors import Failure
from .manifest import DaemonWatch, Manifest, PoolWatch, Watch, WatchCheck
from .node import Node
from .ready import probe
from .report import Deadline, complain, say

PULSE = "watch"
PULSE_INTERVAL = 1.0
# A check that has not been made for so long hangs, or for more than twice what its questions may take.
STALE = 3.0
TURNS = 2.5
# For all questions to nodes that may be away.
PEERS_TIMEOUT = 2
MILLISECONDS = 1000


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
        wanted = reader.read(node.current).watch
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


def failed(node: Node, wanted: Watch) -> list[str]:
    """The checks that fail now."""
    return [check.name for check in wanted.checks if tracked.read(_path(node, check.name)) == 1]


def peers(live: Manifest) -> dict[str, bool]:
    """Whether the other nodes say that a pool of theirs has a live server; one that is silent may also be away."""
    found: dict[str, bool] = {}
    deadline = Deadline(PEERS_TIMEOUT)
    for check in live.watch.checks:
        for peer in check.peers if isinstance(check, PoolWatch) else []:
            if isinstance(check, PoolWatch) and not found.get(peer) and not deadline.passed():
                found[peer] = has_servers(check, peer, live.watch.timeout / MILLISECONDS)
    return found


def _live(node: Node, watchers: "list[_Watcher]", signals: "set[signal.Signals]") -> int:
    """Shows that the checks are alive until a signal comes."""
    while True:
        now = time.monotonic()
        dead = [watcher.name for watcher in watchers if watcher.turned < now - watcher.stale]
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
        questions = 1 + 2 * len(check.peers) if isinstance(check, PoolWatch) else 1
        self.stale = max(STALE, TURNS * questions * watch.timeout / MILLISECONDS)
        self._path = _path(node, check.name)
        self._watch = watch
        self._check = check
        self._ended = threading.Event()
        # A daemon proves itself first, a pool is innocent first; what was known before holds on.
        known = tracked.read(self._path)
        failing = known == 1 if known is not None else isinstance(check, DaemonWatch)
        patience = check.patience / MILLISECONDS if isinstance(check, PoolWatch) else 0.0
        # What nobody has said before is believed as soon as a failure would be.
        rise = watch.fall if known is None else watch.rise
        self._judgement = Judgement(failing, watch.fall, rise, patience)
        self._told = -math.inf
        self._tell()

    def run(self) -> None:
        while not self._ended.is_set():
            start = time.monotonic()
            self.turned = start
            if self._judgement.hear(ask(self._check, self._watch.timeout / MILLISECONDS), time.monotonic()):
                self._judgement.rise = self._watch.rise
                self._told = -math.inf
                say(f"{self.name} {'fails' if self._judgement.failing else 'passes'}")
            # Now and then again: somebody may have removed the file, or who reads it not have looked.
            if start - self._told >= PULSE_INTERVAL:
                self._tell()
            self._ended.wait(max(0.0, start + self._watch.interval / MILLISECONDS - time.monotonic()))

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
    if has_servers(check, check.alive.address, timeout):
        return PASSED
    # A pool that is dead on all nodes is no reason to move anything: that would only break what still works.
    better = [peer for peer in check.peers if has_servers(check, peer, timeout)]
    if not better:
        return SHARED
    return FAILED if any(_proves(check, peer, timeout) for peer in better) else CLAIMED


def has_servers(check: PoolWatch, address: str, timeout: float) -> bool:
    """Whether the node at an address says that the pool has a live server."""
    return probe(check.alive._replace(address=address), timeout) is None


def _proves(check: PoolWatch, peer: str, timeout: float) -> bool:
    """Whether a server answers when it is asked through a peer: the peer may not have noticed yet that they died."""
    asked = dns.renewed(bytes.fromhex(check.proof))
    try:
        return dns.header(asked, dns.exchange(asked, (peer, check.alive.port), timeout)).rcode == dns.NOERROR
    except (OSError, ValueError):
        return False


def _forget(node: Node, names: list[str]) -> None:
    """Removes what was said by checks that are no more."""
    for name in os.listdir(node.run):
        if name.startswith(tracked.CHECK) and name[len(tracked.CHECK) :] not in names:
            try:
                os.unlink(node.at_run(name))
            except OSError as error:
                complain(f"{name} stays: {error.strerror}")


def _path(node: Node, name: str) -> str:
    return node.at_run(tracked.check_file(name))
