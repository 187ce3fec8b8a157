"""The command `flush-cache`: takes answers out of the caches of pools."""

import re
from typing import NamedTuple

from . import dns, users
from .daemons.dnsdist import Dnsdist, Flush
from .errors import Failure
from .manifest import Manifest
from .node import Node

HIGHEST_TYPE = 65_535


class Wanted(NamedTuple):
    """What is taken out: all, those of a name, or those of a name and all below it; of one type, and of one pool."""

    name: str | None
    kind: str | None
    below: bool
    pool: str | None


def flush(node: Node, live: Manifest, wanted: Wanted) -> str:
    """Takes answers out, and says how many."""
    service = live.service(Dnsdist.name)
    if service is None:
        raise Failure("this node has no dnsdist, and so no cache")
    if wanted.name is None and (wanted.kind is not None or wanted.below):
        raise Failure("--type and --below need a NAME")
    if wanted.name is not None:
        try:
            dns.build_query(wanted.name, "A")
        except ValueError as error:
            raise Failure(str(error)) from None
    kind = None if wanted.kind is None else _number(wanted.kind)
    users.join_group(users.find(live.user))
    flushed = Dnsdist().flush(node, service, Flush(wanted.pool, wanted.name, kind, wanted.below))
    if flushed.caches == 0:
        raise Failure("no pool has a cache" if wanted.pool is None else f"pool {wanted.pool} has no cache")
    return f"{_count(flushed.answers, 'answer')} of {_count(flushed.caches, 'cache')} removed"


def _number(kind: str) -> int:
    """The number of a type: by its name, as `TYPEnnn` (RFC 3597), or as a number."""
    known = dns.TYPES.get(kind.upper())
    if known is not None:
        return known
    found = re.fullmatch(r"(?:TYPE)?(\d{1,5})", kind.upper())
    if found is None or int(found[1]) > HIGHEST_TYPE:
        raise Failure(f"there is no type {kind}; known are {', '.join(dns.TYPES)}, others are TYPEnnn")
    return int(found[1])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
