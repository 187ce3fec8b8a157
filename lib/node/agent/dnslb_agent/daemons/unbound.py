"""unbound, on nodes that are servers."""

import re

from .daemon import Daemon


class Unbound(Daemon):
    name = "unbound"
    success_output = re.compile(r"unbound-checkconf: no errors in .*")
