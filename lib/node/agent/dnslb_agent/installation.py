"""Undoes the installation of a node on a host, which has put its program `remove` beside that of the agent."""

import os
import sys
from typing import NoReturn

from .errors import Failure

PROGRAM = "remove"


def uninstall() -> NoReturn:
    """Becomes the program that takes everything of the node off its host."""
    path = os.path.join(os.path.dirname(os.path.realpath(sys.argv[0])), PROGRAM)
    try:
        os.execv(path, [path])
    except FileNotFoundError:
        raise Failure("this node was not installed on a host; it ends with its container") from None
