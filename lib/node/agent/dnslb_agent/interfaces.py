"""The interfaces of a node: Docker attaches networks in no order, so that their names change from start to start."""

import ipaddress
import itertools
import json
import re
from typing import NamedTuple, cast

from .commands import call
from .errors import Failure
from .report import say

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}")
TIMEOUT = 5
FAMILIES = ("-4", "-6")
# What `ip route` tells of a route and does not take.
STATES = frozenset(("dead", "linkdown", "offload", "offload_failed", "rt_offload", "rt_trap", "trap", "unresolved"))


class Wanted(NamedTuple):
    """An interface by the address that tells which one it is."""

    name: str
    address: str


class Address(NamedTuple):
    """An address as `ip address` takes it."""

    text: str
    scope: str
    # Learned from a router, which tells it again.
    learned: bool

    @property
    def bare(self) -> str:
        return self.text.partition("/")[0]


class Link(NamedTuple):
    number: int
    name: str
    addresses: list[Address]

    def __str__(self) -> str:
        return " ".join([self.name, *(address.bare for address in self.addresses if address.scope == "global")])


def parse(words: list[str]) -> list[Wanted]:
    """Reads `eth0=10.0.0.2 eth1=203.0.113.2`."""
    wanted: list[Wanted] = []
    for word in words:
        name, _, address = word.partition("=")
        if not NAME.fullmatch(name) or name == "lo" or address == "":
            raise Failure(f"{word}: must be the name of an interface, = and its address")
        wanted.append(Wanted(name, canonical(address)))
    for index, each in enumerate(wanted):
        for other in wanted[:index]:
            if each.name == other.name or each.address == other.address:
                raise Failure(f"{each.name}={each.address} and {other.name}={other.address} name one thing twice")
    return wanted


def canonical(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        raise Failure(f"{address!r} is no address") from None


def arrange(wanted: list[Wanted], gateways: list[str]) -> None:
    """
    Gives each interface the name that its address is wanted under, and the default routes to the first one.
    What is right already is left alone.
    """
    links = _links()
    names = _new_names(links, wanted)
    if names:
        _rename([link for link in links if link.name in names], names)
    for gateway in gateways:
        _lead(wanted[0].name, canonical(gateway))


def _new_names(links: list[Link], wanted: list[Wanted]) -> dict[str, str]:
    """What to call the interfaces that have a wrong name."""
    right = {_holder(links, each).name: each.name for each in wanted}
    if len(right) < len(wanted):
        raise Failure("an interface has more than one of the addresses of " + ", ".join(each.name for each in wanted))
    names = {name: new for name, new in right.items() if name != new}
    taken = {link.name for link in links} | set(right.values())
    # Who has the name of another makes room.
    for link in links:
        if link.name in right.values() and link.name not in right:
            names[link.name] = _free("eth", taken)
            taken.add(names[link.name])
    return names


def _holder(links: list[Link], wanted: Wanted) -> Link:
    for link in links:
        if any(address.bare == wanted.address for address in link.addresses):
            return link
    there = "; ".join(str(link) for link in links)
    raise Failure(f"no interface has {wanted.address}, the address of {wanted.name}; there are: {there}")


def _free(stem: str, taken: "set[str]") -> str:
    return next(name for name in (f"{stem}{number}" for number in range(len(taken) + 1)) if name not in taken)


def _rename(links: list[Link], names: dict[str, str]) -> None:
    """
    Renames interfaces while they are down, as Linux before 6.2 demands; that costs them their IPv6 addresses and their
    routes, which they get back.
    """
    routes = {family: _routes(family) for family in FAMILIES}
    # Two may change places.
    passing = {link.name: f"dnslb-{link.number}" for link in links}
    for link in links:
        _ip("link", "set", "dev", link.name, "down")
        _ip("link", "set", "dev", link.name, "name", passing[link.name])
    for link in links:
        _ip("link", "set", "dev", passing[link.name], "name", names[link.name])
        _ip("link", "set", "dev", names[link.name], "up")
        for address in link.addresses:
            if ":" in address.text and not address.learned:
                # It was there a moment ago, so that nobody else can have it.
                words = [address.text, "dev", names[link.name], "scope", address.scope, "nodad"]
                _ip("-6", "address", "replace", *words)
        say(f"{link.name} is {names[link.name]}")
    for family in FAMILIES:
        there = _routes(family)
        lost = [route for route in (_renamed(each, names) for each in routes[family]) if route not in there]
        # A router is reached by another route.
        for route in sorted(lost, key=lambda words: "via" in words):
            _give_back(family, route)


def _give_back(family: str, route: list[str]) -> None:
    try:
        _ip(family, "route", "add", *route)
    except Failure as failure:
        # The kernel may be late with its own, when it notices that the interface has a peer.
        if "File exists" not in str(failure):
            raise


def _renamed(route: list[str], names: dict[str, str]) -> list[str]:
    pairs = zip(["", *route], route, strict=False)
    return [names.get(word, word) if before == "dev" else word for before, word in pairs]


def _routes(family: str) -> list[list[str]]:
    """The routes as words that `ip route` takes, without those that the kernel or a router tells again."""
    lines = _ip("-o", family, "route", "show", "table", "all").replace("\\", " ").splitlines()
    routes = [[word for word in line.split() if word not in STATES] for line in lines]
    return [route for route in routes if _value(route, "table") != "local" and _value(route, "proto") != "ra"]


def _lead(device: str, gateway: str) -> None:
    """Makes a router the only default one of its family, save those that announce themselves."""
    family = "-6" if ":" in gateway else "-4"
    defaults = [each for each in _routes(family) if each[0] == "default" and _value(each, "table") is None]
    right = [each for each in defaults if _value(each, "via") == gateway and _value(each, "dev") == device]
    wrong = [each for each in defaults if each not in right]
    for route in wrong:
        _ip(family, "route", "del", *route)
    if not right:
        _ip(family, "route", "add", "default", "via", gateway, "dev", device)
    if wrong or not right:
        say(f"{device} has the default route by {gateway}")


def _value(route: list[str], key: str) -> str | None:
    return next((value for word, value in itertools.pairwise(route) if word == key), None)


def _links() -> list[Link]:
    try:
        records: object = json.loads(_ip("-j", "address"))
    except ValueError:
        raise Failure("ip address answered no JSON") from None
    return [
        Link(int(str(link.get("ifindex"))), str(link.get("ifname")), [_address(each) for each in _records(info)])
        for link in _records(records)
        for info in [link.get("addr_info")]
    ]


def _address(record: "dict[str, object]") -> Address:
    text = f"{canonical(str(record.get('local')))}/{record.get('prefixlen')}"
    return Address(text, str(record.get("scope")), record.get("dynamic") is True)


def _records(value: object) -> "list[dict[str, object]]":
    if not isinstance(value, list):
        return []
    return [cast("dict[str, object]", each) for each in cast(list[object], value) if isinstance(each, dict)]


def _ip(*words: str) -> str:
    outcome = call(["ip", *words], TIMEOUT)
    if outcome.status != 0:
        raise Failure(f"ip {' '.join(words)}: {outcome.output.strip() or f'status {outcome.status}'}")
    return outcome.output
