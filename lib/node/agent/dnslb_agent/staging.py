"""The staging directory: a bundle is unpacked there, completed, and moved to the releases of the node."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import BinaryIO, cast

from . import bundle, reader, release
from .manifest import Manifest
from .node import Node
from .rendering import render_release_metrics, render_secret_files

PREFIX = ".incoming-"
STALE_AFTER = 3600
# As the source of a bundle: an archive on standard input.
STDIN = "-"


@contextmanager
def staged_bundle(node: Node, source: str) -> "Generator[str, None, None]":
    """Unpacks a bundle to a staging directory, which is removed at the end. The source is a directory, or STDIN."""
    os.makedirs(node.releases_path, mode=release.FOLDER_MODE, exist_ok=True)
    _remove_stale(node)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=node.releases_path)
    try:
        if source == STDIN:
            bundle.unpack(sys.stdin.buffer, folder)
        else:
            with tempfile.TemporaryFile(dir=node.releases_path) as archive:
                bundle.pack(source, cast(BinaryIO, archive))
                archive.seek(0)
                bundle.unpack(cast(BinaryIO, archive), folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def staged_release(node: Node, name: str) -> "Generator[str, None, None]":
    """Copies a release of the node to a staging directory, which is removed at the end."""
    _remove_stale(node)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=node.releases_path)
    try:
        source = node.release_path(name)
        for path in bundle.list_files(source):
            os.makedirs(os.path.dirname(os.path.join(folder, path)), mode=0o700, exist_ok=True)
            shutil.copyfile(os.path.join(source, path), os.path.join(folder, path), follow_symlinks=False)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Candidate:
    """A complete release in the staging directory."""

    def __init__(self, node: Node, folder: str) -> None:
        self.folder = folder
        self.manifest: Manifest = reader.read(folder)
        self.id = _render_and_identify(node, folder, self.manifest)

    def store(self, node: Node) -> None:
        """Moves it to the releases of the node. A stored release with other content under this id is replaced."""
        place = node.release_path(self.id)
        if os.path.isdir(place):
            if release.compute_id(place, self.manifest) == self.id:
                return
            shutil.rmtree(place)
        os.rename(self.folder, place)
        release.fsync(node.releases_path)


def _render_and_identify(node: Node, folder: str, manifest: Manifest) -> str:
    """Renders the files that need a secret or the id of the release, and returns that id."""
    release.create_directories(node, manifest)
    render_secret_files(folder, manifest)
    name = release.compute_id(folder, manifest)
    render_release_metrics(folder, manifest, name)
    release.restrict_permissions(folder, manifest)
    return name


def _remove_stale(node: Node) -> None:
    """Removes the staging directories of agents that were killed."""
    for name in os.listdir(node.releases_path):
        path = os.path.join(node.releases_path, name)
        try:
            if name.startswith(".") and time.time() - os.lstat(path).st_mtime > STALE_AFTER:
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            # Another agent has removed it.
            pass
