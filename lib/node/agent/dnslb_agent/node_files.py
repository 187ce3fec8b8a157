"""Files of the node that releases hold copies of: other programs write them, at any time."""

import os
import stat
from typing import NamedTuple

from .errors import Failure
from .manifest import Manifest, NodeFile

CHUNK = 64 * 1024
# Of one file, in bytes; no secret is larger.
LIMIT = 1024 * 1024
# Beside the file of a certificate: its private key, if it is not in the same file.
KEY_SUFFIX = ".key"

# What differs when a file was replaced, or a link on the way to it leads elsewhere. The time of the last change of the
# inode cannot be set.
Signature = tuple[int, int, int, int, int]


class Certificate(NamedTuple):
    """The certificate of a listener whose files other programs renew."""

    listener: str
    service: str
    # That of the certificate in the release.
    path: str
    # Certificate and key, if that is a file of its own.
    files: list[NodeFile]

    @property
    def sources(self) -> str:
        return " and ".join(each.source for each in self.files)

    def signatures(self) -> list[Signature | str]:
        return [signature(each) for each in self.files]


def certificates(live: Manifest) -> list[Certificate]:
    """The certificates that the node looks after."""
    found: list[Certificate] = []
    for listener in live.tls or []:
        for path in listener.certificates:
            own = [each for each in live.node_files or [] if each.path in (path, path + KEY_SUFFIX)]
            if own:
                found.append(Certificate(listener.name, listener.service, path, own))
    return found


def others(live: Manifest) -> list[NodeFile]:
    """The files that are read again when somebody says so."""
    watched = {each.path for certificate in certificates(live) for each in certificate.files}
    return [each for each in live.node_files or [] if each.path not in watched]


def signature(file: NodeFile) -> Signature | str:
    """What tells without reading a file that it is another; the reason if it cannot be found."""
    try:
        found = os.stat(file.source)
    except OSError as error:
        return error.strerror or "it cannot be read"
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def read(file: NodeFile) -> bytes:
    return read_plain_file(file.source, file.source, LIMIT)


def changed(release: str, files: list[NodeFile]) -> dict[str, bytes]:
    """The contents of those files that are not what a release has, by their paths in it."""
    found = {each.path: read(each) for each in files}
    return {path: content for path, content in found.items() if content != _content(release, path)}


def state(release: str, file: NodeFile) -> str:
    """How a file is compared with what a release has of it."""
    try:
        return "live" if read(file) == _content(release, file.path) else "changed"
    except Failure:
        return "unreadable"


def read_plain_file(path: str, shown: str, limit: int) -> bytes:
    """The content of a file, which may be a link, as certificates often are."""
    try:
        # A FIFO must not block.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise Failure(f"{shown}: {error.strerror if isinstance(error, OSError) else 'no path'}") from None
    too_large = Failure(f"{shown}: larger than {limit // 1024 // 1024} MiB")
    content = bytearray()
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise Failure(f"{shown}: not a plain file")
    with open(descriptor, "rb") as file:
        if found.st_size > limit:
            raise too_large
        # In parts: Python takes the memory for all that a call may read, which a small host does not have.
        while part := file.read(min(CHUNK, limit + 1 - len(content))):
            content += part
    if len(content) > limit:
        raise too_large
    return bytes(content)


def _content(release: str, path: str) -> bytes | None:
    try:
        with open(os.path.join(release, path), "rb") as file:
            return file.read()
    except OSError:
        return None
