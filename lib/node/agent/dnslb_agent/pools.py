"""
The pools that live on this node, compared with those that live on its peers. A pool without a live server fails here
only if clients gain when the addresses move: if more pools live there than here. Where a pool is not compared, it fails
alone.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from . import dns, progress
from .log import Deadline
from .manifest import PoolWatch, Watch
from .ready import probe
from .verdict import FAILED, FAILED_UNPROVED, PASSED, PASSED_NOTHING_GAINED, Result

MILLISECONDS = 1000
# In seconds.
POLL = 0.1
Names = frozenset[str]


class Pools:
    """The pools of the node; each is checked in a thread of its own, and all share what is known of the peers."""

    def __init__(self, watch: Watch) -> None:
        self._checks = {check.name: check for check in watch.checks if isinstance(check, PoolWatch)}
        self._timeout = watch.timeout / MILLISECONDS
        # Until it is asked, a pool counts as live.
        self._live = dict.fromkeys(self._checks, True)
        peers = dict.fromkeys(peer for check in self._checks.values() for peer in check.peers)
        self._peers = {peer: _Peer(peer, list(self._checks.values()), watch) for peer in peers}

    def check(self, pool: PoolWatch) -> Result:
        """Makes the check of a pool once."""
        self._live[pool.name] = has_live_server(pool, pool.alive.address, self._timeout)
        if self._live[pool.name]:
            return PASSED
        if pool.compared is False:
            return FAILED
        here = frozenset(name for name, live in self._live.items() if live)
        results = [self._compare(pool, here, self._peers[peer]) for peer in pool.peers]
        failed = [each for each in results if not each.passed]
        # The peer that is better by the strongest evidence decides.
        return min(failed, key=lambda each: (not each.proved, each.patience)) if failed else PASSED_NOTHING_GAINED

    def _compare(self, pool: PoolWatch, here: Names, peer: "_Peer") -> Result:
        comparison = Comparison(here, peer.live_pools())
        if pool.name not in comparison.there or not comparison.gains():
            return PASSED_NOTHING_GAINED
        proved = peer.proved_pools(comparison.there)
        if comparison.gains(proved | {pool.name}):
            return FAILED if pool.name in proved else FAILED_UNPROVED
        # The health checks of the peer may not have noticed yet that it has lost a pool which lives here.
        doubtful = [self._checks[name] for name in (here & comparison.there) - proved]
        longest = max((each.detection or each.patience for each in doubtful), default=0)
        return FAILED_UNPROVED._replace(patience=longest / MILLISECONDS)


class Comparison(NamedTuple):
    """The pools that live on this node, and those that live on a peer as the peer says."""

    here: Names
    there: Names

    def gains(self, proved: Names | None = None) -> bool:
        """Whether clients gain pools by a move; with `proved`, of these alone is believed that they live there."""
        there = self.there if proved is None else self.there & proved
        return len(there - self.here) > len(self.here - there)


def has_live_server(check: PoolWatch, address: str, timeout: float) -> bool:
    """Whether the node at an address answers that the pool has a live server."""
    return probe(check.alive._replace(address=address), timeout) is None


def dead_pools(watch: Watch, deadline: Deadline) -> list[str]:
    """The checks of the pools of this node none of whose servers passes its health checks by the deadline."""
    timeout = watch.timeout / MILLISECONDS
    left = [check for check in watch.checks if isinstance(check, PoolWatch)]
    with progress.step("waiting until servers pass their health checks", deadline.seconds) as step:
        while left:
            left = [check for check in left if not has_live_server(check, check.alive.address, timeout)]
            step.reason = f"none does of {', '.join(check.name for check in left)}"
            if not left or not deadline.pause(POLL):
                break
    return [check.name for check in left]


class _Peer:
    """What a peer says of its pools, asked at most once in an interval of the watch."""

    def __init__(self, address: str, checks: Sequence[PoolWatch], watch: Watch) -> None:
        self._address = address
        self._checks = [check for check in checks if address in check.peers]
        self._timeout = watch.timeout / MILLISECONDS
        interval = watch.interval / MILLISECONDS
        self._live = _Remembered(lambda: self._ask(_alive_query, _is_alive), interval)
        self._proved = _Remembered(lambda: self._ask(_proof_query, _is_answered), interval)

    def live_pools(self) -> Names:
        """The pools that have a live server there, as the peer says."""
        return self._live.get()

    def proved_pools(self, pools: Names) -> Names:
        """Those of the pools whose servers answer a query through the peer, whose own health checks may lag behind."""
        return self._proved.get() & pools

    def _ask(self, query: Callable[[PoolWatch], bytes], passes: Callable[[dns.Header], bool]) -> Names:
        """The pools for which a query to the peer gets an answer that passes."""
        found: set[str] = set()
        for port in {check.alive.port for check in self._checks}:
            asked = [check for check in self._checks if check.alive.port == port]
            answers = dns.exchange_all([query(check) for check in asked], (self._address, port), self._timeout)
            found |= {
                check.name
                for check, header in zip(asked, answers, strict=True)
                if header is not None and passes(header)
            }
        return frozenset(found)


class _Remembered:
    """A value that several threads need, and that one of them finds out when it is too old."""

    def __init__(self, find: Callable[[], Names], age: float) -> None:
        self._find = find
        self._age = age
        self._lock = threading.Lock()
        self._value: Names = frozenset()
        self._found_at = -math.inf

    def get(self) -> Names:
        with self._lock:
            if time.monotonic() - self._found_at >= self._age:
                self._value = self._find()
                self._found_at = time.monotonic()
            return self._value


def _alive_query(check: PoolWatch) -> bytes:
    return dns.build_query(check.alive.name, "A")


def _is_alive(header: dns.Header) -> bool:
    return header.rcode == dns.NOERROR and header.answers > 0


def _proof_query(check: PoolWatch) -> bytes:
    return bytes.fromhex(check.proof)


def _is_answered(header: dns.Header) -> bool:
    return header.rcode == dns.NOERROR
