"""Files that join what only the node knows, a secret or the name of a release, with the quoting of their readers."""

import base64
import binascii
import os
import re
from typing import Set

from .errors import Failure
from .manifest import HaproxyUserlist, Manifest, NsdKey, ReleaseMetric

# What NSD's configuration takes without quotes in the place of a key's name or algorithm.
PLAIN = re.compile(r"[A-Za-z0-9._-]+")


def compose(release: str, manifest: Manifest) -> None:
    """Writes the composed files of a release that is not live yet, as far as they are part of its name."""
    for each in manifest.compose:
        if isinstance(each, NsdKey):
            _write(release, each.path, nsd_key(each, _line(release, each.secret, "key")))
        elif isinstance(each, HaproxyUserlist):
            _write(release, each.path, userlist(each, _line(release, each.password, "password")))


def tell_name(release: str, manifest: Manifest, name: str) -> None:
    """Writes the composed files that tell the name of a release."""
    for path in naming_files(manifest):
        _write(release, path, release_metric(manifest, name))


def naming_files(manifest: Manifest) -> Set[str]:
    """The files that cannot be part of the name of a release, because they tell it."""
    return {each.path for each in manifest.compose if isinstance(each, ReleaseMetric)}


def release_metric(manifest: Manifest, name: str) -> str:
    """Prometheus' text of the release that runs on the node."""
    labels = {
        "load_balancer": manifest.load_balancer,
        "node": manifest.node,
        "release": name,
        "configuration": manifest.configuration,
    }
    words = ",".join(f'{label}="{_label(value)}"' for label, value in labels.items())
    lines = [
        "# HELP dns_lb_release_info The release that runs on the node; nodes that do the same have one configuration.",
        "# TYPE dns_lb_release_info gauge",
        f"dns_lb_release_info{{{words}}} 1",
    ]
    return "".join(f"{line}\n" for line in lines)


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


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _write(release: str, place: str, text: str) -> None:
    path = os.path.join(release, place)
    os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640), "w") as file:
        file.write(text)


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
