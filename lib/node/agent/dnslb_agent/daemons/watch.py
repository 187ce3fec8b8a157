"""The agent's own service that watches the others."""

from .daemon import Afterwards, Change, Daemon, hang_up


class Watch(Daemon):
    name = "watch"
    binds = False

    def reload(self, change: Change) -> Afterwards:
        hang_up(change)
        return None
