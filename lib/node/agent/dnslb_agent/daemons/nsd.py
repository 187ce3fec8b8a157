"""NSD, on nodes that are servers."""

import base64
import binascii
import re
from typing import NamedTuple

from ..errors import Failure
from ..manifest import ServiceFile
from .daemon import Daemon, parse_settings

# The name and the algorithm of a key may need quotes with other characters.
UNQUOTED_WORD = re.compile(r"[A-Za-z0-9._-]+")


class KeySettings(NamedTuple):
    name: str
    algorithm: str


class Nsd(Daemon):
    name = "nsd"
    success_output = re.compile(r"zone \S+ is ok")

    def render_file(self, file: ServiceFile, secret: str) -> str:
        """Renders the options of a `key:` clause. Base64 needs no escapes in a quoted string."""
        key = parse_settings(file.settings, KeySettings, file.path)
        for word in key:
            if UNQUOTED_WORD.fullmatch(word) is None:
                raise Failure(
                    f"{file.path}: the name and algorithm of a key are letters, digits, '.', '_' and '-', got {word!r}"
                )
        try:
            base64.b64decode(secret, validate=True)
        except (binascii.Error, ValueError):
            raise Failure(f"{file.secret}: the key is not Base64") from None
        lines = [f'name: "{key.name}"', f"algorithm: {key.algorithm}", f'secret: "{secret}"']
        return "".join(f"{line}\n" for line in lines)
