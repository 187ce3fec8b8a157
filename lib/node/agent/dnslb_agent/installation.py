"""The installation of a node on a host, which has put its program `remove` beside that of the agent."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

from .errors import Failure
from .locking import hold
from .node import Node

PROGRAM = "remove"
# Beside the run directory. The program that installs a node holds it while it does.
LOCK = "dns-lb-bootstrap.lock"


def is_on_host() -> bool:
    return os.path.exists(_program())


@contextmanager
def locked(node: Node, wait: float) -> Generator[None, None, None]:
    """Keeps the program that installs the node from running; waits for it at most `wait` seconds."""
    path = os.path.join(os.path.dirname(node.run), LOCK)
    with hold(path, wait, "another bootstrap or upgrade has been changing this host"):
        yield


def uninstall() -> NoReturn:
    """Becomes the program that takes everything of the node off its host."""
    path = _program()
    try:
        os.execv(path, [path])
    except FileNotFoundError:
        raise Failure("this node was not installed on a host; it ends with its container") from None


def _program() -> str:
    return os.path.join(os.path.dirname(os.path.realpath(sys.argv[0])), PROGRAM)
