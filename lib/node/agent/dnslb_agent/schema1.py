"""
Upgrades manifests of schema 1 to schema 2, so that a newer agent can run, replace and restore an older release. Agents
of schema 1 parsed configuration files for the listeners, the addresses of servers and the virtual addresses: here these
are unknown.
"""

import struct
from collections.abc import Callable
from typing import cast

from . import daemons, dns
from .errors import Failure

SCHEMA = 1

Entries = dict[str, object]

# Matches no server, so that no server state is carried over on reload.
UNKNOWN_ADDRESS = "0.0.0.0"
DNS_PORT = 53
# For standalone nodes and servers, which schema 1 did not watch.
NO_WATCH: Entries = {"interval": 200, "timeout": 400, "fall": 2, "rise": 25, "checks": []}


def upgrade(manifest: Entries, source: str) -> Entries:
    """An equivalent manifest of schema 2. Values that are copied are validated when it is decoded."""
    try:
        return _manifest(manifest)
    except (KeyError, TypeError, AttributeError, ValueError, struct.error) as error:
        raise Failure(f"{source}: is not a manifest of schema {SCHEMA}: {error!r}") from error


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
        "watch": _watch(_record(old["watch"])) if "watch" in old else NO_WATCH,
    }


def _service(old: Entries) -> Entries:
    reload = _record(old["reload"])
    daemon = daemons.by_name(str(old["name"]))
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
    # In schema 1, the kind of a file begins with the name of its daemon.
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
    balancers = [daemon for daemon in map(daemons.by_name, services) if daemon.has_servers]
    servers = [
        {
            "name": server,
            "address": UNKNOWN_ADDRESS,
            "port": DNS_PORT,
            "names": {daemon.name: daemon.schema_1_names(pool, server) for daemon in balancers},
        }
        for server in cast(list[str], old["servers"])
    ]
    return {"name": pool, "servers": servers}


def _mobility(services: list[str]) -> Entries:
    speaker = next((name for name in services if isinstance(daemons.by_name(name), daemons.VrrpDaemon)), None)
    return {"kind": "fixed"} if speaker is None else {"kind": "vrrp", "service": speaker, "virtualAddresses": []}


def _watch(old: Entries) -> Entries:
    checks = _records(old["checks"])
    # In schema 1, the daemon that is checked by DNS also answers for the pools.
    daemon_checks: list[Entries] = [_record(each["check"]) for each in checks if "check" in each]
    dns_check: Entries = next((check for check in daemon_checks if check["kind"] == "dns"), dict[str, object]())
    kinds: dict[str, Callable[[Entries], Entries]] = {
        "daemon": lambda each: {**each, "check": _check(_record(each["check"]))},
        "pool": lambda each: _pool_watch(each, dns_check),
    }
    return {**old, "checks": [kinds[str(each["kind"])](each) for each in checks]}


def _pool_watch(old: Entries, dns_check: Entries) -> Entries:
    proof = _record(old["proof"])
    name, kind = str(proof["name"]), str(proof["type"])
    query = dns.build_query(name, kind, bool(proof["recursionDesired"]), cast(int, old["option"]))
    return {
        "kind": "pool",
        "name": old["name"],
        "alive": {**_check(dns_check), "name": old["alive"]},
        "peers": [old["peer"]],
        "proof": query.hex(),
        "patience": int(cast(float, old["patience"])),
    }


def _record(value: object) -> Entries:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is not an object")
    return cast(Entries, value)


def _records(value: object) -> list[Entries]:
    return [_record(each) for each in cast(list[object], value)]
