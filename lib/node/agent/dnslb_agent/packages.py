"""The Debian packages of daemons, by apt."""

import os
import re

from .commands import PATH, Outcome, run
from .errors import Failure
from .log import log_error

# Seconds. Nothing of a download is lost when it is cut off; an installation that is cut off has to be repaired.
UPDATE_TIMEOUT = 180
DOWNLOAD_TIMEOUT = 600
INSTALL_TIMEOUT = 300
QUERY_TIMEOUT = 60
OPTIONS = (
    "-q",
    *("-o", "DPkg::Lock::Timeout=60"),
    *("-o", "Acquire::Retries=3"),
    *("-o", "Acquire::http::Timeout=20"),
    *("-o", "Acquire::https::Timeout=20"),
)
# Nothing new comes, nothing goes, and no file that an administrator changed is replaced or asked about.
INSTALL = (
    *("install", "-y", "--only-upgrade", "--no-remove", "--no-install-recommends"),
    *("-o", "Dpkg::Options::=--force-confdef"),
    *("-o", "Dpkg::Options::=--force-confold"),
)
CHANGE = re.compile(r"^Inst (\S+) \[(\S+)\] \((\S+) ", re.MULTILINE)
MAX_LINES = 40


def refresh() -> None:
    """Reads the lists of packages anew. What cannot be read is said; the rest counts."""
    # What a machine that lost its power in the middle of an installation has left.
    _run(["dpkg", "--force-confdef", "--force-confold", "--configure", "-a"], INSTALL_TIMEOUT)
    for line in _apt("update", timeout=UPDATE_TIMEOUT).splitlines():
        if line.startswith(("W:", "E:")):
            log_error(line)


def newer(names: list[str]) -> list[str]:
    """What an installation would change, as `name old -> new`; the packages that these need are among them."""
    if not names:
        return []
    return [f"{name} {old} -> {new}" for name, old, new in CHANGE.findall(_apt("--simulate", *INSTALL, *names))]


def held(names: list[str]) -> list[str]:
    """Those that an administrator holds at their versions."""
    return _must(_run(["apt-mark", "showhold", *names], QUERY_TIMEOUT), "apt-mark").split() if names else []


def download(names: list[str]) -> None:
    _apt("--download-only", *INSTALL, *names, timeout=DOWNLOAD_TIMEOUT)


def install(names: list[str]) -> None:
    """Installs what was downloaded."""
    # Without --no-download, with which apt 3.0 does not find packages of a repository that is a folder.
    _apt(*INSTALL, *names, timeout=INSTALL_TIMEOUT)


def _apt(*words: str, timeout: float = QUERY_TIMEOUT) -> str:
    return _must(_run(["apt-get", *OPTIONS, *words], timeout), "apt-get")


def _must(outcome: Outcome, program: str) -> str:
    if outcome.status != 0:
        lines = outcome.output.strip().splitlines()
        raise Failure("\n".join([f"{program} ended with status {outcome.status}, and said:", *lines[-MAX_LINES:]]))
    return outcome.output


def _run(words: list[str], timeout: float) -> Outcome:
    # Proxies of the caller count.
    fixed = {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return run(words, timeout, env={"PATH": PATH, **os.environ, **fixed})
