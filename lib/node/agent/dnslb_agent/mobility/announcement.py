"""
What a node of a group announces: its addresses at a cost, with a request to leave them (RFC 8326), or nothing. Here
nothing is read, written or timed: who asks gives the time, in seconds of a clock that never goes back.
"""

import math
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple


class WhenFailing(Enum):
    """What a failing check does to the announcement."""

    # The path becomes longer: the node is the last resort.
    PREPEND = "prepend"
    # Nothing is announced while another node is known to be better; else as PREPEND.
    WITHDRAW = "withdraw"


class CheckRule(NamedTuple):
    """What the failure of a check means."""

    # From 1; the worst of all failures counts, they do not add up.
    cost: int
    when_failing: WhenFailing
    # Whether the check is of a pool, and not of a daemon without which the node answers nothing.
    is_pool: bool = False
    # In seconds, of a pool: how long it must be dead here and live there, because nodes notice both at different times.
    patience: float = 0.0


class Rules(NamedTuple):
    """How a node decides. Times are in seconds."""

    node: str
    checks: Mapping[str, CheckRule]
    # What it costs that nobody makes the checks.
    stale_cost: int = 1
    stale_after: float = 3.0
    # So old a peer's word is worth nothing. `grace` must be more than twice as long: see `_may_leave`.
    word_age: float = 2.0
    # How long a node must be well before it is announced at its best again.
    hold: float = 10.0
    # So many moves within that time, and the node stays at its worst for as long.
    moves: int = 3
    damping: float = 600.0
    # How long routers are asked to leave the node before it withdraws.
    grace: float = 10.0

    @property
    def worst(self) -> int:
        return max([self.stale_cost, *(check.cost for check in self.checks.values())])

    @property
    def rest(self) -> float:
        """The longest time that announcements still move once nothing fails or recovers any more."""
        patience = max([0.0, *(check.patience for check in self.checks.values())])
        return self.damping + 3 * self.hold + self.grace + self.stale_after + patience + 2 * self.word_age


class Word(NamedTuple):
    """What a node says of itself to the others."""

    # When it was asked for, by the clock of who asked.
    at: float
    announces: bool
    # An operator drains it, or it is told to.
    leaving: bool
    # Its daemons answer, as checks say that are made.
    serves: bool
    # What its failures cost now.
    cost: int
    # The cost at which it is announced, which is more while it has something to prove.
    announced: int
    # The checks of pools that have a live server there.
    pools: frozenset[str] = frozenset()


class Drain(NamedTuple):
    since: float
    # Also if no other node serves.
    force: bool = False


class Sight(NamedTuple):
    """What a node knows."""

    # By check: whether it fails; None if that cannot be read now.
    results: Mapping[str, bool | None]
    # When the checks were last known to be made; None if that cannot be read.
    heartbeat: float | None
    # By peer.
    words: Mapping[str, Word]
    drain: Drain | None = None


class Kind(Enum):
    ANNOUNCE = "announce"
    GRACEFUL_SHUTDOWN = "graceful-shutdown"
    WITHDRAW = "withdraw"


class Announcement(NamedTuple):
    kind: Kind
    # 0 is the best. Without meaning for WITHDRAW.
    cost: int


