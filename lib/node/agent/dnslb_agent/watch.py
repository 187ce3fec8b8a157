"""The service `watch`: checks the daemons and the pools of the node, and writes the results to track files."""

import math
import os
import signal
import threading
import time
from typing import NamedTuple

from . import dns, reader, track_files
from .errors import Failure
from .log import Deadline, log_error, log_info
from .manifest import DaemonWatch, Manifest, PoolWatch, Watch, WatchCheck
from .node import Node
from .ready import probe

HEARTBEAT = "watch"
HEARTBEAT_INTERVAL = 1.0
# A check is stale, so that the heartbeat stops, after this many seconds or STALE_FACTOR times the sum of its timeouts.
MIN_STALE_AFTER = 3.0
STALE_FACTOR = 2.5
# Seconds for all queries to peers in `status`: a peer may be down.
PEERS_TIMEOUT = 2
MILLISECONDS = 1000


class Result(NamedTuple):
    passed: bool
    # False if only the health checks of the peer say that its servers are up; see PoolWatch.proof.
    proved: bool = True
    # The pool has no live server here, nor at any peer.
    down_everywhere: bool = False


PASSED = Result(True)
PASSED_DOWN_EVERYWHERE = Result(True, down_everywhere=True)
FAILED = Result(False)
FAILED_UNPROVED = Result(False, proved=False)


def run(node: Node) -> None:
    """Makes the checks of the live release until SIGTERM or SIGINT; reads the live release again on SIGHUP."""
    # Blocked, signals wait for `sigtimedwait`, and `handles_signal` sees that they are handled.
    signals = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    while True:
        wanted = reader.read(node.current_link).watch
        watchers = [_CheckThread(node, wanted, check) for check in wanted.checks]
        _remove_old_results(node, [check.name for check in wanted.checks])
        for watcher in watchers:
            watcher.start()
        number = _supervise(node, watchers, signals)
        for watcher in watchers:
            watcher.request_stop()
        for watcher in watchers:
            watcher.join()
        if number != signal.SIGHUP:
            return


def failed_checks(node: Node, wanted: Watch) -> list[str]:
    """The checks that fail now."""
    return [check.name for check in wanted.checks if track_files.read(_path(node, check.name)) == 1]


def peer_states(live: Manifest) -> dict[str, bool]:
    """By peer: whether it answers that a pool has a live server. False also if the peer is down."""
    found: dict[str, bool] = {}
    deadline = Deadline(PEERS_TIMEOUT)
    for check in live.watch.checks:
        for peer in check.peers if isinstance(check, PoolWatch) else []:
            if isinstance(check, PoolWatch) and not found.get(peer) and not deadline.passed():
                found[peer] = has_live_server(check, peer, live.watch.timeout / MILLISECONDS)
    return found


def _supervise(node: Node, watchers: "list[_CheckThread]", signals: "set[signal.Signals]") -> int:
    """Writes the heartbeat while all checks run in time. Returns the signal that arrives."""
    while True:
        now = time.monotonic()
        dead = [watcher.name for watcher in watchers if watcher.last_run < now - watcher.stale_after]
        if not dead:
            track_files.write(node.run_path(HEARTBEAT), int(time.clock_gettime(time.CLOCK_BOOTTIME)))
        if any(not watcher.is_alive() for watcher in watchers):
            raise Failure(f"a thread of the checks ended; late: {', '.join(dead) or 'none'}")
        received = signal.sigtimedwait(signals, HEARTBEAT_INTERVAL)
        # After a SIGSTOP longer than the timeout, Python returns a result with signal 0.
        if received is not None and received.si_signo in signals:
            return received.si_signo


