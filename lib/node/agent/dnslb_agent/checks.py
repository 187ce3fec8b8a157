"""The daemons' own judgement of a release that is not live."""

import re
from typing import Dict, List, Pattern

from . import keepalived, known_servers, services, users
from .commands import call, environment
from .errors import Failure
from .manifest import Manifest, Service
from .node import Node
from .report import complain
from .secrets import Redactor, redactor

TIMEOUT = 20
MOST_LINES = 40
# What checkers say of a good release; every other word refuses it, warnings included.
PRAISE: Dict[str, Pattern[str]] = {
    "dnsdist": re.compile(r"Configuration '.*' OK!"),
    "nsd": re.compile(r"zone \S+ is ok"),
    "haproxy": re.compile(r"Configuration file is valid"),
    "unbound": re.compile(r"unbound-checkconf: no errors in .*"),
}


def check(node: Node, release: str, manifest: Manifest) -> None:
    """Asks every daemon of a release whether it would take it."""
    redact = redactor(release, manifest)
    # HAProxy looks for it when it judges, too.
    if manifest.service("haproxy") is not None:
        services.prepare(node, manifest)
        known_servers.forget(node)
    refused = [service.name for service in manifest.services if not _accepts(node, release, service, redact)]
    if refused:
        raise Failure(f"refused by {' and '.join(refused)}; nothing was changed")


def _accepts(node: Node, release: str, service: Service, redact: Redactor) -> bool:
    if not service.check:
        return True
    env = {**environment(release), "DNSLB_CHECK": "1"}
    try:
        outcome = call(node.fill(service.check, release), TIMEOUT, users.find(service.user), env)
    except Failure as failure:
        complain(f"{service.name}: {redact(str(failure))}")
        return False
    # Paths as the release has them: the folder at hand is gone when its operator reads this.
    words = _complaints(service.name, redact(outcome.output).replace(f"{release}/", ""))
    if service.name == "keepalived":
        words += keepalived.betrayals(release)
    if outcome.status == 0 and not words:
        return True
    for line in words[:MOST_LINES]:
        complain(f"{service.name}: {line}")
    if not words:
        complain(f"{service.name}: its check ended with status {outcome.status} and said nothing")
    return False


def _complaints(service: str, output: str) -> List[str]:
    praise = PRAISE.get(service)
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    return [line for line in lines if praise is None or not praise.fullmatch(line.strip())]
