"""What is due from time to time while the daemons run."""

from contextlib import suppress

from . import daemons, outdated, processes, reader, refusals, release, rendering
from .errors import Failure
from .manifest import Manifest, ReleaseMetric
from .node import Node


def make(node: Node) -> None:
    """Does for each running service of the live release what is due. The lock of the node must be held."""
    if release.current(node) is None:
        return
    live = reader.read(node.current_link)
    for service in live.services:
        if processes.find_running(node, service.name) is not None:
            daemons.for_service(service).upkeep(node, service, live)
    publish(node, live)


def publish(node: Node, live: Manifest) -> None:
    """Tells the services that show metrics what has changed. What is not told is told the next time."""
    values = {name: str(int(is_due)) for name, is_due in outdated.restarts_due(node, live).items()}
    if any(isinstance(each, ReleaseMetric) and each.live is not None for each in live.compose):
        name = release.current(node) or ""
        values |= rendering.live_values(node.current_link, live, name, refusals.read(node, live))
        values |= rendering.mobility_values(live, node)
    _tell(node, live, values)


def publish_mobility(node: Node, told: dict[str, str]) -> dict[str, str]:
    """The same of the addresses alone, which changes more often; only what is not in `told`. Returns what is so now."""
    if release.current(node) is None:
        return {}
    live = reader.read(node.current_link)
    if not any(isinstance(each, ReleaseMetric) and each.live is not None for each in live.compose):
        return {}
    values = rendering.mobility_values(live, node)
    _tell(node, live, {key: value for key, value in values.items() if told.get(key) != value})
    return values


def _tell(node: Node, live: Manifest, values: dict[str, str]) -> None:
    if not values:
        return
    for service in live.services:
        if processes.find_running(node, service.name) is not None:
            with suppress(Failure, OSError):
                daemons.for_service(service).publish(node, service, values)