class _CheckThread(threading.Thread):
    """Makes one check periodically and writes its result."""

    def __init__(self, node: Node, watch: Watch, check: WatchCheck) -> None:
        super().__init__(name=check.name, daemon=True)
        self.last_run = time.monotonic()
        questions = 1 + 2 * len(check.peers) if isinstance(check, PoolWatch) else 1
        self.stale_after = max(MIN_STALE_AFTER, STALE_FACTOR * questions * watch.timeout / MILLISECONDS)
        self._path = _path(node, check.name)
        self._watch = watch
        self._check = check
        self._ended = threading.Event()
        # Without an earlier result, a daemon counts as failing and a pool as passing.
        known = track_files.read(self._path)
        failing = known == 1 if known is not None else isinstance(check, DaemonWatch)
        patience = check.patience / MILLISECONDS if isinstance(check, PoolWatch) else 0.0
        # Without an earlier result, the first rise needs only as many results as a fall.
        rise = watch.fall if known is None else watch.rise
        self._state = CheckState(failing, watch.fall, rise, patience)
        self._last_write = -math.inf
        self._write_result()

    def run(self) -> None:
        while not self._ended.is_set():
            start = time.monotonic()
            self.last_run = start
            if self._state.update(run_check(self._check, self._watch.timeout / MILLISECONDS), time.monotonic()):
                self._state.rise = self._watch.rise
                self._last_write = -math.inf
                log_info(f"{self.name} {'fails' if self._state.failing else 'passes'}")
            # Written periodically too: the file may have been removed, or its reader may have missed the change.
            if start - self._last_write >= HEARTBEAT_INTERVAL:
                self._write_result()
            self._ended.wait(max(0.0, start + self._watch.interval / MILLISECONDS - time.monotonic()))

    def request_stop(self) -> None:
        self._ended.set()

    def _write_result(self) -> None:
        self._last_write = time.monotonic()
        try:
            track_files.write(self._path, int(self._state.failing))
        except OSError as error:
            log_error(f"cannot write the result of the check {self.name}: {error}")


class CheckState:
    """Whether a check fails, from its latest results: `fall` failures or `rise` successes in a row change it."""

    def __init__(self, failing: bool, fall: int, rise: int, patience: float) -> None:
        self.failing = failing
        self.rise = rise
        self._fall = fall
        self._patience = patience
        self._opposing = 0
        self._opposing_proved = 0
        self._opposing_since = 0.0
        self._down_everywhere = 0

    def update(self, result: Result, now: float) -> bool:
        """Adds a result. Returns True if the state changes."""
        if result.passed:
            self._down_everywhere = self._down_everywhere + 1 if result.down_everywhere else 0
        if result.passed != self.failing:
            self._opposing = self._opposing_proved = 0
            return False
        if self._opposing == 0:
            self._opposing_since = now
        self._opposing += 1
        # After an outage of a pool on all nodes, a peer may see the recovery one probe earlier: that proves nothing.
        self._opposing_proved += int(result.proved and (result.passed or self._down_everywhere < self._fall))
        needed = self.rise if self.failing else self._fall
        patient = self._opposing >= needed and now - self._opposing_since >= self._patience
        if self._opposing_proved < needed and not patient:
            return False
        self.failing = not self.failing
        self._opposing = self._opposing_proved = 0
        return True


def run_check(check: WatchCheck, timeout: float) -> Result:
    """Makes a check once."""
    if isinstance(check, DaemonWatch):
        return PASSED if probe(check.check, timeout) is None else FAILED
    if has_live_server(check, check.alive.address, timeout):
        return PASSED
    # A pool that is down on all nodes passes: a failover would not help it, and would disturb the other pools.
    better = [peer for peer in check.peers if has_live_server(check, peer, timeout)]
    if not better:
        return PASSED_DOWN_EVERYWHERE
    return FAILED if any(_answers_through_peer(check, peer, timeout) for peer in better) else FAILED_UNPROVED


def has_live_server(check: PoolWatch, address: str, timeout: float) -> bool:
    """Whether the node at an address answers that the pool has a live server."""
    return probe(check.alive._replace(address=address), timeout) is None


def _answers_through_peer(check: PoolWatch, peer: str, timeout: float) -> bool:
    """Whether a server answers a query through the peer, whose own health checks may lag behind."""
    query = dns.with_new_id(bytes.fromhex(check.proof))
    try:
        return dns.parse_header(query, dns.exchange(query, (peer, check.alive.port), timeout)).rcode == dns.NOERROR
    except (OSError, ValueError):
        return False


def _remove_old_results(node: Node, names: list[str]) -> None:
    """Removes the results of checks that the release no longer has."""
    for name in os.listdir(node.run):
        if name.startswith(track_files.CHECK_PREFIX) and name[len(track_files.CHECK_PREFIX) :] not in names:
            try:
                os.unlink(node.run_path(name))
            except OSError as error:
                log_error(f"cannot remove the old result {name}: {error.strerror}")


def _path(node: Node, name: str) -> str:
    return node.run_path(track_files.check_file_name(name))
