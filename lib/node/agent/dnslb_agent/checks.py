"""The daemons' own judgement of a release that is not live."""

from . import daemons, services, users
from .commands import call, environment
from .daemons import Daemon
from .errors import Failure
from .manifest import Manifest, Service
from .node import Node
from .report import complain
from .secrets import Redactor, redactor

TIMEOUT = 20
MOST_LINES = 40


def check(node: Node, release: str, manifest: Manifest) -> None:
    """Asks every daemon of a release whether it would take it."""
    redact = redactor(release, manifest)
    services.prepare(node, manifest)
    refused = [service.name for service in manifest.services if not _accepts(node, release, manifest, service, redact)]
    if refused:
        raise Failure(f"refused by {' and '.join(refused)}; nothing was changed")


def _accepts(node: Node, release: str, manifest: Manifest, service: Service, redact: Redactor) -> bool:
    daemon = daemons.of(service)
    if not service.check:
        return True
    daemon.prepare_check(node, service)
    try:
        outcome = call(node.fill(service.check, release), TIMEOUT, users.find(service.user), environment(release))
    except Failure as failure:
        complain(f"{service.name}: {redact(str(failure))}")
        return False
    # Paths as the release has them: the folder at hand is gone when its operator reads this.
    words = _complaints(daemon, redact(outcome.output).replace(f"{release}/", "")) + daemon.problems(manifest)
    if outcome.status == 0 and not words:
        return True
    for line in words[:MOST_LINES]:
        complain(f"{service.name}: {line}")
    if not words:
        complain(f"{service.name}: its check ended with status {outcome.status} and said nothing")
    return False


def _complaints(daemon: Daemon, output: str) -> list[str]:
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    return [line for line in lines if daemon.praise is None or not daemon.praise.fullmatch(line.strip())]
