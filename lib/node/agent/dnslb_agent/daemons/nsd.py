"""NSD, a server behind."""

import base64
import binascii
import re
from typing import NamedTuple

from ..errors import Failure
from ..manifest import ServiceFile
from .daemon import Daemon, settings_in

# What its configuration takes without quotes in the place of a key's name or algorithm.
PLAIN = re.compile(r"[A-Za-z0-9._-]+")


class KeySettings(NamedTuple):
    name: str
    algorithm: str


class Nsd(Daemon):
    name = "nsd"
    praise = re.compile(r"zone \S+ is ok")

    def compose(self, file: ServiceFile, secret: str) -> str:
        """The lines of the clause of a key. Base64 holds nothing that could end a string."""
        key = settings_in(file.settings, KeySettings, file.path)
        for word in key:
            if PLAIN.fullmatch(word) is None:
                raise Failure(f"{file.path}: the key's name or algorithm is none")
        try:
            base64.b64decode(secret, validate=True)
        except (binascii.Error, ValueError):
            raise Failure(f"{file.secret}: the key is not Base64") from None
        lines = [f'name: "{key.name}"', f"algorithm: {key.algorithm}", f'secret: "{secret}"']
        return "".join(f"{line}\n" for line in lines)
