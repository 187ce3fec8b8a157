"""The agent's own service that watches the others."""

from .. import drain
from ..manifest import Manifest, Service
from ..node import Node
from .daemon import Afterwards, Change, Daemon, hang_up


class Watch(Daemon):
    name = "watch"
    binds = False

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        # On every node, so that one stays drained over a restart.
        drain.prepare(node)

    def reload(self, change: Change) -> Afterwards:
        hang_up(change)
        return None
