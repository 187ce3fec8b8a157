"""Runs other programs, each with a time limit."""

import os
import signal
import subprocess
from typing import NamedTuple

from .errors import Failure
from .users import User

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PASSED_VARIABLES = ("LANG", "TZ", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")


class Outcome(NamedTuple):
    status: int
    output: str


def daemon_environment(release: str) -> dict[str, str]:
    """The environment of a daemon and of its checker. Of the caller's it has only variables that hold no secret."""
    kept = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
    return {**kept, "PATH": os.environ.get("PATH", PATH), "DNSLB_RELEASE": release}


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
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failure(f"{os.path.basename(words[0])} did not end within {timeout:g} s") from None
    finally:
        if process.poll() is None:
            _kill(process)
    return Outcome(process.returncode, output.decode("utf-8", "replace"))


def _kill(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait(5)
