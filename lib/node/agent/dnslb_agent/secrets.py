"""Keeps the secrets of a release out of the output of the agent."""

import os
from collections.abc import Iterable, Sequence

from . import daemons
from .manifest import Manifest, ServiceFile

FOLDER = "secrets"
HIDDEN = "(hidden)"
# Single lines of a secret are hidden from this length on: to hide a line such as "yes" would garble messages.
SHORTEST_LINE = 8


class Redactor:
    """Replaces every secret in a text."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted({value for value in values if value}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, HIDDEN)
        return text


def redactor(release: str, manifest: Manifest, others: Sequence[str] = ()) -> Redactor:
    """A redactor for the secret files of a release, as they are and as rendered files quote them, and for `others`."""
    values: set[str] = set()
    composed = {
        os.path.join(release, each.secret): daemons.by_name(each.service)
        for each in manifest.compose
        if isinstance(each, ServiceFile)
    }
    for path in {*_files(os.path.join(release, FOLDER)), *composed, *others}:
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            continue
        text = content.decode("utf-8", "replace")
        values.add(text.strip())
        lines = text.splitlines()
        values.update(line for line in lines if len(line) >= SHORTEST_LINE and "-----" not in line)
        if path in composed:
            values.add(text.rstrip("\r\n"))
            values.add(composed[path].quote_secret(text.rstrip("\r\n")))
    return Redactor(values)


def _files(folder: str) -> list[str]:
    return [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
