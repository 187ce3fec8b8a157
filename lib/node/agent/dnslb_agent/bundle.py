"""Packs and unpacks bundles: tar archives of regular files."""

import io
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from .errors import Failure

MAX_SIZE = 256 * 1024 * 1024
MAX_FILES = 20_000
CHUNK = 64 * 1024
# Of an extended header, in bytes.
MAX_HEADER = 64 * 1024
# The exception of `tarfile` at the end-of-archive marker; the type stubs lack it.
END_OF_ARCHIVE = "EOFHeaderError"
TOO_LARGE = f"the bundle is larger than {MAX_SIZE // 1024 // 1024} MiB"


def pack(folder: str, stream: BinaryIO) -> None:
    """Writes the files of a directory to a stream, as an archive."""
    if not os.path.isdir(folder):
        raise Failure(f"{folder}: not a directory")
    with _writing(stream) as archive:
        for path in sorted(list_files(folder)):
            _add(archive, folder, path)


def pack_contents(contents: Mapping[str, bytes], stream: BinaryIO) -> None:
    """Writes files, given as their contents by their paths, to a stream, as an archive."""
    with _writing(stream) as archive:
        for path, content in sorted(contents.items()):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def unpack(stream: BinaryIO, folder: str) -> None:
    """
    Extracts an archive to a directory, readable by this user only. Accepts regular files inside the directory and
    nothing else: Python's extraction filters are missing in Debian 12.
    """
    remaining = MAX_SIZE
    try:
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_StrictTarInfo) as archive:
            for number, member in enumerate(archive):
                if number >= MAX_FILES:
                    raise Failure(f"the bundle has more than {MAX_FILES} files")
                if not member.isreg() or member.issparse() or not is_inside(member.name):
                    raise Failure(f"{member.name}: not a file inside a bundle")
                remaining -= member.size
                if remaining < 0:
                    raise Failure(TOO_LARGE)
                _extract(archive, member, folder)
    except (tarfile.TarError, ValueError, ArithmeticError, RecursionError) as error:
        raise Failure(f"the bundle is incomplete, or no tar archive: {error}") from error


class _StrictTarInfo(tarfile.TarInfo):
    """Raises for a broken or truncated header, where `tarfile` would take it for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: "bytes | bytearray", encoding: str, errors: str) -> "_StrictTarInfo":
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if type(error).__name__ == END_OF_ARCHIVE:
                raise
            raise tarfile.ReadError(str(error)) from error
        if header.size > MAX_HEADER and not header.isreg():
            raise tarfile.ReadError("a header is too long")
        return header


def list_files(folder: str) -> Iterator[str]:
    """The relative paths of everything below a directory that is no directory, symbolic links included."""

    def refuse(error: OSError) -> None:
        raise Failure(f"{error.filename}: {error.strerror}")

    for place, folders, names in os.walk(folder, onerror=refuse):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        yield from (os.path.relpath(os.path.join(place, name), folder) for name in [*names, *links])


def is_inside(path: str) -> bool:
    """Whether a path is relative and leads to nothing outside."""
    return not path.startswith("/") and all(part not in ("", ".", "..") for part in path.split("/"))


def _writing(stream: BinaryIO) -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT)


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
            part = content.read(CHUNK)
            if not part:
                return
            file.write(part)
