"""Files that join a secret with the quoting of its daemon."""

import base64
import binascii
import os
import re

from .errors import Failure
from .manifest import ComposedFile, HaproxyUserlist, Manifest, NsdKey

# What NSD's configuration takes without quotes in the place of a key's name or algorithm.
PLAIN = re.compile(r"[A-Za-z0-9._-]+")


def compose(release: str, manifest: Manifest) -> None:
    """Writes the composed files of a release that is not live yet."""
    for each in manifest.compose:
        path = os.path.join(release, each.path)
        os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640), "w") as file:
            file.write(_text(release, each))


def _text(release: str, composed: ComposedFile) -> str:
    if isinstance(composed, NsdKey):
        return nsd_key(composed, _line(release, composed.secret, "key"))
    return userlist(composed, _line(release, composed.password, "password"))


def nsd_key(composed: NsdKey, secret: str) -> str:
    """The lines of NSD's clause of a key. Base64 holds nothing that could end a string."""
    for word in (composed.name, composed.algorithm):
        if PLAIN.fullmatch(word) is None:
            raise Failure(f"{composed.path}: the key's name or algorithm is none")
    try:
        base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        raise Failure(f"{composed.secret}: the key is not Base64") from None
    lines = [f'name: "{composed.name}"', f"algorithm: {composed.algorithm}", f'secret: "{secret}"']
    return "".join(f"{line}\n" for line in lines)


def userlist(composed: HaproxyUserlist, password: str) -> str:
    """HAProxy's section of one user with a password."""
    user = f"  user {quote(composed.user)} insecure-password {quote(password)}\n"
    return f"userlist {quote(composed.userlist)}\n{user}"


def quote(text: str) -> str:
    """
    Writes a word of HAProxy's configuration in which every byte but ASCII letters and digits is `\\xNN`:
    there is nothing left that could end the word, begin a comment or refer to the environment.
    """
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in text.encode("utf-8")
    )


def _line(release: str, path: str, noun: str) -> str:
    try:
        with open(os.path.join(release, path), "rb") as file:
            content = file.read()
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    try:
        text = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Failure(f"{path}: not UTF-8") from None
    if text == "":
        raise Failure(f"{path}: the {noun} is empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise Failure(f"{path}: a {noun} is one line without control characters")
    return text
