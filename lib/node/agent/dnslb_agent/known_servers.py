"""
What HAProxy knows of its servers, handed over at a reload: the process that begins would believe dead ones alive, and
cut the connections that it sent to them in the meantime.
"""

import ipaddress
import os
import re
from contextlib import contextmanager
from typing import Dict, Generator, Set, Tuple

from . import configuration, haproxy
from .node import Node
from .users import User

FILE = "haproxy-servers"
# The version of the format, and no servers. HAProxy warns of a file that is missing or empty.
NOTHING = "1\n"
VERSION = "1"
DOWN = "0"

SECTION = re.compile(r"^(\S+)\s*(\S*)")
SERVER = re.compile(r"^\s+server\s+(\S+)\s+(\S+)")
PLACE = re.compile(r"^\[?(.*?)\]?:(\d+)$")

# Backend, server, address and port.
Place = Tuple[str, str, str, str]


def forget(node: Node) -> None:
    """HAProxy begins as if it had never run."""
    _write(node, NOTHING)


@contextmanager
def handed_over(node: Node, user: User, folder: str) -> "Generator[None, None, None]":
    """Lets a reload inside know which servers of a release's folder are down."""
    try:
        state = haproxy.ask(node.at_run(haproxy.RUNTIME_SOCKET), "show servers state", user)
    except OSError:
        state = ""
    _write(node, down(state, configured(configuration.read(folder, configuration.HAPROXY))))
    try:
        yield
    finally:
        forget(node)


def down(state: str, kept: "Set[Place]") -> str:
    """
    Of `show servers state`, the servers that are down and stay what they are: HAProxy would take a server's port from
    here rather than from its configuration.
    """
    version, _, table = state.strip().partition("\n")
    header, *rows = table.splitlines() or [""]
    columns = header.lstrip("# ").split()
    if version != VERSION:
        return NOTHING
    lines = [row for row in rows if _is_down(dict(zip(columns, row.split())), kept)]
    return "\n".join([version, header, *lines, ""]) if lines else NOTHING


def configured(text: str) -> "Set[Place]":
    """The servers of a configuration."""
    places: Set[Place] = set()
    backend = ""
    for line in text.splitlines():
        section, server = SECTION.match(line), SERVER.match(line)
        if section is not None:
            backend = section.group(2) if section.group(1) == "backend" else ""
        elif backend and server is not None:
            place = PLACE.match(server.group(2))
            if place is not None:
                places.add((backend, server.group(1), _canonical(place.group(1)), place.group(2)))
    return places


def _is_down(row: "Dict[str, str]", kept: "Set[Place]") -> bool:
    backend, server, address, port = (row.get(name, "") for name in ("be_name", "srv_name", "srv_addr", "srv_port"))
    return row.get("srv_op_state") == DOWN and (backend, server, _canonical(address), port) in kept


def _canonical(address: str) -> str:
    try:
        return ipaddress.ip_address(address).compressed
    except ValueError:
        return address


def _write(node: Node, text: str) -> None:
    descriptor = os.open(node.at_run(FILE), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    with open(descriptor, "w", encoding="utf-8") as file:
        # HAProxy is another user.
        os.fchmod(descriptor, 0o644)
        file.write(text)
