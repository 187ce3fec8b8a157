"""Bundles on their way to a node, over a local socket: a line of JSON with paths and sizes, then the bytes."""

import json
import os
import socket
from typing import List, Tuple, cast

from .errors import Failure

SCHEMA = 1
LARGEST = 256 * 1024 * 1024
LONGEST_HEADER = 1024 * 1024
PART = 64 * 1024


def send(connection: socket.socket, bundle: str) -> None:
    """Sends all files of a directory."""
    if not os.path.isdir(bundle):
        raise Failure(f"{bundle}: not a directory")
    files = [(path, _read(bundle, path)) for path in sorted(_files(bundle))]
    header = {"schema": SCHEMA, "files": [[path, len(content)] for path, content in files]}
    connection.sendall(json.dumps(header).encode() + b"\n")
    for _, content in files:
        connection.sendall(content)


def receive(connection: socket.socket, folder: str) -> None:
    """Writes the files that come in below a directory, for nobody else to read."""
    with connection.makefile("rb") as incoming:
        for path, size in _header(incoming.readline(LONGEST_HEADER)):
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
                while size > 0:
                    part = incoming.read(min(size, PART))
                    if not part:
                        raise Failure("the bundle ended too early")
                    file.write(part)
                    size -= len(part)


def _files(bundle: str) -> List[str]:
    found = [os.path.join(place, name) for place, _, names in os.walk(bundle) for name in names]
    return [os.path.relpath(path, bundle) for path in found]


def _read(bundle: str, path: str) -> bytes:
    with open(os.open(os.path.join(bundle, path), os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read()


def _header(line: bytes) -> List[Tuple[str, int]]:
    try:
        header = cast("dict[str, object]", json.loads(line))
        if header["schema"] != SCHEMA:
            raise Failure(f"this node takes bundles of schema {SCHEMA} only")
        files = [(str(path), int(size)) for path, size in cast("List[Tuple[object, str]]", header["files"])]
    except (ValueError, KeyError, TypeError):
        raise Failure("what came in is no bundle") from None
    for path, size in files:
        if size < 0 or path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")):
            raise Failure(f"{path}: not a file inside a bundle")
    if sum(size for _, size in files) > LARGEST:
        raise Failure(f"the bundle is larger than {LARGEST // 1024 // 1024} MiB")
    return files
