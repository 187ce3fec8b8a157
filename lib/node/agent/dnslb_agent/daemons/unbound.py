"""unbound, a server behind."""

import re

from .daemon import Daemon


class Unbound(Daemon):
    name = "unbound"
    praise = re.compile(r"unbound-checkconf: no errors in .*")
