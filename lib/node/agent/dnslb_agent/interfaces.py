"""Gives the interfaces of a node fixed names: Docker attaches networks in any order, so that names vary."""

import ipaddress
import itertools
import json
import re
from typing import NamedTuple, cast

from .commands import run
from .errors import Failure
from .log import log_info

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}")
TIMEOUT = 5
FAMILIES = ("-4", "-6")
# Flags that `ip route show` prints and `ip route add` does not accept.
ROUTE_FLAGS = frozenset(
    ("dead", "linkdown", "offload", "offload_failed", "rt_offload", "rt_trap", "trap", "unresolved")
)


class WantedInterface(NamedTuple):
    """The name to give to the interface that has an address."""

    name: str
    address: str


class Address(NamedTuple):
    """An address in the syntax of `ip address`."""

    text: str
    scope: str
    # From a router advertisement: the next one adds it again.
    from_router: bool

    @property
    def without_prefix(self) -> str:
        return self.text.partition("/")[0]


class Link(NamedTuple):
    number: int
    name: str
    addresses: list[Address]

    def __str__(self) -> str:
        return " ".join(
            [self.name, *(address.without_prefix for address in self.addresses if address.scope == "global")]
        )


def parse_arguments(words: list[str]) -> list[WantedInterface]:
    """Parses arguments like `eth0=10.0.0.2`."""
    wanted: list[WantedInterface] = []
    for word in words:
        name, _, address = word.partition("=")
        if not NAME.fullmatch(name) or name == "lo" or address == "":
            raise Failure(f"{word}: must be the name of an interface, = and its address, such as eth0=10.0.0.2")
        wanted.append(WantedInterface(name, canonical(address)))
    for index, each in enumerate(wanted):
        for other in wanted[:index]:
            if each.name == other.name or each.address == other.address:
                raise Failure(
                    f"{each.name}={each.address} and {other.name}={other.address} have the same name or address"
                )
    return wanted


def canonical(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        raise Failure(f"{address!r} is not an IP address") from None


def configure(wanted: list[WantedInterface], gateways: list[str]) -> None:
    """
    Renames each interface to the name that is wanted for its address, and sets the default routes over the first one.
    Does nothing where that is so already.
    """
    links = _links()
    names = _renames(links, wanted)
    if names:
        _rename([link for link in links if link.name in names], names)
    for gateway in gateways:
        _set_default_route(wanted[0].name, canonical(gateway))


def _renames(links: list[Link], wanted: list[WantedInterface]) -> dict[str, str]:
    """The new names of the interfaces that have a wrong one, by their present names."""
    right = {_link_with_address(links, each).name: each.name for each in wanted}
    if len(right) < len(wanted):
        raise Failure("an interface has more than one of the addresses of " + ", ".join(each.name for each in wanted))
    names = {name: new for name, new in right.items() if name != new}
    taken = {link.name for link in links} | set(right.values())
    # An interface that is not wanted and has a wanted name gets a free one.
    for link in links:
        if link.name in right.values() and link.name not in right:
            names[link.name] = _unused_name("eth", taken)
            taken.add(names[link.name])
    return names


def _link_with_address(links: list[Link], wanted: WantedInterface) -> Link:
    for link in links:
        if any(address.without_prefix == wanted.address for address in link.addresses):
            return link
    there = "; ".join(str(link) for link in links)
    raise Failure(f"no interface has {wanted.address}, the address of {wanted.name}; there are: {there}")


def _unused_name(stem: str, taken: "set[str]") -> str:
    return next(name for name in (f"{stem}{number}" for number in range(len(taken) + 1)) if name not in taken)


def _rename(links: list[Link], names: dict[str, str]) -> None:
    """
    Renames interfaces. Linux before 6.2 renames them only while they are down, which removes their IPv6 addresses and
    their routes: these are added again.
    """
    routes = {family: _routes(family) for family in FAMILIES}
    # Temporary names, because two interfaces may swap theirs.
    passing = {link.name: f"dnslb-{link.number}" for link in links}
    for link in links:
        _ip("link", "set", "dev", link.name, "down")
        _ip("link", "set", "dev", link.name, "name", passing[link.name])
    for link in links:
        _ip("link", "set", "dev", passing[link.name], "name", names[link.name])
        _ip("link", "set", "dev", names[link.name], "up")
        for address in link.addresses:
            if ":" in address.text and not address.from_router:
                # No duplicate address detection: the interface had the address a moment ago.
                words = [address.text, "dev", names[link.name], "scope", address.scope, "nodad"]
                _ip("-6", "address", "replace", *words)
        log_info(f"{link.name} renamed to {names[link.name]}")
    for family in FAMILIES:
        there = _routes(family)
        lost = [route for route in (_with_new_devices(each, names) for each in routes[family]) if route not in there]
        # Routes via a router need the route to that router first.
        for route in sorted(lost, key=lambda words: "via" in words):
            _restore_route(family, route)


def _restore_route(family: str, route: list[str]) -> None:
    try:
        _ip(family, "route", "add", *route)
    except Failure as failure:
        # The kernel may have added its own route in the meantime, when the link came up.
        if "File exists" not in str(failure):
            raise


def _with_new_devices(route: list[str], names: dict[str, str]) -> list[str]:
    pairs = zip(["", *route], route, strict=False)
    return [names.get(word, word) if before == "dev" else word for before, word in pairs]


def _routes(family: str) -> list[list[str]]:
    """The routes as arguments of `ip route add`, without those that the kernel or router advertisements add again."""
    lines = _ip("-o", family, "route", "show", "table", "all").replace("\\", " ").splitlines()
    routes = [[word for word in line.split() if word not in ROUTE_FLAGS] for line in lines]
    return [route for route in routes if _attribute(route, "table") != "local" and _attribute(route, "proto") != "ra"]


def _set_default_route(device: str, gateway: str) -> None:
    """Makes a gateway the only default route of its family, except for routes from router advertisements."""
    family = "-6" if ":" in gateway else "-4"
    defaults = [each for each in _routes(family) if each[0] == "default" and _attribute(each, "table") is None]
    right = [each for each in defaults if _attribute(each, "via") == gateway and _attribute(each, "dev") == device]
    wrong = [each for each in defaults if each not in right]
    for route in wrong:
        _ip(family, "route", "del", *route)
    if not right:
        _ip(family, "route", "add", "default", "via", gateway, "dev", device)
    if wrong or not right:
        log_info(f"default route set via {gateway} on {device}")


def _attribute(route: list[str], key: str) -> str | None:
    return next((value for word, value in itertools.pairwise(route) if word == key), None)


def _links() -> list[Link]:
    try:
        records: object = json.loads(_ip("-j", "address"))
    except ValueError:
        raise Failure("ip -j address: the output is not JSON") from None
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
    outcome = run(["ip", *words], TIMEOUT)
    if outcome.status != 0:
        raise Failure(f"ip {' '.join(words)}: {outcome.output.strip() or f'status {outcome.status}'}")
    return outcome.output
