"""Whether another node serves what this one does, so that this one may stop."""

from . import progress
from .log import Deadline
from .manifest import Manifest, PoolWatch
from .pools import MILLISECONDS, has_live_server

POLL = 0.2
ASKING = "asking whether another node serves"


def problem(live: Manifest, seconds: float) -> str | None:
    """Why no other node can do without this one, after it was asked for so long; None if one can."""
    checks = [check for check in live.watch.checks if isinstance(check, PoolWatch)]
    peers = sorted({peer for check in checks for peer in check.peers})
    if not peers:
        return "no other node takes over what this one answers"
    away = {each.address: each.name for each in live.out_of_service or []}
    deadline = Deadline(seconds)
    with progress.step(ASKING, seconds) as step:
        while True:
            found: list[str] = []
            for peer in peers:
                reason = "is out of service" if peer in away else _problem_of(live, checks, peer)
                if reason is None:
                    return None
                found.append(f"{away.get(peer, 'the other node')} at {peer} {reason}")
            step.reason = "; ".join(found)
            if not deadline.pause(POLL):
                return step.reason


def _problem_of(live: Manifest, checks: list[PoolWatch], peer: str) -> str | None:
    timeout = live.watch.timeout / MILLISECONDS
    there = {check.name: has_live_server(check, peer, timeout) for check in checks if peer in check.peers}
    if not any(there.values()):
        return "does not serve: it is away, or without a live pool"
    dead = [check for check in checks if not there.get(check.name)]
    lost = [check.name for check in dead if has_live_server(check, check.alive.address, timeout)]
    return f"has no live server of what lives here: {', '.join(lost)}" if lost else None
