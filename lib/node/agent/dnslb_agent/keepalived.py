"""The virtual addresses that a node has in its networks; on its loopback interface it may have them at all times."""

import ipaddress
import json
import os
import re
from typing import List, Optional, Pattern, Set, cast

from . import configuration
from .commands import call
from .errors import Failure
from .node import Node

VIRTUAL = re.compile(r"^\s*virtual_ipaddress(?:_excluded)?\s*\{([^}]*)\}", re.MULTILINE)
STATIC = re.compile(r"^\s*static_ipaddress\s*\{([^}]*)\}", re.MULTILINE)
# What the kernel must be told before it has an address that belongs to another node of the network.
SETTINGS = "/proc/sys/net/ipv4/conf/all"
SILENT = {"arp_ignore": ("1", "2"), "arp_announce": ("2",)}


def held(node: Node) -> Optional[List[str]]:
    """The virtual addresses of the live release that this node has now; nothing when that cannot be known."""
    wanted = _configured(node.current, VIRTUAL)
    try:
        present = _present()
    except Failure:
        return None
    return sorted(wanted & present)


def betrayals(release: str) -> List[str]:
    """The settings by which the kernel would tell neighbours of addresses that a release keeps on lo."""
    if not any(":" not in address for address in _configured(release, STATIC)):
        return []
    found: List[str] = []
    for name, allowed in SILENT.items():
        path = os.path.join(SETTINGS, name)
        try:
            with open(path, encoding="ascii") as file:
                value = file.read().strip()
        except OSError:
            value = "unknown"
        if value not in allowed:
            found.append(f"net.ipv4.conf.all.{name} must be {' or '.join(allowed)} for addresses on lo, is {value}")
    return found


def _configured(release: str, blocks: "Pattern[str]") -> Set[str]:
    text = re.sub(r"[#!].*", "", configuration.read(release, configuration.KEEPALIVED))
    lines = [line.split() for block in blocks.findall(text) for line in block.splitlines()]
    return {address for words in lines if words for address in [_address(words[0])] if address}


def _present() -> Set[str]:
    outcome = call(["ip", "-j", "addr"], 3)
    try:
        links: object = json.loads(outcome.output)
    except ValueError:
        raise Failure("ip addr answered no JSON") from None
    found: Set[str] = set()
    for link in _records(links):
        if link.get("ifname") == "lo":
            continue
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
