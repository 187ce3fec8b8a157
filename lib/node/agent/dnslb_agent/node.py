"""The directories of a node."""

import os
from typing import NamedTuple


class Node(NamedTuple):
    """`state` holds the releases and survives a restart of the node; `run` holds sockets and pid files and does not."""

    state: str
    run: str

    @property
    def releases_path(self) -> str:
        return os.path.join(self.state, "releases")

    @property
    def current_link(self) -> str:
        return os.path.join(self.state, "current")

    @property
    def previous_link(self) -> str:
        return os.path.join(self.state, "previous")

    def release_path(self, release: str) -> str:
        return os.path.join(self.releases_path, release)

    def state_path(self, name: str) -> str:
        return os.path.join(self.state, name)

    @property
    def private_path(self) -> str:
        """The part of `run` in which nobody but the agent and daemons of its user can put anything."""
        return os.path.join(self.run, "private")

    def run_path(self, name: str) -> str:
        return os.path.join(self.run, name)

    def substitute(self, words: "list[str]", release: str) -> "list[str]":
        """Replaces `{release}`, `{state}` and `{run}` in a command of the manifest by directories."""
        places = {"{release}": release, "{state}": self.state, "{run}": self.run}
        filled: list[str] = []
        for word in words:
            for placeholder, place in places.items():
                word = word.replace(placeholder, place)
            filled.append(word)
        return filled
