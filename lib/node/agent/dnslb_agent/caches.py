"""The caches of pools: their states, and the command `flush-cache`, which takes answers out of them."""

import re
from typing import NamedTuple

from . import daemons, dns, processes, users
from .daemons import CacheState, Flush
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
    if wanted.name is None and (wanted.kind is not None or wanted.below):
        raise Failure("--type and --below need a NAME")
    if wanted.name is not None:
        if wanted.name != "." and not all(wanted.name.removesuffix(".").split(".")):
            raise Failure(f"'{wanted.name}' is not a domain name: a label is empty; the root is '.'")
        try:
            dns.build_query(wanted.name, "A")
        except ValueError as error:
            raise Failure(str(error)) from None
    kind = None if wanted.kind is None else _number(wanted.kind)
    users.join_group(users.find(live.user))
    what = Flush(wanted.pool, wanted.name, kind, wanted.below)
    flushed = [daemons.for_service(service).flush(node, service, what) for service in live.services]
    caches = sum(each.caches for each in flushed)
    if caches == 0:
        raise Failure("no pool has a cache" if wanted.pool is None else f"pool {wanted.pool} has no cache")
    return f"{_count(sum(each.answers for each in flushed), 'answer')} of {_count(caches, 'cache')} removed"


def states(node: Node, live: Manifest) -> list[CacheState]:
    """The caches of all pools, by their names."""
    users.join_group(users.find(live.user))
    running = [service for service in live.services if processes.find_running(node, service.name)]
    found = [each for service in running for each in daemons.for_service(service).caches(node, service)]
    return sorted(found, key=lambda each: each["name"])


def sentence(cache: CacheState) -> str:
    """What a cache holds, and how often it was of use."""
    asked = cache["hits"] + cache["misses"]
    share = f"{100 * cache['hits'] / asked:.1f} % of {asked} queries" if asked > 0 else "no query yet"
    return f"cache {cache['name']}: {cache['answers']} answers, {cache['entries']} at most; answered {share}"


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
