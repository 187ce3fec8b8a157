"""Validates a release with the configuration checkers of the daemons."""

from . import certificates, daemons, services, tickets, users
from .commands import daemon_environment, run
from .daemons import Daemon
from .errors import Failure
from .log import log_error
from .manifest import Manifest, Service
from .node import Node
from .secrets import Redactor, redactor

TIMEOUT = 20
MAX_LINES = 40


def check_release(node: Node, release: str, manifest: Manifest) -> None:
    """Runs the checker of every service; fails if one refuses the release."""
    redact = redactor(release, manifest)
    services.create_run_directory(node, manifest)
    wrong = [*certificates.problems(release, manifest), *_ticket_key_problems(release, manifest)]
    for line in wrong[:MAX_LINES]:
        log_error(redact(line))
    refused = [service.name for service in manifest.services if not _accepts(node, release, manifest, service, redact)]
    if wrong and not refused:
        raise Failure("refused for its certificates or keys; nothing was changed")
    # The time stops no change.
    for each in certificates.validities(release, manifest):
        warning = each.warning()
        if warning is not None:
            log_error(warning)
    if refused:
        raise Failure(f"refused by {' and '.join(refused)}; nothing was changed")


def _ticket_key_problems(release: str, manifest: Manifest) -> list[str]:
    found: list[str] = []
    for listener in manifest.tls or []:
        if listener.ticket_keys is not None:
            try:
                tickets.read_given_keys(release, listener.ticket_keys)
            except Failure as failure:
                found.append(str(failure))
    return found


def _accepts(node: Node, release: str, manifest: Manifest, service: Service, redact: Redactor) -> bool:
    daemon = daemons.for_service(service)
    try:
        user = users.find(service.user)
    except Failure as failure:
        log_error(f"{service.name}: {failure}")
        return False
    if not service.check:
        return True
    daemon.prepare_check(node, service, manifest)
    try:
        outcome = run(node.substitute(service.check, release), TIMEOUT, user, daemon_environment(release))
    except Failure as failure:
        log_error(f"{service.name}: {redact(str(failure))}")
        return False
    # Paths relative to the release: the staging directory is gone when an operator reads the message.
    words = [
        *_unexpected_lines(daemon, redact(outcome.output).replace(f"{release}/", "")),
        *daemon.file_problems(service, release),
        *daemon.node_problems(manifest),
    ]
    if outcome.status == 0 and not words:
        return True
    for line in words[:MAX_LINES]:
        log_error(f"{service.name}: {line}")
    if not words:
        log_error(f"{service.name}: its checker ended with status {outcome.status} and without output")
    return False


def _unexpected_lines(daemon: Daemon, output: str) -> list[str]:
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    return [
        line for line in lines if daemon.success_output is None or not daemon.success_output.fullmatch(line.strip())
    ]
