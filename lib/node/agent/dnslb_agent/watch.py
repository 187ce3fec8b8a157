"""The service `watch`: checks the daemons and the pools of the node, and writes the results to track files."""

import math
import os
import signal
import threading
import time

from . import reader, track_files
from .errors import Failure
from .log import Deadline, log_error, log_info
from .manifest import DaemonWatch, Manifest, PoolWatch, Watch, WatchCheck
from .node import Node
from .pools import MILLISECONDS, Pools, has_live_server
from .ready import probe
from .script_checks import ScriptChecks, channel_of_this_process
from .verdict import FAILED, PASSED, CheckState, Result

HEARTBEAT = "watch"
HEARTBEAT_INTERVAL = 1.0
# Seconds without a heartbeat, after which what the watch said last is not believed.
STALE = 10
# A check is stale, so that the heartbeat stops, after this many seconds or STALE_FACTOR times the sum of its timeouts.
MIN_STALE_AFTER = 3.0
STALE_FACTOR = 2.5
# Seconds that the watch lives at least before it ends because no script can run any more.
SCRIPTS_RETRY = 60.0
# Seconds for all queries to peers in `status`: a peer may be down.
PEERS_TIMEOUT = 2


def run(node: Node) -> None:
    """Makes the checks of the live release until SIGTERM or SIGINT; reads the live release again on SIGHUP."""
    # Blocked, signals wait for `sigtimedwait`, and `handles_signal` sees that they are handled.
    signals = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    channel = channel_of_this_process()
    begun = time.monotonic()
    first_id = 0
    while True:
        live = reader.read(node.current_link)
        wanted = live.watch
        pools = Pools(wanted)
        watchers = [_CheckThread(node, wanted, check, pools) for check in wanted.checks]
        scripts = ScriptChecks(node, live, channel, first_id) if wanted.scripts else None
        _remove_old_results(node, wanted, [check.name for check in wanted.checks])
        for thread in _present(*watchers, scripts):
            thread.start()
        heartbeat = os.path.join(track_files.watch_folder(node, wanted), HEARTBEAT)
        number = _supervise(heartbeat, watchers, signals, scripts, begun)
        for thread in _present(*watchers, scripts):
            thread.request_stop()
        for thread in _present(*watchers, scripts):
            thread.join()
        first_id = scripts.next_id if scripts is not None else first_id
        if number != signal.SIGHUP:
            return


def _present(*threads: "_CheckThread | ScriptChecks | None") -> "list[_CheckThread | ScriptChecks]":
    return [thread for thread in threads if thread is not None]


def failed_checks(node: Node, wanted: Watch) -> list[str]:
    """The checks that fail now."""
    return [
        check.name for check in wanted.checks if track_files.read(track_files.check_path(node, wanted, check.name)) == 1
    ]


def age(node: Node, wanted: Watch) -> int | None:
    """Seconds since the watch has said that it makes the checks; None if it has not."""
    beat = track_files.read(os.path.join(track_files.watch_folder(node, wanted), HEARTBEAT))
    return None if beat is None else max(0, int(time.clock_gettime(time.CLOCK_BOOTTIME)) - beat)


def peer_states(live: Manifest) -> dict[str, bool]:
    """By peer: whether it answers that a pool has a live server. False also if the peer is down."""
    found: dict[str, bool] = {}
    deadline = Deadline(PEERS_TIMEOUT)
    for check in live.watch.checks:
        for peer in check.peers if isinstance(check, PoolWatch) else []:
            if isinstance(check, PoolWatch) and not found.get(peer) and not deadline.passed():
                found[peer] = has_live_server(check, peer, live.watch.timeout / MILLISECONDS)
    return found


def _supervise(
    heartbeat: str,
    watchers: "list[_CheckThread]",
    signals: "set[signal.Signals]",
    scripts: "ScriptChecks | None",
    begun: float,
) -> int:
    """
    Writes the heartbeat while all checks run in time, whatever scripts do. Returns the signal that arrives. Fails, once
    in a while, where no script can run any more: a start may help.
    """
    while True:
        now = time.monotonic()
        dead = [watcher.name for watcher in watchers if watcher.last_run < now - watcher.stale_after]
        if not dead:
            track_files.write(heartbeat, int(time.clock_gettime(time.CLOCK_BOOTTIME)))
        if any(not watcher.is_alive() for watcher in watchers):
            raise Failure(f"a thread of the checks ended; late: {', '.join(dead) or 'none'}")
        if scripts is not None and scripts.is_lost and now - begun >= SCRIPTS_RETRY:
            raise Failure("starts again, to run scripts")
        received = signal.sigtimedwait(signals, HEARTBEAT_INTERVAL)
        # After a SIGSTOP longer than the timeout, Python returns a result with signal 0.
        if received is not None and received.si_signo in signals:
            return received.si_signo


class _CheckThread(threading.Thread):
    """Makes one check periodically and writes its result."""

    def __init__(self, node: Node, watch: Watch, check: WatchCheck, pools: Pools) -> None:
        super().__init__(name=check.name, daemon=True)
        self.last_run = time.monotonic()
        questions = 1 + 2 * len(check.peers) if isinstance(check, PoolWatch) else 1
        self.stale_after = max(MIN_STALE_AFTER, STALE_FACTOR * questions * watch.timeout / MILLISECONDS)
        self._path = track_files.check_path(node, watch, check.name)
        self._watch = watch
        self._check = check
        self._pools = pools
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
            if self._state.update(self._make_check(), time.monotonic()):
                self._state.rise = self._watch.rise
                self._last_write = -math.inf
                log_info(f"{self.name} {'fails' if self._state.failing else 'passes'}")
            # Written periodically too: the file may have been removed, or its reader may have missed the change.
            if start - self._last_write >= HEARTBEAT_INTERVAL:
                self._write_result()
            self._ended.wait(max(0.0, start + self._watch.interval / MILLISECONDS - time.monotonic()))

    def request_stop(self) -> None:
        self._ended.set()

    def _make_check(self) -> Result:
        if isinstance(self._check, PoolWatch):
            return self._pools.check(self._check)
        return PASSED if probe(self._check.check, self._watch.timeout / MILLISECONDS) is None else FAILED

    def _write_result(self) -> None:
        self._last_write = time.monotonic()
        try:
            track_files.write(self._path, int(self._state.failing))
        except OSError as error:
            log_error(f"cannot write the result of the check {self.name}: {error}")


def _remove_old_results(node: Node, watch: Watch, names: list[str]) -> None:
    """Removes the results of checks that the release no longer has."""
    folder = track_files.watch_folder(node, watch)
    for name in os.listdir(folder):
        if name.startswith(track_files.CHECK_PREFIX) and name[len(track_files.CHECK_PREFIX) :] not in names:
            try:
                os.unlink(os.path.join(folder, name))
            except OSError as error:
                log_error(f"cannot remove the old result {name}: {error.strerror}")
