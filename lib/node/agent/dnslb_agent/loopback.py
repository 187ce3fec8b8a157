"""
The addresses of a group on the loopback interface of its nodes, where no neighbour is told of them. What the agent has
put there is noted in the run directory, which is empty after a restart of the node, as the interface is: addresses that
an administrator put there stay.
"""

import json
import os
from collections.abc import Iterable
from typing import cast

from . import files
from .commands import run
from .errors import Failure
from .kernel import LOOPBACK, canonical, loopback_addresses
from .log import log_info
from .node import Node

NAME = "loopback"
TIMEOUT = 5


def keep(node: Node, addresses: Iterable[str]) -> None:
    """Puts those addresses there that are missing, and removes those that it has put there for another release."""
    wanted = [address for address in map(canonical, addresses) if address is not None]
    there, noted = loopback_addresses(), _noted(node)
    missing = [address for address in wanted if address not in there]
    gone = [address for address in noted if address not in wanted]
    ours = sorted({*noted, *missing})
    # Before they are there, so that none is ever left behind.
    if ours != noted:
        _note(node, ours)
    for address in missing:
        # No neighbour is asked for a duplicate. As sources of the node's own packets they would be answered elsewhere:
        # the kernel takes neither the scope `host` nor what is deprecated.
        unused = ["nodad", "preferred_lft", "0"] if ":" in address else ["scope", "host"]
        _ip("replace", address, *unused)
    for address in gone:
        if address in there:
            _remove(address)
    if gone:
        _note(node, sorted(set(ours) - set(gone)))
    for text, changed in (("put on", missing), ("removed from", [each for each in gone if each in there])):
        if changed:
            log_info(f"{', '.join(changed)} {text} {LOOPBACK}")


def leave(node: Node) -> None:
    """Removes what it has put there."""
    if _noted(node):
        keep(node, [])


def _remove(address: str) -> None:
    try:
        _ip("del", address)
    except Failure:
        # Another process may have been first.
        if address in loopback_addresses():
            raise


def _noted(node: Node) -> list[str]:
    try:
        with open(_path(node), encoding="utf-8") as file:
            found: object = json.load(file)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise Failure(f"{_path(node)} cannot be read: {error}") from None
    if not isinstance(found, list):
        raise Failure(f"{_path(node)} has no list of addresses")
    noted = [canonical(str(each)) for each in cast(list[object], found)]
    return sorted(address for address in noted if address is not None)


def _note(node: Node, addresses: list[str]) -> None:
    files.create_private_directory(node.private_path)
    files.write_atomically(_path(node), json.dumps(addresses), 0o600)


def _path(node: Node) -> str:
    return os.path.join(node.private_path, NAME)


def _ip(verb: str, address: str, *more: str) -> None:
    cidr = f"{address}/{128 if ':' in address else 32}"
    outcome = run(["ip", "address", verb, cidr, "dev", LOOPBACK, *more], TIMEOUT)
    if outcome.status != 0:
        words = outcome.output.strip() or f"status {outcome.status}"
        raise Failure(f"ip address {verb} {cidr} dev {LOOPBACK}: {words}")
