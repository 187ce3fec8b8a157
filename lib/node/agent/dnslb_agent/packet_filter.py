"""
The packet filter of the node: a table of nftables that a file of the release replaces as a whole. It is a defence in
depth, so the daemons run without it where the kernel, the rights of the node or its image do not allow it.
"""

import os

from .commands import run
from .errors import Failure

TIMEOUT = 5
# A filter of the same kind, by which a node that cannot have any is told from a bad file.
SAMPLE = (
    "add table inet dns_lb; add chain inet dns_lb c { type filter hook input priority -300; }; "
    "add rule inet dns_lb c meta l4proto 112 ip daddr 127.0.0.1 ip saddr != { 127.0.0.1 } ip ttl != 255 counter drop"
)


def problems(folder: str, path: str) -> list[str]:
    """What nft finds wrong with a file of a release; nothing on a node that can have no filter."""
    status, words = _nft("-c", "-f", os.path.join(folder, path))
    if status == 0 or _nft("-c", SAMPLE)[0] != 0:
        return []
    return [line.replace(f"{folder}/", "") for line in words.splitlines() if line.strip()]


def load(folder: str, path: str) -> None:
    """Replaces the table by that of a file of a release, in one step."""
    status, words = _nft("-f", os.path.join(folder, path))
    if status != 0:
        raise Failure(" ".join(words.split()))


def remove(node: str) -> None:
    """Removes the table of a node, if there is one."""
    table = f"inet dns_lb_{node}"
    # Only an existing table can be deleted.
    _nft(f"add table {table}; delete table {table}")


def _nft(*words: str) -> "tuple[int, str]":
    """The status of nft, and its words. On a node without nft the status is not 0."""
    try:
        outcome = run(["nft", *words], TIMEOUT)
    except Failure as failure:
        return 1, str(failure)
    return outcome.status, outcome.output
