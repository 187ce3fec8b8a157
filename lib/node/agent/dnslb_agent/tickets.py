"""
The keys of TLS session tickets. Clients resume their sessions by them after a reload, whose new process would otherwise
make keys of its own.

A node makes its keys, keeps them in memory (the run directory), and replaces the oldest of three every 8 hours: a key
is known for 8 hours before it encrypts, encrypts for 8 hours and decrypts for 8 more. What a daemon gets is
derived from them for each listener and for what its clients must present: one that resumes presents no certificate, so
that a ticket of one listener must be worth nothing at another, nor after the authorities of the clients have changed.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import time

from . import files
from .errors import Failure
from .manifest import TlsListener
from .node import Node

FILE = "tls-tickets"
FILE_MODE = 0o640
OWN_MODE = 0o600
PERIOD = 8 * 3600
COUNT = 3
# In bytes: of a key that a user gives at least, and of one for AES-256 with HMAC-SHA256.
SHORTEST = 32
LENGTH = 80
PURPOSE = b"dns-lb TLS session tickets"


def keys_of(node: Node, listener: TlsListener, folder: str) -> list[bytes]:
    """The keys of a listener of a release, oldest first; the last but one encrypts."""
    if listener.ticket_keys is None:
        originals = _own_keys(node)
    else:
        originals = read_given_keys(folder, listener.ticket_keys)[-COUNT:]
    condition = _condition(listener, folder)
    return [_derive(original, condition) for original in originals]


def rotate_if_due(node: Node) -> bool:
    """Replaces the keys of the node whose time is over; tells whether it did."""
    _own_keys(node)
    known = _read(node)
    if known is None:
        return False
    since, keys = known
    periods = int((_now() - since) // PERIOD)
    # A clock that was set back: the time of the keys is not known.
    periods = 1 if periods < 0 else periods
    if periods == 0:
        return False
    fresh = [secrets.token_bytes(LENGTH) for _ in range(min(periods, COUNT))]
    _write(node, [*keys, *fresh][-COUNT:])
    return True


def random_keys() -> list[bytes]:
    return [secrets.token_bytes(LENGTH) for _ in range(COUNT)]


def file_text(keys: "list[bytes]") -> str:
    """A line for each key."""
    return "".join(f"{encode(key)}\n" for key in keys)


def encode(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def read_given_keys(folder: str, path: str) -> list[bytes]:
    """The keys that a user gives: three or more, one a line. Messages name lines, never what they hold."""
    try:
        with open(os.path.join(folder, path), "rb") as file:
            lines = [line.strip() for line in file.read().split(b"\n")]
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    keys: list[bytes] = []
    for number, line in enumerate(lines, 1):
        if line == b"":
            continue
        try:
            key = base64.b64decode(line, validate=True)
        except binascii.Error:
            key = b""
        if len(key) < SHORTEST:
            raise Failure(f"{path}: line {number} is not {SHORTEST} or more bytes in Base64")
        if key in keys:
            raise Failure(f"{path}: line {number} is a key that stands there already")
        keys.append(key)
    if len(keys) < COUNT:
        raise Failure(f"{path}: {len(keys)} keys, at least {COUNT} are needed, one a line")
    return keys


def _condition(listener: TlsListener, folder: str) -> bytes:
    """What a client must present."""
    if listener.clients is None:
        return listener.name.encode()
    try:
        with open(os.path.join(folder, listener.clients.trust), "rb") as file:
            trust = hashlib.sha256(file.read()).digest()
    except OSError as error:
        raise Failure(f"{listener.clients.trust}: {error.strerror}") from error
    return b"\0".join((listener.name.encode(), listener.clients.mode.encode(), trust))


def _derive(original: bytes, condition: bytes) -> bytes:
    """HKDF (RFC 5869) with SHA-512."""
    secret = hmac.digest(PURPOSE, original, "sha512")
    block, found = b"", b""
    while len(found) < LENGTH:
        counter = bytes([len(found) // hashlib.sha512().digest_size + 1])
        block = hmac.digest(secret, block + condition + counter, "sha512")
        found += block
    return found[:LENGTH]


def _own_keys(node: Node) -> list[bytes]:
    known = _read(node)
    if known is not None:
        return known[1]
    keys = random_keys()
    _write(node, keys)
    return keys


def _read(node: Node) -> "tuple[float, list[bytes]] | None":
    """When the keys were changed last, and the keys; None if there are none that only this user can have written."""
    try:
        descriptor = os.open(node.run_path(FILE), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid() or status.st_mode & 0o177:
            return None
        lines = file.read().split()
    try:
        since, keys = float(lines[0]), [base64.b64decode(line, validate=True) for line in lines[1:]]
    except (IndexError, ValueError):
        return None
    return (since, keys) if [len(key) for key in keys] == [LENGTH] * COUNT else None


def _write(node: Node, keys: "list[bytes]") -> None:
    files.write_atomically(node.run_path(FILE), f"{_now()}\n{file_text(keys)}", OWN_MODE)


def _now() -> float:
    """Runs on while the machine sleeps, and begins anew with it, as the run directory does."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
