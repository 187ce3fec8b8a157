"""
The service that announces the addresses of a node: the parent of the daemon that speaks BGP, which ends with it. It
decides from the results of the watch and the words of other nodes what is announced, and lets the daemon do so.

Nothing that may hang stops a decision: a thread of its own writes files and talks to the daemon. A daemon that does not
answer is ended, so that routers leave the node; and so is, by a watchdog, an announcer that does not decide any more.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
from typing import NamedTuple

from . import announcer_state, capabilities, daemons, drain, reader, release, track_files
from .announcer_state import MILLISECONDS, AnnouncerState, PeerState, now
from .commands import daemon_environment
from .daemons import BgpDaemon
from .errors import Failure
from .log import try_log
from .manifest import BgpAddresses, Manifest, Service
from .mobility.announcement import Announcement, Announcer, Drain, Kind, Rules, Sight, Word
from .mobility.rules import rules_of
from .mobility.words import Words
from .node import Node
from .watch import HEARTBEAT
from .watchdog import Watchdog

# Seconds between two decisions.
INTERVAL = 0.05
# Seconds from one look at the sessions to the next, and from one state that is told to the next.
SESSIONS_INTERVAL = 1.0
STATE_INTERVAL = 1.0
# Seconds until what has failed is tried again.
RETRY = 0.25
# The same for what the daemon refuses.
REFUSED_RETRY = 5.0
# Seconds of this process's own time until a daemon that does not answer is ended; more after its start.
SILENCE = 6.0
START_TIME = 20.0
# Seconds until an announcer that does not decide any more is killed, and the daemon with it.
STUCK_AFTER = 4.0
# A step that took longer was slept through, as by a machine that stood still: so much of it counts.
LONGEST_STEP = 0.2
# Seconds for a daemon that is told to stop.
STOP_TIME = 3.0
# Seconds in which the watch has made a check that a release brings for the first time.
FIRST_RESULT = 5.0
RESULTS = {0: False, 1: True}
# The file of the watch tells whole seconds.
AHEAD = 1.0


class _Source(NamedTuple):
    """The release by which the announcer decides."""

    name: str
    live: Manifest
    group: BgpAddresses
    service: Service
    rules: Rules


def run(node: Node) -> int:
    """Announces until a signal arrives or the daemon ends; returns the exit status."""
    wakeup, signals = socket.socketpair()
    for each in (wakeup, signals):
        each.setblocking(False)
    signal.set_wakeup_fd(signals.fileno(), warn_on_full_buffer=False)
    stops: list[int] = []

    def note(number: int, frame: object) -> None:
        # A change of the release is seen by itself.
        if number in (signal.SIGTERM, signal.SIGINT):
            stops.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, note)
    loop = _Loop(node)
    loop.start()
    try:
        while True:
            status = loop.step()
            if status is not None:
                return status
            if stops:
                loop.stop()
                return 0
            loop.wait(wakeup)
    finally:
        loop.close()


class _Loop:
    def __init__(self, node: Node) -> None:
        self._node = node
        self._source = _read(node, release.current(node))
        self._seen: str = self._source.name
        self._begun = now()
        self._last_step = self._begun
        self._announcer = Announcer(self._source.rules, self._begun)
        self._words = Words(now)
        self._drain: Drain | None = None
        self._unproved: dict[str, float] = {}
        self._said: Announcement | None = None
        self._moves = 0
        self._told_at = 0.0
        self._silence = 0.0
        self._teller = _Teller(node, self._source.service)
        self._daemon: subprocess.Popen[bytes] | None = None
        self._watchdog: Watchdog | None = None
        before = announcer_state.read(node)
        has_left = before.left if before is not None else not announcer_state.was_told(node)
        if has_left and _drained(node):
            # It was drained, and had left, or has announced nothing yet: routers need no time to leave it.
            self._drain = Drain(self._begun - self._source.rules.grace, _drained(node) == drain.FORCED)
        self._adopt_words()

    def start(self) -> None:
        """Starts the daemon with what is decided first. It is killed when the thread ends that starts it: this one."""
        self._decide()
        source = self._source
        speaker = _speaker(source.service)
        self._teller.write()
        parent = os.getpid()

        def prepare() -> None:
            capabilities.end_with_parent()
            if os.getppid() != parent:
                os._exit(1)

        words = speaker.announcer_command(self._node, source.service)
        env = daemon_environment(os.path.realpath(self._node.current_link))
        try:
            # No thread runs yet.
            self._daemon = subprocess.Popen(words, stdin=subprocess.DEVNULL, cwd="/", env=env, preexec_fn=prepare)
        except OSError as error:
            raise Failure(f"cannot run {words[0]}: {error.strerror}") from error
        capabilities.drop_all()
        self._watchdog = Watchdog("the announcer", STUCK_AFTER)
        self._teller.start()

    def step(self) -> int | None:
        """Decides once. Returns the exit status if the daemon has ended, or the watchdog."""
        if self._daemon is None or self._daemon.poll() is not None:
            try_log(f"{self._source.service.name} ended with status {self._daemon and self._daemon.returncode}")
            return 1
        if self._watchdog is None or self._watchdog.has_ended():
            try_log("the watchdog has ended, and so does the announcer")
            return 1
        at = now()
        passed = min(at - self._last_step, LONGEST_STEP)
        if at - self._last_step >= INTERVAL:
            self._last_step = at
            self._words.begin_round()
            self._adopt_release()
            self._decide()
            self._tell_state(at)
            if self._is_silent(passed):
                try_log(f"{self._source.service.name} does not answer, and is ended: {self._teller.problem}")
                self._daemon.kill()
                self._daemon.wait()
                return 1
            self._watchdog.feed()
        self._words.step(self._own_word())
        return None

    def wait(self, wakeup: socket.socket) -> None:
        """Waits for the next decision, a word or a signal."""
        sources = [wakeup.fileno()]
        sources += self._words.descriptors()
        remaining = max(0.0, self._last_step + INTERVAL - now())
        with contextlib.suppress(OSError):
            select.select(sources, [], [], remaining)
        with contextlib.suppress(BlockingIOError):
            wakeup.recv(4096)

    def stop(self) -> None:
        """Stops the daemon, which says goodbye to routers."""
        if self._daemon is None:
            return
        self._daemon.terminate()
        try:
            self._daemon.wait(STOP_TIME)
        except subprocess.TimeoutExpired:
            try_log(f"{self._source.service.name} did not stop within {STOP_TIME:g} s and is killed")

    def close(self) -> None:
        self._words.close()
        if self._watchdog is not None:
            self._watchdog.close()
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.kill()

    def _adopt_release(self) -> None:
        """Goes on by the rules of the release that is live. What it cannot read leaves them as they are."""
        name = release.current(self._node)
        if name is None or name == self._seen:
            return
        self._seen = name
        try:
            source = _read(self._node, name)
        except (Failure, OSError) as failure:
            try_log(f"goes on by the rules of release {self._source.name}: {failure}")
            return
        fresh = source.rules.checks.keys() - self._source.rules.checks.keys()
        self._unproved = dict.fromkeys(fresh, now() + FIRST_RESULT)
        self._source = source
        self._announcer.adopt(source.rules)
        self._teller.service = source.service
        self._adopt_words()
        self._told_at = 0.0

    def _adopt_words(self) -> None:
        source = self._source
        peers = {peer.name: peer.address for peer in source.group.peers}
        pools = [name for name, check in source.rules.checks.items() if check.is_pool]
        self._words.adopt(source.group.words, peers, pools, source.rules.word_age)

    def _decide(self) -> None:
        at = now()
        self._see_drain(at)
        sight = Sight(self._results(at), self._heartbeat(at), self._words.words, self._drain)
        said = self._announcer.decide(at, sight)
        if said != self._said:
            self._moves += self._said is not None
            self._said = said
            self._told_at = 0.0
            try_log(_sentence(said, self._announcer))
        self._teller.tell(said)

    def _results(self, at: float) -> dict[str, bool | None]:
        found: dict[str, bool | None] = {}
        for name in self._source.rules.checks:
            path = track_files.check_path(self._node, self._source.live.watch, name)
            number = track_files.read(path)
            result = None if number is None else RESULTS.get(number)
            if result is False or at >= self._unproved.get(name, 0.0):
                self._unproved.pop(name, None)
            # The watch begins a check that is new with a failure.
            found[name] = None if name in self._unproved else result
        return found

    def _heartbeat(self, at: float) -> float | None:
        path = os.path.join(track_files.watch_folder(self._node, self._source.live.watch), HEARTBEAT)
        beat = track_files.read(path)
        # One of the future would be one for ever.
        return None if beat is None or beat > at + AHEAD else min(float(beat), at)

    def _see_drain(self, at: float) -> None:
        number = _drained(self._node)
        if number is None:
            # What cannot be read is as before.
            return
        if number == drain.UNDRAINED:
            self._drain = None
        elif self._drain is None:
            self._drain = Drain(at, number == drain.FORCED)
        else:
            self._drain = self._drain._replace(force=number == drain.FORCED)

    def _own_word(self) -> Word:
        """A node that tells no router an address announces nothing, whatever it decides."""
        word = self._announcer.word
        heard = self._teller.heard
        return word if heard is None or heard else word._replace(announces=False)

    def _is_silent(self, passed: float) -> bool:
        self._silence = 0.0 if self._teller.take_answered() else self._silence + passed
        return self._silence > (SILENCE if self._teller.has_answered else START_TIME)

    def _tell_state(self, at: float) -> None:
        if at - self._told_at < STATE_INTERVAL and not self._teller.has_news():
            return
        self._told_at = at
        announcer, said = self._announcer, self._said or Announcement(Kind.WITHDRAW, 0)
        word = announcer.word
        damped = max(0.0, announcer.damped_until - at) if announcer.is_damped else 0.0
        self._teller.tell_state(
            AnnouncerState(
                at=round(at * MILLISECONDS),
                release=self._source.name,
                announcement=said.kind.value,
                cost=said.cost,
                taken=self._teller.taken == said,
                problem=self._teller.problem,
                own=word.cost,
                worst=self._source.rules.worst,
                failures=announcer.failures,
                stale=announcer.is_stale,
                damped=int(damped) + 1 if announcer.is_damped else 0,
                moves=self._moves,
                leaving=word.leaving,
                left=announcer.is_drained,
                dispensable=announcer.may_leave(at, self._words.words),
                deaf=self._words.problem,
                peers=[self._peer(peer.name, peer.address, at) for peer in self._source.group.peers],
                heard=self._teller.heard,
                pools=sorted(word.pools),
            )
        )

    def _peer(self, name: str, address: str, at: float) -> PeerState:
        word = self._words.words.get(name)
        if word is None:
            return PeerState(name, address)
        age = round((at - word.at) * MILLISECONDS)
        return PeerState(
            name, address, age, word.announces, word.leaving, word.serves, word.cost, word.announced, sorted(word.pools)
        )


class _Teller(threading.Thread):
    """Writes files and talks to the daemon. Whatever hangs there, hangs here."""

    def __init__(self, node: Node, service: Service) -> None:
        super().__init__(name="teller", daemon=True)
        self.service = service
        # What the daemon is known to announce.
        self.taken: Announcement | None = None
        # Whether a router is told an address; None if that is unknown.
        self.heard: bool | None = False
        self.problem = ""
        self.has_answered = False
        self._node = node
        self._wanted: Announcement | None = None
        self._state: AnnouncerState | None = None
        self._wakes = threading.Event()
        self._answered = threading.Event()
        self._news = threading.Event()
        self._sessions_at = 0.0
        # What the daemon has refused, and until when.
        self._refused: Announcement | None = None
        self._retry_at = 0.0

    def tell(self, wanted: Announcement) -> None:
        """What is announced from now on."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._wakes.set()

    def tell_state(self, state: AnnouncerState) -> None:
        self._state = state
        self._wakes.set()

    def take_answered(self) -> bool:
        """Whether the daemon has answered since the last call."""
        answered = self._answered.is_set()
        self._answered.clear()
        return answered

    def has_news(self) -> bool:
        """Whether there is something to tell that was not so at the last call."""
        news = self._news.is_set()
        self._news.clear()
        return news

    def write(self) -> None:
        """Writes what is wanted, before the daemon starts and reads it."""
        if self._wanted is not None:
            kind, cost = self._wanted
            _speaker(self.service).write_announcement(self._node, self.service, kind.value, cost)

    def run(self) -> None:
        while True:
            try:
                self._step()
                wait = SESSIONS_INTERVAL
            except (Failure, OSError, ValueError) as failure:
                self._fail(str(failure))
                wait = RETRY
            self._wakes.wait(wait)
            self._wakes.clear()

    def _step(self) -> None:
        state, self._state = self._state, None
        try:
            if state is not None:
                announcer_state.write(self._node, state)
        finally:
            self._tell_daemon()

    def _tell_daemon(self) -> None:
        wanted = self._wanted
        if wanted != self.taken and (wanted != self._refused or now() >= self._retry_at):
            self._refused, self._retry_at = wanted, now() + REFUSED_RETRY
            try:
                self.write()
                _speaker(self.service).take_announcement(self._node, self.service)
            except OSError:
                self._refused = None
                raise
            except Failure:
                # It has answered.
                self._note_answer()
                raise
            self._note_answer()
            self.taken, self.problem = wanted, ""
            self._news.set()
        if now() - self._sessions_at >= SESSIONS_INTERVAL:
            self._look_at_sessions()

    def _look_at_sessions(self) -> None:
        try:
            sessions = _speaker(self.service).sessions(self._node, self.service)
            heard: bool | None = any(each.exported > 0 for each in sessions)
        except Failure as failure:
            # It answers, and nobody can tell what.
            self._fail(str(failure))
            heard = None
        self._note_answer()
        self._sessions_at = now()
        if heard != self.heard:
            self.heard = heard
            self._news.set()

    def _note_answer(self) -> None:
        self.has_answered = True
        self._answered.set()

    def _fail(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self._news.set()
            if self.has_answered:
                try_log(problem)


def _speaker(service: Service) -> BgpDaemon:
    daemon = daemons.for_service(service)
    if not isinstance(daemon, BgpDaemon):
        raise Failure(f"the service {service.name} does not speak BGP")
    return daemon


def _read(node: Node, name: str | None) -> _Source:
    if name is None:
        raise Failure("this node has no release yet")
    live = reader.read(node.release_path(name))
    group = live.mobility
    if not isinstance(group, BgpAddresses):
        raise Failure("the live release announces no addresses")
    service = live.service(group.service)
    if service is None:
        raise Failure(f"the live release has no service {group.service}")
    return _Source(name, live, group, service, rules_of(live, group))


def _drained(node: Node) -> int | None:
    """What the file of the drain says; None if that cannot be read."""
    number = track_files.read(node.run_path(drain.DRAIN_FILE))
    return number if number in (drain.UNDRAINED, drain.DRAINED, drain.FORCED) else None


def _sentence(said: Announcement, announcer: Announcer) -> str:
    """What is decided, for the log, and what fails."""
    what = said.kind.value if said.kind is Kind.WITHDRAW else f"{said.kind.value} at cost {said.cost}"
    why = [f"{name} fails" for name in announcer.failures]
    if announcer.is_stale:
        why.append("nobody makes the checks")
    if announcer.is_damped:
        why.append("moved too often")
    return f"{what}: {', '.join(why)}" if why else what
