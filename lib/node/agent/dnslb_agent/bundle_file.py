"""Bundles that come as one file of JSON, and their secrets as a second one. No message shows what is in them."""

import base64
import binascii
import json
import os
from typing import cast

from . import bundle
from .errors import Failure
from .log import UNPRINTABLE
from .node_files import read_plain_file

# What a bundle may hold: texts, and files that are on the node already, both by their paths in the release.
FILES, NODE_FILES = "files", "nodeFiles"
KEYS = (FILES, NODE_FILES)
# Of a file of JSON. A character may take six bytes there.
MAX_JSON = 2 * bundle.MAX_SIZE
MAX_PATH = 1024


def read(path: str, secrets: str | None) -> dict[str, bytes]:
    """The contents of all files of a bundle, by their paths in the release."""
    found = _Contents()
    parts = _object(_load(path), path)
    unknown = parts.keys() - set(KEYS)
    if unknown:
        raise Failure(f"{path}: may hold {' and '.join(KEYS)}, and holds {len(unknown)} other entries")
    if FILES not in parts:
        raise Failure(f"{path}: has no {FILES}")
    for name, text in _texts(parts[FILES], f"{path}: {FILES}").items():
        found.add(name, _encoded(name, text))
    for name, place in _texts(parts.get(NODE_FILES, {}), f"{path}: {NODE_FILES}").items():
        found.add(name, _node_file(name, place))
    if secrets is not None:
        for name, text in _texts(_load(secrets), secrets).items():
            found.add(name, _decoded(name, text))
    return found.contents


class _Contents:
    """The files of a bundle: no path twice, none below another, no more than a bundle may have."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self._folders: set[str] = set()
        self._size = 0

    def add(self, name: str, content: bytes) -> None:
        if not bundle.is_inside(name) or len(name) > MAX_PATH or UNPRINTABLE.search(name) or "\n" in name:
            raise Failure(f"{name[:MAX_PATH]!r}: not a file inside a bundle")
        parts = name.split("/")
        folders = {"/".join(parts[:length]) for length in range(1, len(parts))}
        if name in self.contents:
            raise Failure(f"{name}: twice in the bundle")
        if name in self._folders or folders & self.contents.keys():
            raise Failure(f"{name}: a file and a directory in the bundle")
        self._size += len(content)
        if self._size > bundle.MAX_SIZE:
            raise Failure(bundle.TOO_LARGE)
        if len(self.contents) >= bundle.MAX_FILES:
            raise Failure(f"the bundle has more than {bundle.MAX_FILES} files")
        self._folders |= folders
        self.contents[name] = content


class _Repeated(ValueError):
    pass


def _load(path: str) -> object:
    content = read_plain_file(path, path, MAX_JSON)
    try:
        return cast(object, json.loads(content.decode("utf-8"), object_pairs_hook=_without_repetition))
    except _Repeated as error:
        raise Failure(f"{path}: {error}") from None
    except (ValueError, RecursionError):
        # Their words may quote it.
        raise Failure(f"{path}: not JSON in UTF-8") from None


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _Repeated(f"{name}: twice in the bundle")
        found[name] = value
    return found


def _object(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Failure(f"{place}: not an object")
    return cast("dict[str, object]", value)


def _texts(value: object, place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in _object(value, place).items():
        if not isinstance(text, str):
            raise Failure(f"{place}: {name}: not a text")
        found[name] = text
    return found


def _encoded(name: str, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise Failure(f"{name}: has half of a character") from None


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Failure(f"{name}: not base64") from None


def _node_file(name: str, place: str) -> bytes:
    """A file of the node, which may be a link, as certificates often are."""
    if not os.path.isabs(place) or "\0" in place:
        raise Failure(f"{name}: the file of the node has no absolute path")
    return read_plain_file(place, f"{name}: {place}", bundle.MAX_SIZE)
