"""Writing files that others read meanwhile: they see the old content or the new one, never a part."""

import os
import tempfile


def replace(path: str, content: str, mode: int = 0o644, sync: bool = False) -> None:
    """Puts a file in the place of the one that is there; on the disk before it is seen, if that is asked for."""
    os.replace(_write(path, content, mode, sync), path)


def create(path: str, content: str, mode: int) -> None:
    """Makes a file unless there is one, which stays."""
    fresh = _write(path, content, mode, sync=False)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)


def _write(path: str, content: str, mode: int, sync: bool) -> str:
    """Writes a file beside another one, under a name that nobody could take before, and gives its path."""
    descriptor, fresh = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path))
    with open(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        if sync:
            file.flush()
            os.fsync(file.fileno())
    return fresh
