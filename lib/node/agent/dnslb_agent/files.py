"""Atomic writes: a reader sees the old content of a file or the new one, never a part of it."""

import os
import re
import stat
import tempfile
from contextlib import suppress

from .errors import Failure


def write_atomically(path: str, content: str, mode: int = 0o644, sync: bool = False) -> None:
    """Replaces a file. With `sync`, its content is on the disk before the file is visible under its name."""
    fresh = _write_temporary(path, content, mode, sync)
    try:
        os.replace(fresh, path)
    except OSError:
        _remove(fresh)
        raise


def write_even_if_full(path: str, content: str, mode: int = 0o644) -> None:
    """
    Replaces a file. On a full disk, which has room for what is there, it is written in its place if it has as many
    bytes: who reads it just then may see parts of both.
    """
    try:
        write_atomically(path, content, mode)
    except OSError:
        data = content.encode()
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            if os.fstat(descriptor).st_size != len(data):
                raise
            os.pwrite(descriptor, data, 0)
        finally:
            os.close(descriptor)


def remove_temporary(path: str) -> None:
    """Removes the temporary files that interrupted writes of a file left beside it. Nobody may be writing it."""
    folder, name = os.path.split(path)
    # Older agents named them by their process.
    leftover = re.compile(rf"\.{re.escape(name)}\.\w+|{re.escape(name)}\.\d+")
    with suppress(OSError):
        for each in os.listdir(folder):
            if leftover.fullmatch(each):
                _remove(os.path.join(folder, each))


def create_if_missing(path: str, content: str, mode: int) -> None:
    """Creates a file; leaves an existing one as it is."""
    fresh = _write_temporary(path, content, mode, sync=False)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)


def create_private_directory(path: str) -> None:
    """Creates a directory of this user alone; fails if another has put something in its place."""
    if create_own_directory(path).st_mode & 0o077:
        raise Failure(f"{path} is not a directory of this user alone: remove it, and look who put it there")


def create_own_directory(path: str) -> os.stat_result:
    """Creates a directory of this user; fails if another has put something in its place."""
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise Failure(f"{path} is not a directory of this user alone: remove it, and look who put it there")
    return status


def _write_temporary(path: str, content: str, mode: int, sync: bool) -> str:
    """Writes a temporary file with an unpredictable name in the same directory, and returns its path."""
    descriptor, fresh = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path))
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        # The disk may be full.
        _remove(fresh)
        raise
    return fresh


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
