"""Commands of others, each with a time limit."""

import os
import signal
import subprocess
from typing import NamedTuple

from .errors import Failure
from .users import User

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
KEPT = ("LANG", "TZ", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")


class Outcome(NamedTuple):
    status: int
    output: str


def environment(release: str) -> dict[str, str]:
    """What a daemon or its checker sees: nothing of the caller's environment that could be a secret."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "PATH": os.environ.get("PATH", PATH), "DNSLB_RELEASE": release}


def call(words: list[str], timeout: float, user: User | None = None, env: dict[str, str] | None = None) -> Outcome:
    """Runs a command to its end and returns its status with all that it said."""
    other = user is not None and not user.is_me()
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
