"""Validates a release with the configuration checkers of the daemons."""

from collections.abc import Sequence
from typing import NamedTuple

from . import certificates, daemons, limits, mobility, progress, services, tickets, users
from .commands import daemon_environment, run
from .daemons import Daemon
from .errors import Failure
from .log import log_error
from .manifest import Manifest, Service
from .node import Node
from .secrets import Redactor, redactor

TIMEOUT = 20
MAX_LINES = 40


class Judgement(NamedTuple):
    """What is wrong with a release."""

    lines: list[str]
    # The services whose checkers refuse it.
    refused: list[str]

    def failure(self) -> Failure | None:
        if self.refused:
            return Failure(f"refused by {' and '.join(self.refused)}; nothing was changed")
        return Failure("refused for its certificates or keys; nothing was changed") if self.lines else None


def check_release(node: Node, release: str, manifest: Manifest) -> None:
    """Runs the checker of every service; fails if one refuses the release."""
    judgement = judge(node, release, manifest, manifest.services)
    for line in judgement.lines:
        log_error(line)
    failure = judgement.failure()
    # The time stops no change.
    for each in certificates.validities(release, manifest) if failure is None or judgement.refused else []:
        warning = each.warning()
        if warning is not None:
            log_error(warning)
    if failure is not None:
        raise failure


def judge(node: Node, release: str, manifest: Manifest, services_: Sequence[Service]) -> Judgement:
    """What the checkers of some services say of a release, and what is wrong with its certificates and keys."""
    redact = redactor(release, manifest)
    services.create_run_directory(node, manifest)
    wrong = [*certificates.problems(release, manifest), *_ticket_key_problems(release, manifest)]
    lines = [redact(line) for line in wrong[:MAX_LINES]]
    refused: list[str] = []
    for service in services_:
        with progress.step(f"checking the configuration of {service.name}", TIMEOUT):
            reasons = _refusal(node, release, manifest, service, redact)
        if reasons:
            refused.append(service.name)
            lines += [f"{service.name}: {line}" for line in reasons]
    return Judgement(lines, refused)


def _ticket_key_problems(release: str, manifest: Manifest) -> list[str]:
    found: list[str] = []
    for listener in manifest.tls or []:
        if listener.ticket_keys is not None:
            try:
                tickets.read_given_keys(release, listener.ticket_keys)
            except Failure as failure:
                found.append(str(failure))
    return found


def _refusal(node: Node, release: str, manifest: Manifest, service: Service, redact: Redactor) -> list[str]:
    """Why a service does not take a release; nothing if it does."""
    daemon = daemons.for_service(service)
    try:
        user = users.find(service.user)
    except Failure as failure:
        return [str(failure)]
    if not service.check:
        return []
    daemon.prepare_check(node, service, manifest)
    try:
        outcome = run(node.substitute(service.check, release), TIMEOUT, user, daemon_environment(release))
    except Failure as failure:
        return [redact(str(failure))]
    # Paths relative to the release: the staging directory is gone when an operator reads the message.
    words = [
        *_unexpected_lines(daemon, redact(outcome.output).replace(f"{release}/", "")),
        *daemon.file_problems(service, release),
        *daemon.node_problems(manifest),
        *_mobility_problems(manifest, service),
        *limits.problems(service),
    ]
    if outcome.status == 0 or words:
        return words[:MAX_LINES]
    return [f"its checker ended with status {outcome.status} and without output"]


def _mobility_problems(manifest: Manifest, service: Service) -> list[str]:
    is_bearer = getattr(manifest.mobility, "service", None) == service.name
    return mobility.for_release(manifest).problems(manifest) if is_bearer else []


def _unexpected_lines(daemon: Daemon, output: str) -> list[str]:
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    return [
        line for line in lines if daemon.success_output is None or not daemon.success_output.fullmatch(line.strip())
    ]
