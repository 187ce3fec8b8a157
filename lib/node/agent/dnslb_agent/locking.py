"""One change of a node at a time."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager

from .errors import Failure
from .node import Node
from .report import Deadline

LOCK = "agent.lock"
POLL = 0.05


@contextmanager
def locked(node: Node, wait: float) -> Generator[None, None, None]:
    """Waits until no other agent changes this node."""
    os.makedirs(node.run, mode=0o750, exist_ok=True)
    descriptor = os.open(node.at_run(LOCK), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = Deadline(wait)
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not deadline.pause(POLL):
                    raise Failure(f"another agent has been changing this node for {wait:g} s") from None
        yield
    finally:
        os.close(descriptor)


def is_held(node: Node) -> bool:
    """Whether an agent changes this node now."""
    try:
        descriptor = os.open(node.at_run(LOCK), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
