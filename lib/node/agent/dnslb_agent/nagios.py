"""The form of `ready` for monitors that run plug-ins: one line with figures, and an exit status (Nagios, Icinga)."""

import time
from typing import NamedTuple

from . import certificates, change, drain, mobility, outdated, processes, reader, ready, release, watch
from .errors import Failure
from .log import Deadline, one_line
from .manifest import Manifest
from .node import Node

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
DAY = 86400


class Finding(NamedTuple):
    severity: int
    text: str


def check(node: Node, timeout: float) -> tuple[int, str]:
    """The exit status and the line; whatever cannot be told is UNKNOWN, since 1 and 2 mean something else here."""
    try:
        return _check(node, timeout)
    except (Failure, OSError, ValueError) as failure:
        return UNKNOWN, _line(UNKNOWN, str(failure), [])
    except KeyboardInterrupt:
        return UNKNOWN, _line(UNKNOWN, "interrupted", [])


def _check(node: Node, timeout: float) -> tuple[int, str]:
    name = release.current(node)
    if name is None:
        return CRITICAL, _line(CRITICAL, "this node has no release yet", [])
    live = reader.read(node.current_link)
    found = [*_readiness(node, live, timeout), *_checks(node, live), *_upkeep(node, live)]
    severity = max((each.severity for each in found), default=OK)
    # What is worst first.
    found.sort(key=lambda each: -each.severity)
    text = "; ".join(each.text for each in found) or f"ready {name}"
    return severity, _line(severity, text, _figures(node, live))


def _readiness(node: Node, live: Manifest, timeout: float) -> list[Finding]:
    deadline = Deadline(timeout)
    try:
        ready.wait_until_ready(node, live.ready, [service.name for service in live.services], deadline)
        mobility.for_release(live).await_ready(node, deadline)
    except Failure as failure:
        return [Finding(CRITICAL, str(failure))]
    return []


def _checks(node: Node, live: Manifest) -> list[Finding]:
    failed = watch.failed_checks(node, live.watch)
    found = [Finding(CRITICAL, f"failed checks: {', '.join(failed)}")] if failed else []
    age = watch.age(node, live.watch)
    if live.watch.checks and (age is None or age > watch.STALE):
        found.append(Finding(CRITICAL, "nobody makes the checks" if age is None else f"no checks for {age} s"))
    return found


def _upkeep(node: Node, live: Manifest) -> list[Finding]:
    found: list[Finding] = []
    for validity in certificates.validities(node.current_link, live):
        words = validity.warning()
        if words is not None:
            is_over = validity.state in ("expired", "not yet valid")
            found.append(Finding(CRITICAL if is_over else WARNING, words.partition(": ")[2]))
    if change.change_state(node) == "cut short":
        found.append(Finding(CRITICAL, "a change was cut short: roll back, or apply again"))
    if drain.is_drained(node):
        found.append(Finding(WARNING, "drained"))
    due = [name for name, is_due in outdated.restarts_due(node, live).items() if is_due]
    if due:
        found.append(Finding(WARNING, f"restart due: {', '.join(due)}"))
    return found


def _figures(node: Node, live: Manifest) -> list[str]:
    """Label, value, thresholds, lowest and highest, as the guidelines of plug-ins have it."""
    running = sum(processes.find_running(node, service.name) is not None for service in live.services)
    figures = [
        f"services={running};;;0;{len(live.services)}",
        f"failed_checks={len(watch.failed_checks(node, live.watch))};;0;0;{len(live.watch.checks)}",
        f"drained={int(drain.is_drained(node))};0;;0;1",
    ]
    age = watch.age(node, live.watch)
    if age is not None:
        figures.append(f"watch_age={age}s;;{watch.STALE};0")
    ends = [each.not_after for each in certificates.validities(node.current_link, live)]
    if ends:
        figures.append(f"certificate_days={(min(ends) - time.time()) / DAY:.1f}")
    return figures


def _line(severity: int, text: str, figures: list[str]) -> str:
    # What stands behind the bar is read as figures.
    line = f"DNSLB {WORDS[severity]} - {one_line(text).replace('|', '/')}"
    return f"{line} | {' '.join(figures)}" if figures else line