class Announcer:
    """
    The decisions of one node, one after the other.

    What makes sure that a group never withdraws everywhere: a node that has proved itself well, and is not drained,
    always announces. One that fails withdraws only by the word of a better one, and comes back as the last resort
    when that word is missing. One that is drained asks routers to leave it for longer than two words live, so that
    all others know it before it withdraws.
    """

    def __init__(self, rules: Rules, now: float) -> None:
        self._rules = rules
        # Without a result yet, a daemon counts as failing and a pool as live.
        self._failing = {name: not check.is_pool for name, check in rules.checks.items()}
        self._dead_since: dict[str, float] = {}
        self._alive_since: dict[tuple[str, str], float] = {}
        self._heartbeat = now
        # Costs that count still, decreasing, each with the time when it was last there. A node starts at its worst.
        self._recent = [(rules.worst, now)]
        # Since its start, or a drain, the node has not been announced at its best yet.
        self._is_rising = True
        self._moves: list[tuple[float, int]] = []
        self._damped_until = now
        self._floor = 0
        self._wanted_withdrawal = -math.inf
        self._no_withdrawal_before = now
        self._is_drained = False
        self._was_leaving = False
        self._failures: list[str] = []
        self._is_stale = False
        self._last: Announcement | None = None
        self._word = Word(now, False, False, False, rules.worst, rules.worst)

    def adopt(self, rules: Rules) -> None:
        """Goes on by the rules of another release. Of a check that is new, nothing is known, so it does not fail."""
        self._failing = {name: self._failing.get(name, False) for name in rules.checks}
        self._recent = [(min(cost, rules.worst), at) for cost, at in self._recent]
        self._floor = min(self._floor, rules.worst)
        self._rules = rules

    @property
    def failures(self) -> list[str]:
        """The failing checks that cost something, as of the last decision."""
        return self._failures

    @property
    def is_stale(self) -> bool:
        """Whether nobody makes the checks, as of the last decision."""
        return self._is_stale

    @property
    def is_damped(self) -> bool:
        return self._floor > 0

    @property
    def damped_until(self) -> float:
        """Until when the node stays at its worst, if it is damped and does not move meanwhile."""
        return self._damped_until

    def may_leave(self, now: float, words: Mapping[str, Word]) -> bool:
        """Whether another node serves and stays, so that this one may leave."""
        return self._may_leave(self._fresh(now, words))

    @property
    def is_drained(self) -> bool:
        """Whether a drain has come to its end: nothing is announced."""
        return self._is_drained

    @property
    def word(self) -> Word:
        """What the node says to others, as of its last decision."""
        return self._word

    def decide(self, now: float, sight: Sight) -> Announcement:
        """What the node announces from now on."""
        words = self._fresh(now, sight.words)
        lately = self._lately(now, sight.words)
        counted = self._counted_failures(now, sight, lately)
        rules = self._rules
        own = max([0, *(rules.checks[name].cost for name in counted)])
        if sight.heartbeat is not None:
            self._heartbeat = sight.heartbeat
        is_stale = now - self._heartbeat > rules.stale_after
        if is_stale:
            own = max(own, rules.stale_cost)
        self._failures, self._is_stale = counted, is_stale
        if self._was_leaving and sight.drain is None:
            # It returns: from the worst.
            self._recent = [(rules.worst, now)]
            self._is_rising = True
            self._is_drained = False
        cost = self._held_cost(now, own, lately)
        wants = any(rules.checks[name].when_failing is WhenFailing.WITHDRAW for name in counted)
        announcement = self._leave(now, sight.drain, cost, words)
        if announcement is None or announcement.kind is not Kind.WITHDRAW:
            withdraws = self._withdraws(now, own, wants, words)
            announcement = Announcement(Kind.WITHDRAW, cost) if withdraws else announcement
        announcement = announcement or Announcement(Kind.ANNOUNCE, cost)
        # What an operator does is no sign of an ill node.
        if sight.drain is None and not self._was_leaving:
            announcement = self._damped(now, announcement)
        self._was_leaving = sight.drain is not None
        self._last = announcement
        # Results that nobody renews prove nothing to others.
        passing = {name for name, fails in self._failing.items() if not fails}
        pools = frozenset(name for name, check in rules.checks.items() if check.is_pool)
        serves = not is_stale and rules.checks.keys() - pools <= passing
        announces = announcement.kind is not Kind.WITHDRAW
        self._word = Word(now, announces, self._was_leaving, serves, own, announcement.cost, pools & passing)
        return announcement

    def _fresh(self, now: float, words: Mapping[str, Word]) -> dict[str, Word]:
        return {peer: word for peer, word in words.items() if now - word.at <= self._rules.word_age}

    def _lately(self, now: float, words: Mapping[str, Word]) -> dict[str, Word]:
        """
        Words that are as young as it takes to prove oneself: who spoke then, may only be silent. That is no ground to
        withdraw, and reason enough to stay as one is.
        """
        return {peer: word for peer, word in words.items() if now - word.at <= self._rules.hold}

    def _counted_failures(self, now: float, sight: Sight, words: Mapping[str, Word]) -> list[str]:
        """The failing checks that cost something."""
        checks = self._rules.checks
        for name in checks:
            result = sight.results.get(name)
            # What cannot be read counts as before.
            self._failing[name] = self._failing[name] if result is None else result
        pools = [name for name, check in checks.items() if check.is_pool]
        self._dead_since = {name: self._dead_since.get(name, now) for name in pools if self._failing[name]}
        # Of a peer that is silent, what it said stays true until it says something else.
        silent = {each: since for each, since in self._alive_since.items() if each[0] not in words}
        heard = [(peer, name) for peer, word in words.items() for name in word.pools]
        self._alive_since = silent | {each: self._alive_since.get(each, now) for each in heard}
        here = frozenset(pools) - frozenset(self._dead_since)
        return [
            name
            for name, check in checks.items()
            if self._failing[name] and (not check.is_pool or self._lives_elsewhere(name, here, words))
        ]

    def _lives_elsewhere(self, name: str, here: frozenset[str], words: Mapping[str, Word]) -> bool:
        """
        Whether clients gain by another node where a dead pool lives: more pools live there than here, and not only
        because one of the two has noticed what the other has yet to notice.
        """
        patience = self._rules.checks[name].patience
        return any(
            name in word.pools
            and word.announces
            and word.serves
            and not word.leaving
            and len(word.pools - here) > len(here - word.pools)
            and word.at - max(self._dead_since[name], self._alive_since[(peer, name)]) >= patience
            for peer, word in words.items()
        )

    def _held_cost(self, now: float, own: int, words: Mapping[str, Word]) -> int:
        """The cost of the node with what it has yet to prove, unless clients would come to an ill node by that."""
        rules = self._rules
        if self._is_needed(own, max(self._recent[0][0], self._floor), words):
            self._recent = []
            self._moves = []
            self._damped_until = now
        if self._floor > 0 and now >= self._damped_until:
            # To become better now is no further sign of an ill node.
            self._floor = 0
            self._moves = []
        while self._recent and self._recent[-1][0] <= own:
            self._recent.pop()
        self._recent.append((own, now))
        while now - self._recent[0][1] >= rules.hold and len(self._recent) > 1:
            self._recent.pop(0)
        return max(self._recent[0][0], self._floor)

    def _is_needed(self, own: int, held: int, words: Mapping[str, Word]) -> bool:
        """Whether clients would come to an ill node because all that are well, as this one, have to prove it."""
        announced = [word for word in words.values() if word.announces and not word.leaving]
        ill = min((word.announced for word in announced if word.cost > own), default=None)
        well = min((word.announced for word in announced if word.cost <= own), default=None)
        return ill is not None and ill <= held and (well is None or well >= ill)

    def _withdraws(self, now: float, own: int, wants: bool, words: Mapping[str, Word]) -> bool:
        """Whether the node withdraws because it fails, or was so lately that it has yet to prove itself."""
        if wants:
            self._wanted_withdrawal = now
        is_withdrawn = self._last is not None and self._last.kind is Kind.WITHDRAW
        returns = is_withdrawn and not self._is_drained and now - self._wanted_withdrawal < self._rules.hold
        if not wants and not returns:
            return False
        if not _any_as_well(words.values(), own - 1 if wants else own):
            if is_withdrawn or now < self._no_withdrawal_before:
                # It had to come back: it leaves again only when others have been better for a while.
                self._no_withdrawal_before = now + self._rules.hold
            return False
        return now >= self._no_withdrawal_before

    def _leave(self, now: float, drain: Drain | None, cost: int, words: Mapping[str, Word]) -> Announcement | None:
        """What a drained node announces; None if it is not drained."""
        if drain is None:
            return None
        if now - drain.since >= self._rules.grace and (drain.force or self._may_leave(words)):
            self._is_drained = True
        return Announcement(Kind.WITHDRAW if self._is_drained else Kind.GRACEFUL_SHUTDOWN, cost)

    def _may_leave(self, words: Mapping[str, Word]) -> bool:
        """
        Whether another node serves and stays. Of two that leave at the same time, only the first by name may count on
        the other. The other cannot have begun to leave since its word and be gone: `grace` is longer than two words
        live, so that it would know by then that this node has left.
        """
        return any(
            word.announces and word.serves and (not word.leaving or peer > self._rules.node)
            for peer, word in words.items()
        )

    def _damped(self, now: float, wanted: Announcement) -> Announcement:
        """What is announced instead, if the node has moved too often: its worst, unless it withdraws."""
        rules = self._rules
        last, to = self._rank(self._last), self._rank(wanted)
        if self._last is None or last == to:
            return wanted
        if to > last or not self._is_rising:
            moves = [move for move in self._moves if now - move[0] < rules.damping]
            self._moves = [*moves, (now, max(last, to))]
        self._is_rising = self._is_rising and to > 0
        if len(self._moves) < rules.moves:
            return wanted
        self._damped_until = now + rules.damping
        self._floor = min(rules.worst, max(rank for _, rank in self._moves))
        return wanted if wanted.kind is Kind.WITHDRAW else Announcement(wanted.kind, max(wanted.cost, self._floor))

    def _rank(self, announcement: Announcement | None) -> int:
        """How bad an announcement is: its cost, or more than every cost."""
        if announcement is None or announcement.kind is Kind.WITHDRAW:
            return self._rules.worst + 1
        return announcement.cost


def _any_as_well(words: Iterable[Word], cost: int) -> bool:
    """Whether another node announces, stays, and has failures that cost no more."""
    return any(word.announces and not word.leaving and word.cost <= cost for word in words)
