"""Why renewed certificates are not taken: kept for `status` and metrics until they are, or the node restarts."""

import os
from contextlib import suppress

from . import files, node_files
from .log import one_line
from .manifest import Manifest
from .node import Node
from .node_files import Certificate

PREFIX = "refused-"


def record(node: Node, certificate: Certificate, reason: str) -> bool:
    """Keeps a reason; tells whether it is another one than before."""
    path, text = _path(node, certificate), one_line(reason)
    if _read(path) == text:
        return False
    with suppress(OSError):
        files.write_atomically(path, text, 0o600)
    return True


def forget(node: Node, certificate: Certificate) -> None:
    with suppress(OSError):
        os.unlink(_path(node, certificate))


def read(node: Node, live: Manifest) -> dict[str, str]:
    """The reasons by the paths of the certificates in the release."""
    found = {each.path: _read(_path(node, each)) for each in node_files.certificates(live)}
    return {path: reason for path, reason in found.items() if reason is not None}


def sentence(certificate: Certificate, reason: str) -> str:
    return f"{certificate.listener}: {certificate.sources} is not taken, and what it had serves on: {reason}"


def _path(node: Node, certificate: Certificate) -> str:
    return os.path.join(node.private_path, PREFIX + certificate.path.replace("/", "-"))


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None
