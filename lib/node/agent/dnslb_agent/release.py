"""Releases: directories of files under the state of a node, named by what they hold."""

import hashlib
import os
import shutil
import stat
import tempfile
import time
from contextlib import contextmanager
from typing import Generator, List, Optional

from .compose import compose, naming_files, tell_name
from .errors import Failure
from .manifest import Manifest, read
from .node import Node
from .users import User, find, join, share

FOLDER_MODE = 0o750
FILE_MODE = 0o640
KEPT = 3
LARGEST = 256 * 1024 * 1024
INCOMING = ".incoming-"
LEFT_BEHIND_AFTER = 3600


@contextmanager
def staged(node: Node, bundle: str) -> "Generator[Staged, None, None]":
    """Copies a bundle to a private place, completes it, and removes what is left of it in the end."""
    if not os.path.isdir(bundle):
        raise Failure(f"{bundle}: not a directory")
    user = find(read(bundle).user)
    prepare(node, user)
    folder = tempfile.mkdtemp(prefix=INCOMING, dir=node.releases)
    try:
        _copy(bundle, folder)
        manifest = read(folder)
        compose(folder, manifest)
        name = identify(folder, manifest)
        tell_name(folder, manifest, name)
        _close(folder, user)
        yield Staged(folder, manifest, user, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Staged:
    """A release that is complete, and not among the node's releases yet."""

    def __init__(self, folder: str, manifest: Manifest, user: User, release: str) -> None:
        self.folder = folder
        self.manifest = manifest
        self.user = user
        self.id = release

    def keep(self, node: Node) -> None:
        """Puts it among the node's releases."""
        place = node.release(self.id)
        if os.path.isdir(place):
            if identify(place, self.manifest) == self.id:
                return
            shutil.rmtree(place)
        os.rename(self.folder, place)
        _sync(node.releases)


def prepare(node: Node, user: User) -> None:
    """Makes the node's own directories."""
    join(user)
    for folder in (node.state, node.releases):
        os.makedirs(folder, mode=FOLDER_MODE, exist_ok=True)
        share(folder, user, FOLDER_MODE)
    for name in os.listdir(node.releases):
        path = os.path.join(node.releases, name)
        if name.startswith(".") and time.time() - os.lstat(path).st_mtime > LEFT_BEHIND_AFTER:
            shutil.rmtree(path, ignore_errors=True)


def identify(folder: str, manifest: Manifest) -> str:
    """The name of a release: a digest of the paths and bytes of all its files but those that tell the name."""
    digest = hashlib.sha256()
    for path in sorted(set(_files(folder)) - naming_files(manifest)):
        with open(os.path.join(folder, path), "rb") as file:
            content = file.read()
        name = path.encode("utf-8", "surrogateescape")
        digest.update(b"%d:%s%d:" % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()[:16]


def current(node: Node) -> Optional[str]:
    return _target(node.current)


def previous(node: Node) -> Optional[str]:
    return _target(node.previous)


def point(link: str, release: Optional[str]) -> None:
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
    _sync(os.path.dirname(link))


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


def _target(link: str) -> Optional[str]:
    try:
        target = os.path.basename(os.readlink(link))
    except OSError:
        return None
    return target if os.path.isdir(link) else None


def _copy(bundle: str, folder: str) -> None:
    size = 0
    for path in _files(bundle):
        source, target = os.path.join(bundle, path), os.path.join(folder, path)
        status = os.lstat(source)
        if not stat.S_ISREG(status.st_mode):
            raise Failure(f"{path}: not a plain file")
        size += status.st_size
        if size > LARGEST:
            raise Failure(f"{bundle}: larger than {LARGEST // 1024 // 1024} MiB")
        os.makedirs(os.path.dirname(target), mode=FOLDER_MODE, exist_ok=True)
        shutil.copyfile(source, target, follow_symlinks=False)


def _close(folder: str, user: User) -> None:
    """Leaves reading to the user of the daemons and writing to nobody but us."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            share(path, user, FILE_MODE)
            _sync(path)
        share(place, user, FOLDER_MODE)
        _sync(place)


def _files(folder: str) -> List[str]:
    found: List[str] = []

    def refuse(error: OSError) -> None:
        raise Failure(f"{error.filename}: {error.strerror}")

    for place, folders, names in os.walk(folder, onerror=refuse):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        found.extend(os.path.relpath(os.path.join(place, name), folder) for name in [*names, *links])
    return found


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
