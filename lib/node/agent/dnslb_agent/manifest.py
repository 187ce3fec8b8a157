"""What a release says about itself."""

import json
import os
from typing import Dict, List, NamedTuple, Optional, Union, cast

from .errors import Failure

MANIFEST = "manifest.json"
SCHEMA = 1


class HaproxyMaster(NamedTuple):
    socket: str


class DnsdistConsole(NamedTuple):
    restart_on: List[str]


class Signal(NamedTuple):
    signal: str


class Command(NamedTuple):
    command: List[str]


Reload = Union[HaproxyMaster, DnsdistConsole, Signal, Command]


class Service(NamedTuple):
    name: str
    command: List[str]
    user: str
    check: List[str]
    reload: Reload
    start_settings: str
    keeps_data: bool


class HaproxyUserlist(NamedTuple):
    path: str
    userlist: str
    user: str
    password: str


class NsdKey(NamedTuple):
    path: str
    name: str
    algorithm: str
    secret: str


class ReleaseMetric(NamedTuple):
    path: str


ComposedFile = Union[HaproxyUserlist, NsdKey, ReleaseMetric]


class DnsCheck(NamedTuple):
    service: str
    port: int
    name: str
    address: str
    proxy_protocol: bool


class HttpCheck(NamedTuple):
    service: str
    port: int
    path: str


ReadyCheck = Union[DnsCheck, HttpCheck]


class DaemonWatch(NamedTuple):
    name: str
    check: ReadyCheck


class PoolWatch(NamedTuple):
    """Fails while a pool has no live server here and has one at the peer."""

    name: str
    alive: str
    peer: str
    # What the peer's servers are asked, through the peer.
    proof_name: str
    proof_type: str
    recursion_desired: bool
    option: int
    # In seconds.
    patience: float


class Watch(NamedTuple):
    # In seconds.
    interval: float
    timeout: float
    fall: int
    rise: int
    checks: "List[Union[DaemonWatch, PoolWatch]]"


class Pool(NamedTuple):
    name: str
    servers: List[str]


class Manifest(NamedTuple):
    load_balancer: str
    node: str
    configuration: str
    user: str
    services: List[Service]
    compose: List[ComposedFile]
    ready: List[ReadyCheck]
    pools: List[Pool]
    watch: Optional[Watch]

    def service(self, name: str) -> "Union[Service, None]":
        return next((service for service in self.services if service.name == name), None)


def read(release: str) -> Manifest:
    """Reads the manifest of a release, or says what is wrong with it."""
    try:
        with open(os.path.join(release, MANIFEST), encoding="utf-8") as file:
            data: object = json.load(file)
    except OSError as error:
        raise Failure(f"{MANIFEST}: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{MANIFEST}: {error}") from error
    reader = _Reader(data, "")
    if reader.number("schema") != SCHEMA:
        raise Failure(f"{MANIFEST}: this agent reads schema {SCHEMA} only")
    return Manifest(
        load_balancer=reader.text("loadBalancer"),
        node=reader.text("node"),
        configuration=reader.text_or("configuration", ""),
        user=reader.text("user"),
        services=[_service(each) for each in reader.items("services")],
        compose=[_composed(each) for each in reader.items("compose")],
        ready=[_ready(each) for each in reader.items("ready")],
        pools=[Pool(each.text("name"), each.texts("servers")) for each in reader.items("pools")],
        watch=_watch(reader.item("watch")) if reader.has("watch") else None,
    )


