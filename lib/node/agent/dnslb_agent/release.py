"""Releases: directories of files under the state of a node, named by what they hold."""

import hashlib
import os
import shutil

from . import bundle
from .compose import naming_files
from .manifest import Manifest
from .node import Node
from .users import User, join, share

FOLDER_MODE = 0o750
FILE_MODE = 0o640
KEPT = 3


def prepare(node: Node, user: User) -> None:
    """Makes the node's own directories."""
    join(user)
    for folder in (node.state, node.releases):
        os.makedirs(folder, mode=FOLDER_MODE, exist_ok=True)
        share(folder, user, FOLDER_MODE)


def identify(folder: str, manifest: Manifest) -> str:
    """The name of a release: a digest of the paths and bytes of all its files but those that tell the name."""
    digest = hashlib.sha256()
    for path in sorted(set(bundle.files(folder)) - naming_files(manifest)):
        with open(os.path.join(folder, path), "rb") as file:
            content = file.read()
        name = path.encode("utf-8", "surrogateescape")
        digest.update(b"%d:%s%d:" % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()[:16]


def current(node: Node) -> str | None:
    return _target(node.current)


def previous(node: Node) -> str | None:
    return _target(node.previous)


def point(link: str, release: str | None) -> None:
    """Lets a link of the node lead to another release, in one step."""
    if release is None:
        if os.path.islink(link):
            os.unlink(link)
        return
    fresh = f"{link}.{os.getpid()}"
    if os.path.islink(fresh):
        os.unlink(fresh)
    os.symlink(os.path.join("releases", release), fresh)
    os.replace(fresh, link)
    sync(os.path.dirname(link))


def prune(node: Node) -> None:
    """Removes all but the releases that were live last."""
    spared = {current(node), previous(node)}
    names = [name for name in os.listdir(node.releases) if not name.startswith(".")]
    names.sort(key=lambda name: os.lstat(node.release(name)).st_mtime, reverse=True)
    others = [name for name in names if name not in spared]
    room = KEPT - sum(1 for name in names if name in spared)
    for name in others[max(0, room) :]:
        shutil.rmtree(node.release(name), ignore_errors=True)


def remove(node: Node, release: str) -> None:
    shutil.rmtree(node.release(release), ignore_errors=True)


def touch(node: Node, release: str) -> None:
    """Notes that a release is live now, for pruning."""
    os.utime(node.release(release))


def _target(link: str) -> str | None:
    try:
        target = os.path.basename(os.readlink(link))
    except OSError:
        return None
    return target if os.path.isdir(link) else None


def sync(path: str) -> None:
    """Waits until a file or a directory is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
