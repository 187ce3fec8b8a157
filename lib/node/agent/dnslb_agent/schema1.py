"""
Manifests of schema 1 as ones of schema 2, so that a node whose agent is newer than its release runs, changes and goes
back to it. What schema 1 left to the agent's reading of configurations is unknown: where daemons listen, where servers
are, and which addresses are virtual.
"""

import struct
from collections.abc import Callable
from typing import cast

from . import daemons, dns
from .errors import Failure

SCHEMA = 1

Entries = dict[str, object]

# No server has this address, so nothing that is known of a server's state is taken for it.
NOWHERE = "0.0.0.0"
DNS_PORT = 53
# What a standalone node or a server, which schema 1 did not watch, would be asked.
UNWATCHED: Entries = {"interval": 200, "timeout": 400, "fall": 2, "rise": 25, "checks": []}


def translated(manifest: Entries, source: str) -> Entries:
    """A manifest of schema 2 that means the same; whoever decodes it judges what this leaves as it is."""
    try:
        return _manifest(manifest)
    except (KeyError, TypeError, AttributeError, ValueError, struct.error) as error:
        raise Failure(f"{source}: it is no manifest of schema {SCHEMA}: {error!r}") from error


def _manifest(old: Entries) -> Entries:
    services = _records(old["services"])
    names = [str(each["name"]) for each in services]
    kept = {key: old[key] for key in ("node", "configuration", "user") if key in old}
    return {
        **kept,
        "schema": 2,
        "workload": old["loadBalancer"],
        "services": [_service(each) for each in services],
        "compose": [_composed(each) for each in _records(old["compose"])],
        "ready": [_check(each) for each in _records(old["ready"])],
        "pools": [_pool(each, names) for each in _records(old["pools"])],
        "mobility": _mobility(names),
        "watch": _watch(_record(old["watch"])) if "watch" in old else UNWATCHED,
    }


def _service(old: Entries) -> Entries:
    reload = _record(old["reload"])
    daemon = daemons.named(str(old["name"]))
    kept = {key: old[key] for key in ("name", "command", "user", "check", "startSettings") if key in old}
    return {
        **kept,
        "reload": reload["command"] if reload["kind"] == "command" else [],
        "settings": daemon.schema_1_settings,
        "restartOn": reload.get("restartOn", []),
        "keepsData": old.get("keepsData", False),
        "listeners": [],
    }


def _composed(old: Entries) -> Entries:
    # The kind of a daemon's file began with the daemon's name.
    kind = str(old["kind"])
    service = kind.partition("-")[0]
    if service not in daemons.NAMES:
        return old
    secret = "password" if "password" in old else "secret"
    settings = {key: value for key, value in old.items() if key not in ("kind", "path", secret)}
    return {"kind": "service", "service": service, "path": old["path"], "secret": old[secret], "settings": settings}


def _check(old: Entries) -> Entries:
    return {"address": "127.0.0.1", "proxyProtocol": False, **old} if old["kind"] == "dns" else old


def _pool(old: Entries, services: list[str]) -> Entries:
    pool = str(old["name"])
    balancers = [daemon for daemon in map(daemons.named, services) if daemon.has_servers]
    servers = [
        {
            "name": server,
            "address": NOWHERE,
            "port": DNS_PORT,
            "names": {daemon.name: daemon.schema_1_names(pool, server) for daemon in balancers},
        }
        for server in cast(list[str], old["servers"])
    ]
    return {"name": pool, "servers": servers}


def _mobility(services: list[str]) -> Entries:
    speaker = next((name for name in services if isinstance(daemons.named(name), daemons.VrrpSpeaker)), None)
    return {"kind": "fixed"} if speaker is None else {"kind": "vrrp", "service": speaker, "virtualAddresses": []}


def _watch(old: Entries) -> Entries:
    checks = _records(old["checks"])
    # The daemon that answers for pools was the one that is asked by DNS.
    made: list[Entries] = [_record(each["check"]) for each in checks if "check" in each]
    asked: Entries = next((check for check in made if check["kind"] == "dns"), dict[str, object]())
    kinds: dict[str, Callable[[Entries], Entries]] = {
        "daemon": lambda each: {**each, "check": _check(_record(each["check"]))},
        "pool": lambda each: _pool_watch(each, asked),
    }
    return {**old, "checks": [kinds[str(each["kind"])](each) for each in checks]}


def _pool_watch(old: Entries, asked: Entries) -> Entries:
    proof = _record(old["proof"])
    name, kind = str(proof["name"]), str(proof["type"])
    query = dns.message(name, kind, bool(proof["recursionDesired"]), cast(int, old["option"]))
    return {
        "kind": "pool",
        "name": old["name"],
        "alive": {**_check(asked), "name": old["alive"]},
        "peers": [old["peer"]],
        "proof": query.hex(),
        "patience": int(cast(float, old["patience"])),
    }


def _record(value: object) -> Entries:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return cast(Entries, value)


def _records(value: object) -> list[Entries]:
    return [_record(each) for each in cast(list[object], value)]
