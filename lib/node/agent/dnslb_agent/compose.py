"""Files that join what only the node knows, a secret or the name of a release, with the quoting of their readers."""

import os

from . import daemons
from .errors import Failure
from .manifest import Manifest, ReleaseMetric, ServiceFile


def compose(release: str, manifest: Manifest) -> None:
    """Writes the composed files of a release that is not live yet, as far as they are part of its name."""
    for each in manifest.compose:
        if isinstance(each, ServiceFile):
            _write(release, each.path, daemons.named(each.service).compose(each, secret(release, each.secret)))


def tell_name(release: str, manifest: Manifest, name: str) -> None:
    """Writes the composed files that tell the name of a release."""
    for path in naming_files(manifest):
        _write(release, path, release_metric(manifest, name))


def naming_files(manifest: Manifest) -> set[str]:
    """The files that cannot be part of the name of a release, because they tell it."""
    return {each.path for each in manifest.compose if isinstance(each, ReleaseMetric)}


def release_metric(manifest: Manifest, name: str) -> str:
    """Prometheus' text of the release that runs on the node."""
    labels = {
        "load_balancer": manifest.workload,
        "node": manifest.node,
        "release": name,
        "configuration": manifest.configuration or "",
    }
    words = ",".join(f'{label}="{_label(value)}"' for label, value in labels.items())
    lines = [
        "# HELP dns_lb_release_info The release that runs on the node; nodes that do the same have one configuration.",
        "# TYPE dns_lb_release_info gauge",
        f"dns_lb_release_info{{{words}}} 1",
    ]
    return "".join(f"{line}\n" for line in lines)


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _write(release: str, place: str, text: str) -> None:
    path = os.path.join(release, place)
    os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640), "w") as file:
        file.write(text)


def secret(release: str, path: str) -> str:
    """The one line of a secret file of a release."""
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
        raise Failure(f"{path}: the secret is empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise Failure(f"{path}: a secret is one line without control characters")
    return text
