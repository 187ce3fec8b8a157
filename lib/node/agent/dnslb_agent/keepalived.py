"""The virtual addresses of a node."""

import ipaddress
import json
import os
import re
from typing import List, Optional, Set, cast

from .commands import call
from .errors import Failure
from .node import Node

CONFIGURATION = "keepalived/keepalived.conf"
BLOCK = re.compile(r"^\s*virtual_ipaddress(?:_excluded)?\s*\{([^}]*)\}", re.MULTILINE)


def held(node: Node) -> Optional[List[str]]:
    """The virtual addresses of the live release that this node has now; nothing when that cannot be known."""
    wanted = _configured(os.path.join(node.current, CONFIGURATION))
    try:
        present = _present()
    except Failure:
        return None
    return sorted(wanted & present)


def _configured(path: str) -> Set[str]:
    try:
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"[#!].*", "", file.read())
    except OSError:
        return set()
    lines = [line.split() for block in BLOCK.findall(text) for line in block.splitlines()]
    return {address for words in lines if words for address in [_address(words[0])] if address}


def _present() -> Set[str]:
    outcome = call(["ip", "-j", "addr"], 3)
    try:
        links: object = json.loads(outcome.output)
    except ValueError:
        raise Failure("ip addr answered no JSON") from None
    found: Set[str] = set()
    for link in _records(links):
        for entry in _records(link.get("addr_info")):
            address = _address(str(entry.get("local", "")))
            if address:
                found.add(address)
    return found


def _records(value: object) -> "List[dict[str, object]]":
    if not isinstance(value, list):
        return []
    return [cast("dict[str, object]", each) for each in cast(List[object], value) if isinstance(each, dict)]


def _address(text: str) -> Optional[str]:
    try:
        return str(ipaddress.ip_interface(text).ip)
    except ValueError:
        return None
