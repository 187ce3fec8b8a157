"""
The words of the nodes of a group: datagrams by which each asks the others for theirs. A question carries a number that
nobody can guess; an answer counts once, and only from the address that was asked. A question is never shorter than its
answer, so that nobody is flooded by answers to questions in his name.
"""

import contextlib
import hashlib
import json
import math
import os
import re
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import cast

from ..manifest import AnnouncerSocket
from .announcement import Word

VERSION = 1
# Bytes of a datagram.
LARGEST = 512
# Seconds from one question to the next.
INTERVAL = 0.2
# Seconds until a socket that cannot be bound is tried again.
RETRY = 1.0
# Datagrams of one node in a round; the kernel drops what it cannot hold meanwhile.
MOST_HEARD = 64
# Of costs, so that a wrong one cannot be taken for a time or a size.
MOST = 1_000_000
DIGITS = 32
NONCE = re.compile(rf"[0-9a-f]{{{DIGITS}}}")
HEXADECIMAL = re.compile("[0-9a-f]+")


class Words:
    """The youngest word of each of the other nodes, and a socket to each that asks for it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._place: AnnouncerSocket | None = None
        self._pools: frozenset[str] = frozenset()
        self._age = 0.0
        self._peers: dict[str, _Peer] = {}
        self._asked_at = -math.inf

    @property
    def words(self) -> dict[str, Word]:
        return {name: peer.word for name, peer in self._peers.items() if peer.word is not None}

    @property
    def problem(self) -> str:
        """Why this node cannot hear another one; empty if it may."""
        return next((peer.problem for peer in self._peers.values() if peer.problem), "")

    def adopt(self, place: AnnouncerSocket, peers: Mapping[str, str], pools: Iterable[str], age: float) -> None:
        """
        Goes on with these nodes, given as their addresses by their names. An answer that takes longer than `age`
        seconds does not count.
        """
        stay = {
            name: peer for name, peer in self._peers.items() if place == self._place and peers.get(name) == peer.address
        }
        for name, peer in self._peers.items():
            if name not in stay:
                peer.close()
        self._place, self._pools, self._age = place, frozenset(pools), age
        self._peers = {name: stay.get(name) or _Peer(address, place) for name, address in peers.items()}
        if len(stay) < len(peers):
            self._asked_at = -math.inf

    def descriptors(self) -> list[int]:
        """What to wait for until the next step."""
        return [each for peer in self._peers.values() if (each := peer.descriptor()) is not None]

    def close(self) -> None:
        for peer in self._peers.values():
            peer.close()

    def begin_round(self) -> None:
        """Lets each node be heard again that has sent more than a node should."""
        for peer in self._peers.values():
            peer.heard = 0

    def step(self, own: Word) -> None:
        """Asks when it is time, and takes what has arrived; never waits. `own` is the word of this node."""
        now = self._clock()
        asks = now - self._asked_at >= INTERVAL
        if asks:
            self._asked_at = now
        for peer in self._peers.values():
            if asks:
                peer.ask(now, self._age)
            while (data := peer.receive()) is not None:
                self._take(peer, data, own)

    def _take(self, peer: "_Peer", data: bytes, own: Word) -> None:
        fields = _fields(data)
        nonce = fields.get("nonce")
        if fields.get("v") != VERSION or not isinstance(nonce, str) or not NONCE.fullmatch(nonce):
            return
        if "announces" not in fields:
            said = answer(nonce, own, self._pools)
            if len(said) <= len(data):
                peer.send(said)
            return
        asked = peer.asked.get(nonce)
        if asked is None or self._clock() - asked > self._age:
            return
        word = parse_answer(fields, asked, self._pools)
        if word is not None:
            del peer.asked[nonce]
            if peer.word is None or peer.word.at <= asked:
                peer.word = word


class _Peer:
    """A socket to another node: the kernel gives it nothing that comes from elsewhere."""

    def __init__(self, address: str, place: AnnouncerSocket) -> None:
        self.address = address
        self.word: Word | None = None
        # The questions that are open, with the time when each was asked.
        self.asked: dict[str, float] = {}
        self.problem = ""
        # Datagrams in this round.
        self.heard = 0
        self._place = place
        self._socket: socket.socket | None = None
        self._retry_at = -math.inf

    def descriptor(self) -> int | None:
        return None if self._socket is None or self.heard >= MOST_HEARD else self._socket.fileno()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, now: float, age: float) -> None:
        if self._socket is None and now >= self._retry_at:
            self._retry_at = now + RETRY
            self._open()
        nonce = os.urandom(DIGITS // 2).hex()
        self.asked = {**{each: at for each, at in self.asked.items() if now - at <= age}, nonce: now}
        self.send(question(nonce))

    def send(self, data: bytes) -> None:
        # A node that is away, or a network that is down, is no reason to stop.
        with contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.send(data)

    def receive(self) -> bytes | None:
        """The next datagram; None if there is none, or there were too many."""
        while self._socket is not None and self.heard < MOST_HEARD:
            self.heard += 1
            try:
                data = self._socket.recv(LARGEST + 1)
            except ConnectionRefusedError:
                # What its machine says of an earlier question: nobody listens there.
                continue
            except OSError:
                self.heard -= 1
                return None
            if len(data) <= LARGEST:
                return data
        return None

    def _open(self) -> None:
        place = self._place
        family = socket.AF_INET6 if ":" in place.address else socket.AF_INET
        fresh = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            fresh.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            fresh.bind((place.address, place.port))
            fresh.connect((self.address, place.port))
        except OSError as error:
            fresh.close()
            at = f"{place.address} port {place.port}"
            self.problem = f"cannot ask {self.address} from {at}: {error.strerror or error}"
            return
        self._socket, self.problem = fresh, ""


def question(nonce: str) -> bytes:
    return json.dumps({"v": VERSION, "nonce": nonce}).encode().ljust(LARGEST)


def answer(nonce: str, word: Word, known: frozenset[str]) -> bytes:
    """
    A word as a datagram. The pools stand in it by their names or, if these do not fit, as bits over the sorted names of
    all pools, after a digest of these.
    """
    fields: dict[str, object] = {
        "v": VERSION,
        "nonce": nonce,
        "announces": word.announces,
        "leaving": word.leaving,
        "serves": word.serves,
        "cost": word.cost,
        "announced": word.announced,
        "pools": sorted(word.pools),
    }
    data = _packed(fields)
    return data if len(data) <= LARGEST else _packed({**fields, "pools": _bits(word.pools, known)})


def parse_answer(fields: Mapping[str, object], asked: float, known: frozenset[str]) -> Word | None:
    """A word that was asked for at that time; None if it is none."""
    flags = [fields.get(name) for name in ("announces", "leaving", "serves")]
    costs = [fields.get(name) for name in ("cost", "announced")]
    if not all(isinstance(flag, bool) for flag in flags):
        return None
    if not all(isinstance(cost, int) and not isinstance(cost, bool) and 0 <= cost <= MOST for cost in costs):
        return None
    pools = _pools(fields.get("pools"), known)
    if pools is None:
        return None
    announces, leaving, serves = cast("list[bool]", flags)
    cost, announced = cast("list[int]", costs)
    return Word(asked, announces, leaving, serves, cost, announced, pools)


def _pools(said: object, known: frozenset[str]) -> frozenset[str] | None:
    """The pools of this node that live there: others are none of its business. None if they cannot be read."""
    if isinstance(said, list):
        names = cast("list[object]", said)
        return known & frozenset(name for name in names if isinstance(name, str))
    if not isinstance(said, str):
        return None
    digest, _, bits = said.partition(":")
    if digest != _digest(known):
        # The other node has other pools, as during a change: it is known to serve, and no pool is compared with it.
        return frozenset()
    if not HEXADECIMAL.fullmatch(bits):
        return None
    mask = int(bits, 16)
    return frozenset(name for place, name in enumerate(sorted(known)) if mask >> place & 1)


def _bits(pools: frozenset[str], known: frozenset[str]) -> str:
    mask = sum(1 << place for place, name in enumerate(sorted(known)) if name in pools)
    return f"{_digest(known)}:{mask:x}"


def _digest(names: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(sorted(names)).encode()).hexdigest()[:16]


def _packed(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()


def _fields(data: bytes) -> "dict[str, object]":
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}
