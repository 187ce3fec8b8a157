"""The rules of a release by which a node decides what it announces."""

from ..manifest import BgpAddresses, Manifest, PoolWatch
from .announcement import CheckRule, Rules, WhenFailing

MILLISECONDS = 1000


def rules_of(live: Manifest, group: BgpAddresses) -> Rules:
    pools = {check.name: check for check in live.watch.checks if isinstance(check, PoolWatch)}
    given = group.announcement
    checks: dict[str, CheckRule] = {}
    for each in given.checks:
        pool = pools.get(each.name)
        patience = 0.0 if pool is None else pool.patience / MILLISECONDS
        checks[each.name] = CheckRule(each.cost, WhenFailing(each.when_failing), pool is not None, patience)
    return Rules(
        live.node,
        checks,
        stale_cost=given.stale_cost,
        stale_after=given.stale_after / MILLISECONDS,
        hold=given.hold / MILLISECONDS,
        moves=given.moves,
        damping=given.damping / MILLISECONDS,
        grace=given.grace / MILLISECONDS,
    )


def problems(live: Manifest, group: BgpAddresses) -> list[str]:
    """Why a node could not decide by the rules of a release."""
    watched = {check.name for check in live.watch.checks}
    rules = rules_of(live, group)
    found = [
        f"announces by the check {name}, which the watch does not make"
        for name in sorted(rules.checks.keys() - watched)
    ]
    if rules.grace <= 2 * rules.word_age:
        least = 2 * rules.word_age
        found.append(f"asks routers to leave it for {rules.grace:g} s, which must be more than {least:g} s")
    family = ":" in group.words.address
    strangers = [peer.name for peer in group.peers if (":" in peer.address) != family]
    if strangers:
        found.append(f"cannot ask {', '.join(strangers)} from {group.words.address}, an address of another family")
    names = [peer.name for peer in group.peers]
    if live.node in names or len(set(names)) < len(names):
        found.append("has two nodes of one name in its group")
    return found
