"""Releases on their way in: unpacked once, completed, and then put among the node's releases."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import BinaryIO, cast

from . import bundle, reader, release
from .compose import compose, tell_name
from .manifest import Manifest
from .node import Node
from .users import User, find, share

PREFIX = ".incoming-"
LEFT_BEHIND_AFTER = 3600
# The bundle that comes in at standard input.
STREAM = "-"


@contextmanager
def received(node: Node, source: str) -> "Generator[str, None, None]":
    """Takes a bundle in, from a directory or as an archive from standard input; in the end nothing is left of it."""
    os.makedirs(node.releases, mode=release.FOLDER_MODE, exist_ok=True)
    _forget_others(node)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=node.releases)
    try:
        if source == STREAM:
            bundle.unpack(sys.stdin.buffer, folder)
        else:
            with tempfile.TemporaryFile(dir=node.releases) as archive:
                bundle.pack(source, cast(BinaryIO, archive))
                archive.seek(0)
                bundle.unpack(cast(BinaryIO, archive), folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Candidate:
    """A release that is complete, and not among the node's releases yet."""

    def __init__(self, node: Node, folder: str) -> None:
        self.folder = folder
        self.manifest: Manifest = reader.read(folder)
        self.id = _complete(node, folder, self.manifest)

    def keep(self, node: Node) -> None:
        """Puts it among the node's releases."""
        place = node.release(self.id)
        if os.path.isdir(place):
            if release.identify(place, self.manifest) == self.id:
                return
            shutil.rmtree(place)
        os.rename(self.folder, place)
        release.sync(node.releases)


def _complete(node: Node, folder: str, manifest: Manifest) -> str:
    """Adds what only the node knows, and gives the name of the release."""
    user = find(manifest.user)
    release.prepare(node, user)
    compose(folder, manifest)
    name = release.identify(folder, manifest)
    tell_name(folder, manifest, name)
    _close(folder, user)
    return name


def _close(folder: str, user: User) -> None:
    """Leaves reading to the user of the daemons and writing to nobody but us."""
    for place, _, names in os.walk(folder):
        for path in (os.path.join(place, name) for name in names):
            share(path, user, release.FILE_MODE)
            release.sync(path)
        share(place, user, release.FOLDER_MODE)
        release.sync(place)


def _forget_others(node: Node) -> None:
    """Removes what agents left behind that were killed."""
    for name in os.listdir(node.releases):
        path = os.path.join(node.releases, name)
        try:
            if name.startswith(".") and time.time() - os.lstat(path).st_mtime > LEFT_BEHIND_AFTER:
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            # Another agent was quicker.
            pass
