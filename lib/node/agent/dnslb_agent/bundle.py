"""Bundles on their way to a node: tar archives of plain files."""

import os
import stat
import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from .errors import Failure

LARGEST = 256 * 1024 * 1024
MOST_FILES = 20_000
PART = 64 * 1024
# Of what a header may say beside the name and the size of a file.
LONGEST_HEADER = 64 * 1024
# The class, missing in the types of the module, by which Python's reader tells the marked end of an archive.
END = "EOFHeaderError"
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
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
            for number, member in enumerate(archive):
                if number >= MOST_FILES:
                    raise Failure(f"the bundle has more than {MOST_FILES} files")
                if not member.isreg() or member.issparse() or not _is_inside(member.name):
                    raise Failure(f"{member.name}: not a file inside a bundle")
                room -= member.size
                if room < 0:
                    raise Failure(TOO_LARGE)
                _extract(archive, member, folder)
    except (tarfile.TarError, ValueError, RecursionError) as error:
        raise Failure(f"what came in is no bundle, or not the whole of it: {error}") from error


class _Header(tarfile.TarInfo):
    """A header that must be whole: Python's own reader takes a broken one, and none, for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: "bytes | bytearray", encoding: str, errors: str) -> "_Header":
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if type(error).__name__ == END:
                raise
            raise tarfile.ReadError(str(error)) from error
        if header.size > LONGEST_HEADER and not header.isreg():
            raise tarfile.ReadError("a header is too long")
        return header


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
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise Failure(f"{member.name}: twice in the bundle") from None
    with open(descriptor, "wb") as file:
        while content is not None:
            part = content.read(PART)
            if not part:
                return
            file.write(part)


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and all(part not in ("", ".", "..") for part in path.split("/"))
