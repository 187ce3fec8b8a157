"""The service `watch` of the agent itself."""

from .. import drain, release, script_runner
from ..manifest import Manifest, Service
from ..node import Node
from .daemon import Cleanup, Daemon, ReloadRequest, reload_by_sighup


class Watch(Daemon):
    name = "watch"
    is_packaged = False
    binds_ports = False

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        # Also on a node without virtual addresses, so that `status` shows it as drained after a restart.
        drain.create_drain_file(node)
        # It may not enter where an agent of an earlier version has set the modes since.
        release.create_directories(node, live)

    def start_helper(self, node: Node, live: Manifest) -> dict[str, str]:
        return script_runner.start(node) if live.watch.scripts else {}

    def reload(self, request: ReloadRequest) -> Cleanup | None:
        reload_by_sighup(request)
        return None
