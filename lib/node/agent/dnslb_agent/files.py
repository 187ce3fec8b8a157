"""Atomic writes: a reader sees the old content of a file or the new one, never a part of it."""

import os
import tempfile


def write_atomically(path: str, content: str, mode: int = 0o644, sync: bool = False) -> None:
    """Replaces a file. With `sync`, its content is on the disk before the file is visible under its name."""
    os.replace(_write_temporary(path, content, mode, sync), path)


def create_if_missing(path: str, content: str, mode: int) -> None:
    """Creates a file; leaves an existing one as it is."""
    fresh = _write_temporary(path, content, mode, sync=False)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)


def _write_temporary(path: str, content: str, mode: int, sync: bool) -> str:
    """Writes a temporary file with an unpredictable name in the same directory, and returns its path."""
    descriptor, fresh = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path))
    with open(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        if sync:
            file.flush()
            os.fsync(file.fileno())
    return fresh
