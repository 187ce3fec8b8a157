"""What the node's kernel tells neighbours of its addresses, and which addresses it has."""

import ipaddress
import json
import os
from typing import cast

from .commands import call
from .errors import Failure
from .manifest import Manifest, VrrpAddresses

# What the kernel must be told before it has an address that belongs to another node of the network.
SETTINGS = "/proc/sys/net/ipv4/conf/all"
SILENT = {"arp_ignore": ("1", "2"), "arp_announce": ("2",)}
LOOPBACK = "lo"


def unsafe_settings(candidate: Manifest) -> list[str]:
    """The settings by which the kernel would tell neighbours of addresses that a release keeps on lo."""
    mobility = candidate.mobility
    virtual = mobility.virtual_addresses if isinstance(mobility, VrrpAddresses) else []
    if not any(each.on_loopback and ":" not in each.address for each in virtual):
        return []
    found: list[str] = []
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


def addresses() -> set[str]:
    """The addresses of the node in its networks; those on its loopback interface are nobody's business."""
    outcome = call(["ip", "-j", "addr"], 3)
    try:
        links: object = json.loads(outcome.output)
    except ValueError:
        raise Failure("ip addr answered no JSON") from None
    found: set[str] = set()
    for link in _records(links):
        if link.get("ifname") == LOOPBACK:
            continue
        for entry in _records(link.get("addr_info")):
            address = canonical(str(entry.get("local", "")))
            if address:
                found.add(address)
    return found


def canonical(text: str) -> str | None:
    """The one spelling of an address, with a prefix length or without; nothing where it is none."""
    try:
        return str(ipaddress.ip_interface(text).ip)
    except ValueError:
        return None


def _records(value: object) -> "list[dict[str, object]]":
    if not isinstance(value, list):
        return []
    return [cast("dict[str, object]", each) for each in cast(list[object], value) if isinstance(each, dict)]
