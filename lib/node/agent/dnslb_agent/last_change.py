"""How the last change of each kind ended: kept in the state of the node, for metrics and for operators."""

import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import NamedTuple, cast

from . import files
from .node import Node

FILE = "last-changes.json"
LARGEST = 64 * 1024


class Outcome(NamedTuple):
    # As Unix time.
    at: float
    success: bool


@contextmanager
def recorded(node: Node, kind: str) -> Generator[None, None, None]:
    """Keeps when the change in the block ended, and whether it did without a failure."""
    success = False
    try:
        yield
        success = True
    finally:
        # A full disk is no reason to fail.
        with suppress(OSError):
            outcomes = read(node) | {kind: Outcome(time.time(), success)}
            text = json.dumps({name: list(each) for name, each in outcomes.items()})
            files.write_atomically(node.state_path(FILE), text, 0o600)


def read(node: Node) -> dict[str, Outcome]:
    """By the kind of change; empty if there was none yet, or the file is damaged."""
    found: dict[str, Outcome] = {}
    try:
        descriptor = os.open(node.state_path(FILE), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="utf-8") as file:
            for name, (at, success) in cast("dict[str, tuple[float, bool]]", json.loads(file.read(LARGEST))).items():
                found[name] = Outcome(float(at), bool(success))
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return found