class _Reader:
    """Takes typed values out of parsed JSON and names the place where one is missing."""

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, dict):
            raise Failure(f"{MANIFEST}: {place or 'the whole'} is not an object")
        self._data = cast(Dict[str, object], data)
        self._place = place

    def text(self, key: str) -> str:
        value = self._data.get(key)
        if not isinstance(value, str) or "\0" in value:
            raise self.wrong(key, "a text")
        return value

    def has(self, key: str) -> bool:
        return key in self._data

    def text_or(self, key: str, absent: str) -> str:
        return self.text(key) if key in self._data else absent

    def flag(self, key: str) -> bool:
        value = self._data.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def number(self, key: str) -> int:
        value = self._data.get(key)
        if not isinstance(value, int):
            raise self.wrong(key, "a number")
        return value

    def texts(self, key: str) -> List[str]:
        values = self._list(key)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "a list of texts")
        return cast(List[str], values)

    def path(self, key: str) -> str:
        value = self.text(key)
        if value.startswith("/") or any(part in ("", ".", "..") for part in value.split("/")):
            raise self.wrong(key, "a path inside the release")
        return value

    def item(self, key: str) -> "_Reader":
        return _Reader(self._data.get(key), self._at(key))

    def items(self, key: str) -> "List[_Reader]":
        return [_Reader(each, self._at(f"{key}[{index}]")) for index, each in enumerate(self._list(key))]

    def wrong(self, key: str, wanted: str) -> Failure:
        return Failure(f"{MANIFEST}: '{self._at(key)}' is not {wanted}")

    def _list(self, key: str) -> List[object]:
        value = self._data.get(key)
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        return cast(List[object], value)

    def _at(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key


def _service(reader: _Reader) -> Service:
    command = reader.texts("command")
    if not command:
        raise reader.wrong("command", "a command")
    name = reader.text("name")
    if not name.replace("-", "").isalnum():
        raise reader.wrong("name", "a name of letters, digits and '-'")
    return Service(
        name=name,
        command=command,
        user=reader.text("user"),
        check=reader.texts("check"),
        reload=_reload(reader.item("reload")),
        start_settings=reader.text_or("startSettings", ""),
        keeps_data=reader.flag("keepsData"),
    )


def _reload(reader: _Reader) -> Reload:
    kind = reader.text("kind")
    if kind == "haproxy-master":
        return HaproxyMaster(reader.text("socket"))
    if kind == "dnsdist-console":
        return DnsdistConsole(reader.texts("restartOn"))
    if kind == "signal":
        signal = reader.text("signal")
        if signal not in ("HUP", "USR1"):
            raise reader.wrong("signal", "HUP or USR1")
        return Signal(signal)
    if kind == "command":
        return Command(reader.texts("command"))
    raise reader.wrong("kind", "a way to reload that this agent knows")


def _composed(reader: _Reader) -> ComposedFile:
    kind = reader.text("kind")
    if kind == "haproxy-userlist":
        return HaproxyUserlist(
            path=reader.path("path"),
            userlist=reader.text("userlist"),
            user=reader.text("user"),
            password=reader.path("password"),
        )
    if kind == "nsd-key":
        return NsdKey(
            path=reader.path("path"),
            name=reader.text("name"),
            algorithm=reader.text("algorithm"),
            secret=reader.path("secret"),
        )
    if kind == "release-metric":
        return ReleaseMetric(reader.path("path"))
    raise reader.wrong("kind", "a kind of file that this agent composes")


def _ready(reader: _Reader) -> ReadyCheck:
    kind = reader.text("kind")
    if kind == "dns":
        return DnsCheck(
            service=reader.text("service"),
            port=reader.number("port"),
            name=reader.text("name"),
            address=reader.text_or("address", "127.0.0.1"),
            proxy_protocol=reader.flag("proxyProtocol"),
        )
    if kind == "http":
        return HttpCheck(reader.text("service"), reader.number("port"), reader.text("path"))
    raise reader.wrong("kind", "a check that this agent knows")


def _watch(reader: _Reader) -> Watch:
    return Watch(
        interval=reader.number("interval") / 1000,
        timeout=reader.number("timeout") / 1000,
        fall=reader.number("fall"),
        rise=reader.number("rise"),
        checks=[_watched(each) for each in reader.items("checks")],
    )


def _watched(reader: _Reader) -> "Union[DaemonWatch, PoolWatch]":
    name = reader.text("name")
    if not name.replace("-", "").replace("_", "").isalnum():
        raise reader.wrong("name", "a name of letters, digits, '-' and '_'")
    kind = reader.text("kind")
    if kind == "daemon":
        return DaemonWatch(name, _ready(reader.item("check")))
    if kind == "pool":
        proof = reader.item("proof")
        return PoolWatch(
            name=name,
            alive=reader.text("alive"),
            peer=reader.text("peer"),
            proof_name=proof.text("name"),
            proof_type=proof.text("type"),
            recursion_desired=proof.flag("recursionDesired"),
            option=reader.number("option"),
            patience=reader.number("patience") / 1000,
        )
    raise reader.wrong("kind", "a check that this agent knows")
