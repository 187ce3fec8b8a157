"""Runs other programs, each with a time limit."""

import os
import selectors
import signal
import subprocess
import sys
from typing import BinaryIO, NamedTuple, cast

from .errors import Failure
from .log import Deadline
from .node import Node
from .users import User

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Of a daemon's console or checker, of both streams.
MAX_OUTPUT = 64 * 1024 * 1024
PASSED_VARIABLES = ("LANG", "TZ", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")


class Outcome(NamedTuple):
    status: int
    output: str


def daemon_environment(release: str) -> dict[str, str]:
    """The environment of a daemon and of its checker. Of the caller's it has only variables that hold no secret."""
    kept = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
    return {**kept, "PATH": os.environ.get("PATH", PATH), "DNSLB_RELEASE": release}


def spawn_agent(node: Node, words: list[str], stdin: int) -> None:
    """Starts a command of the agent in the background. It is forked twice, so that it is no child of this process."""
    child = os.fork()
    if child == 0:
        try:
            words = [sys.argv[0], "--state", node.state, "--run", node.run, *words]
            subprocess.Popen(words, stdin=stdin, start_new_session=True)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def run(words: list[str], timeout: float, user: User | None = None, env: dict[str, str] | None = None) -> Outcome:
    """Runs a command and returns its exit status with its output, both streams in one."""
    other = user is not None and not user.is_current()
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env if env is not None else {"PATH": os.environ.get("PATH", PATH)},
            cwd="/",
            start_new_session=True,
            user=user.uid if user is not None and other else None,
            group=user.gid if user is not None and other else None,
            extra_groups=user.groups if user is not None and other else None,
        )
    except (OSError, ValueError) as error:
        raise Failure(f"cannot run {words[0] if words else 'an empty command'}: {error}") from error
    try:
        output = _read_until_exit(process, os.path.basename(words[0]), Deadline(timeout))
    finally:
        if process.poll() is None:
            _kill(process)
        if process.stdout is not None:
            process.stdout.close()
    return Outcome(process.returncode, output.decode("utf-8", "replace"))


def _read_until_exit(process: "subprocess.Popen[bytes]", name: str, deadline: Deadline) -> bytes:
    output = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(cast(BinaryIO, process.stdout), selectors.EVENT_READ)
        while selector.select(deadline.remaining()):
            part = os.read(cast(BinaryIO, process.stdout).fileno(), 65536)
            output += part
            if len(output) > MAX_OUTPUT:
                raise Failure(f"{name} printed more than {MAX_OUTPUT // 1024 // 1024} MiB")
            if not part:
                break
    try:
        process.wait(deadline.remaining())
    except subprocess.TimeoutExpired:
        raise Failure(f"{name} did not end within {deadline.seconds:g} s") from None
    return bytes(output)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait(5)
