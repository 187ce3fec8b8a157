"""Releases: directories of files in the state of a node. The id of a release is a digest of its content."""

import hashlib
import os
import shutil

from . import bundle, reader
from .manifest import Manifest, ServiceFile
from .node import Node
from .rendering import release_metric_files
from .users import find, join_group, share_with_group

FOLDER_MODE = 0o750
FILE_MODE = 0o640
# Secrets of services that are not of the daemons' user, who need not know them.
PRIVATE_MODE = 0o600
# Where the watch is not in the group of the daemons' user: it reads the manifest alone, which holds no secret.
PASSED_MODE = 0o751
MANIFEST_MODE = 0o644
# Scripts run as users that own nothing.
SCRIPT_MODE = 0o755
MAX_KEPT = 3


def create_directories(node: Node, manifest: Manifest) -> None:
    """Creates the directories that hold the releases."""
    user = find(manifest.user)
    join_group(user)
    for folder in (node.state, node.releases_path):
        os.makedirs(folder, mode=FOLDER_MODE, exist_ok=True)
        share_with_group(folder, user, _top_mode(manifest))


def restrict_permissions(folder: str, manifest: Manifest) -> None:
    """
    Lets the daemons read a release, a watch of another user its manifest, and everybody its scripts; only the agent may
    write.
    """
    user = find(manifest.user)
    private = {os.path.join(folder, path) for path in _private_files(manifest)}
    scripts = {os.path.join(folder, script.path) for script in manifest.watch.scripts or []}
    passed = {folder, *(os.path.dirname(path) for path in scripts)}
    for place, _, names in os.walk(folder):
        for path in (os.path.join(place, name) for name in names):
            is_shown = manifest.watch.results is not None and path == os.path.join(folder, reader.MANIFEST)
            if path in private:
                os.chmod(path, PRIVATE_MODE)
            else:
                share_with_group(
                    path, user, SCRIPT_MODE if path in scripts else MANIFEST_MODE if is_shown else FILE_MODE
                )
            fsync(path)
        share_with_group(place, user, _top_mode(manifest) if place in passed else FOLDER_MODE)
        fsync(place)


def _private_files(manifest: Manifest) -> list[str]:
    owners = {service.name: service.user for service in manifest.services}
    composed = [each for each in manifest.compose if isinstance(each, ServiceFile)]
    return [
        path
        for each in composed
        if owners.get(each.service, manifest.user) != manifest.user
        for path in (each.path, each.secret)
    ]


def _top_mode(manifest: Manifest) -> int:
    """The mode of the directories on the way to the manifest."""
    return FOLDER_MODE if manifest.watch.results is None else PASSED_MODE


def compute_id(folder: str, manifest: Manifest) -> str:
    """A digest of the paths and contents of all files, except those that contain the id itself."""
    digest = hashlib.sha256()
    for path in sorted(set(bundle.list_files(folder)) - release_metric_files(manifest)):
        with open(os.path.join(folder, path), "rb") as file:
            content = file.read()
        name = path.encode("utf-8", "surrogateescape")
        digest.update(b"%d:%s%d:" % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()[:16]


def current(node: Node) -> str | None:
    return _target(node.current_link)


def previous(node: Node) -> str | None:
    return _target(node.previous_link)


def set_link(link: str, release: str | None) -> None:
    """Points a symbolic link to a release, atomically; removes the link for None."""
    if release is None:
        if os.path.islink(link):
            os.unlink(link)
        return
    fresh = f"{link}.{os.getpid()}"
    if os.path.islink(fresh):
        os.unlink(fresh)
    os.symlink(os.path.join("releases", release), fresh)
    os.replace(fresh, link)
    fsync(os.path.dirname(link))


def prune(node: Node) -> None:
    """Removes all releases but the current one, the previous one and the last used ones."""
    spared = {current(node), previous(node)}
    names = [name for name in os.listdir(node.releases_path) if not name.startswith(".")]
    names.sort(key=lambda name: os.lstat(node.release_path(name)).st_mtime, reverse=True)
    others = [name for name in names if name not in spared]
    room = MAX_KEPT - sum(1 for name in names if name in spared)
    for name in others[max(0, room) :]:
        shutil.rmtree(node.release_path(name), ignore_errors=True)


def remove(node: Node, release: str) -> None:
    shutil.rmtree(node.release_path(release), ignore_errors=True)


def mark_used(node: Node, release: str) -> None:
    """Updates the modification time of a release, by which `prune` orders them."""
    os.utime(node.release_path(release))


def _target(link: str) -> str | None:
    try:
        target = os.path.basename(os.readlink(link))
    except OSError:
        return None
    return target if os.path.isdir(link) else None


def fsync(path: str) -> None:
    """Flushes a file or a directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
