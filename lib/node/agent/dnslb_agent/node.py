"""Where a node keeps its things."""

import os
from typing import NamedTuple


class Node(NamedTuple):
    """The two directories of a node: `state` holds releases, `run` what is lost at a restart of the node."""

    state: str
    run: str

    @property
    def releases(self) -> str:
        return os.path.join(self.state, "releases")

    @property
    def current(self) -> str:
        return os.path.join(self.state, "current")

    @property
    def previous(self) -> str:
        return os.path.join(self.state, "previous")

    def release(self, release: str) -> str:
        return os.path.join(self.releases, release)

    def at_state(self, name: str) -> str:
        return os.path.join(self.state, name)

    def at_run(self, name: str) -> str:
        return os.path.join(self.run, name)

    def fill(self, words: "list[str]", release: str) -> "list[str]":
        """Puts the node's directories and a release's into a command of the manifest."""
        places = {"{release}": release, "{state}": self.state, "{run}": self.run}
        filled: list[str] = []
        for word in words:
            for placeholder, place in places.items():
                word = word.replace(placeholder, place)
            filled.append(word)
        return filled
