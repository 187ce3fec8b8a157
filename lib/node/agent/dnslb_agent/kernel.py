"""The addresses of the node, and the sysctls by which its kernel answers ARP for them."""

import ipaddress
import json
import os
from collections.abc import Callable
from typing import cast

from .commands import run
from .errors import Failure
from .manifest import BgpAddresses, Manifest, VrrpAddresses

# Required before lo has an address that another node of the network answers for.
SYSCTLS = "/proc/sys/net/ipv4/conf/all"
SAFE_VALUES = {"arp_ignore": ("1", "2"), "arp_announce": ("2",)}
LOOPBACK = "lo"


def unsafe_sysctls(candidate: Manifest) -> list[str]:
    """The sysctls by which the kernel would announce by ARP addresses that a release keeps on lo."""
    if not any(":" not in address for address in _kept_addresses(candidate)):
        return []
    found: list[str] = []
    for name, allowed in SAFE_VALUES.items():
        path = os.path.join(SYSCTLS, name)
        try:
            with open(path, encoding="ascii") as file:
                value = file.read().strip()
        except OSError:
            value = "unknown"
        if value not in allowed:
            found.append(f"net.ipv4.conf.all.{name} must be {' or '.join(allowed)} for addresses on lo, is {value}")
    return found


def _kept_addresses(candidate: Manifest) -> list[str]:
    mobility = candidate.mobility
    if isinstance(mobility, BgpAddresses):
        return mobility.addresses
    if isinstance(mobility, VrrpAddresses):
        return [each.address for each in mobility.virtual_addresses if each.on_loopback]
    return []


def local_addresses() -> set[str]:
    """The addresses of the node, without those of the loopback interface."""
    return _addresses(lambda interface: interface != LOOPBACK)


def loopback_addresses() -> set[str]:
    return _addresses(lambda interface: interface == LOOPBACK)


def _addresses(wanted: Callable[[object], bool]) -> set[str]:
    outcome = run(["ip", "-j", "addr"], 3)
    try:
        links: object = json.loads(outcome.output)
    except ValueError:
        raise Failure("ip -j addr: the output is not JSON") from None
    found: set[str] = set()
    for link in _records(links):
        if not wanted(link.get("ifname")):
            continue
        for entry in _records(link.get("addr_info")):
            address = canonical(str(entry.get("local", "")))
            if address:
                found.add(address)
    return found


def canonical(text: str) -> str | None:
    """The canonical form of an address, without its prefix length; None if the text is no address."""
    try:
        return str(ipaddress.ip_interface(text).ip)
    except ValueError:
        return None


def _records(value: object) -> "list[dict[str, object]]":
    if not isinstance(value, list):
        return []
    return [cast("dict[str, object]", each) for each in cast(list[object], value) if isinstance(each, dict)]
