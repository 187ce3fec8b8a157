"""Files that join a secret with the quoting of its daemon."""

import os

from .errors import Failure
from .manifest import HaproxyUserlist, Manifest


def compose(release: str, manifest: Manifest) -> None:
    """Writes the composed files of a release that is not live yet."""
    for each in manifest.compose:
        path = os.path.join(release, each.path)
        os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640), "w") as file:
            file.write(userlist(each, _password(release, each)))


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


def _password(release: str, composed: HaproxyUserlist) -> str:
    try:
        with open(os.path.join(release, composed.password), "rb") as file:
            content = file.read()
    except OSError as error:
        raise Failure(f"{composed.password}: {error.strerror}") from error
    try:
        text = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Failure(f"{composed.password}: not UTF-8") from None
    if text == "":
        raise Failure(f"{composed.password}: the password is empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise Failure(f"{composed.password}: a password is one line without control characters")
    return text
