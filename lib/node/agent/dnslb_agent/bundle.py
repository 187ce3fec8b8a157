"""Bundles on their way to a node: tar archives of plain files."""

import os
import stat
import tarfile
from typing import BinaryIO, Iterator

from .errors import Failure

LARGEST = 256 * 1024 * 1024
MOST_FILES = 20_000
PART = 64 * 1024
TOO_LARGE = f"the bundle is larger than {LARGEST // 1024 // 1024} MiB"


def pack(folder: str, stream: BinaryIO) -> None:
    """Writes all files of a directory as an archive."""
    if not os.path.isdir(folder):
        raise Failure(f"{folder}: not a directory")
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files(folder)):
            _add(archive, folder, path)


def unpack(stream: BinaryIO, folder: str) -> None:
    """
    Writes the files of an archive below a directory, for nobody else to read. Python's own filter for such archives is
    missing in Debian 12: nothing but plain files inside of the directory is taken here.
    """
    room = LARGEST
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for number, member in enumerate(archive):
                if number >= MOST_FILES:
                    raise Failure(f"the bundle has more than {MOST_FILES} files")
                if not member.isreg() or not _is_inside(member.name):
                    raise Failure(f"{member.name}: not a file inside a bundle")
                room -= member.size
                if room < 0:
                    raise Failure(TOO_LARGE)
                _extract(archive, member, folder)
    except tarfile.TarError as error:
        raise Failure(f"what came in is no bundle, or not the whole of it: {error}") from error


def files(folder: str) -> Iterator[str]:
    """The paths of all that is in a directory and no directory itself, links included."""

    def refuse(error: OSError) -> None:
        raise Failure(f"{error.filename}: {error.strerror}")

    for place, folders, names in os.walk(folder, onerror=refuse):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        yield from (os.path.relpath(os.path.join(place, name), folder) for name in [*names, *links])


def _add(archive: tarfile.TarFile, folder: str, path: str) -> None:
    source = os.path.join(folder, path)
    if not stat.S_ISREG(os.lstat(source).st_mode):
        raise Failure(f"{path}: not a plain file")
    with open(os.open(source, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        member = tarfile.TarInfo(path)
        member.size = os.fstat(file.fileno()).st_size
        archive.addfile(member, file)


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: str) -> None:
    target = os.path.join(folder, member.name)
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    content = archive.extractfile(member)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        while content is not None:
            part = content.read(PART)
            if not part:
                return
            file.write(part)


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and all(part not in ("", ".", "..") for part in path.split("/"))
