"""What a release tells a daemon."""

import glob
import os

# Where each daemon finds it, below the folder of a release.
DNSDIST = "dnsdist/dnsdist.conf"
HAPROXY = "haproxy/*.cfg"
KEEPALIVED = "keepalived/keepalived.conf"


def read(folder: str, pattern: str) -> str:
    """The files of a release's folder that match, as one; nothing where there are none."""
    texts: "list[str]" = []
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), pattern))):
        with open(path, encoding="utf-8", errors="replace") as file:
            texts.append(file.read())
    return "\n".join(texts)
