"""Renders the files that need a secret or the id of the release, neither of which the compiler knows."""

import os

from . import certificates, daemons
from .errors import Failure
from .manifest import Manifest, ReleaseMetric, ServiceFile


def render_secret_files(release: str, manifest: Manifest) -> None:
    """Writes the files that hold a secret. They are part of the id of the release."""
    for each in manifest.compose:
        if isinstance(each, ServiceFile):
            _write(
                release, each.path, daemons.by_name(each.service).render_file(each, read_secret(release, each.secret))
            )


def render_release_metrics(release: str, manifest: Manifest, name: str) -> None:
    """Writes the files that hold the id of the release."""
    text = release_metric_text(manifest, name) + _certificate_metrics(release, manifest)
    for each in manifest.compose:
        if isinstance(each, ReleaseMetric):
            due = each.restart_due
            whole = text if due is None else text.replace("%", "%%") + _restart_metric(manifest, due)
            _write(release, each.path, whole)


def release_metric_files(manifest: Manifest) -> set[str]:
    """The files that hold the id of the release, and so cannot be part of the digest that it is."""
    return {each.path for each in manifest.compose if isinstance(each, ReleaseMetric)}


def release_metric_text(manifest: Manifest, name: str) -> str:
    """A Prometheus metric that names the release in its labels."""
    labels = {
        "load_balancer": manifest.workload,
        "node": manifest.node,
        "release": name,
        "configuration": manifest.configuration or "",
    }
    words = ",".join(f'{label}="{_escape_label(value)}"' for label, value in labels.items())
    lines = [
        "# HELP dns_lb_release_info The release that runs on the node; nodes that do the same have one configuration.",
        "# TYPE dns_lb_release_info gauge",
        f"dns_lb_release_info{{{words}}} 1",
    ]
    return "".join(f"{line}\n" for line in lines)


def _certificate_metrics(release: str, manifest: Manifest) -> str:
    """When the certificates of a release begin and end, as Unix time: they stay the same as long as it is live."""
    found = certificates.validities(release, manifest)
    lines: list[str] = []
    for name, what, of in (
        ("dns_lb_certificate_not_before_seconds", "begins", [each.not_before for each in found]),
        ("dns_lb_certificate_not_after_seconds", "ends", [each.not_after for each in found]),
    ):
        if found:
            lines.append(f"# HELP {name} When the validity of the certificates of a listener {what}, as Unix time.")
            lines.append(f"# TYPE {name} gauge")
        lines.extend(
            f'{name}{{listener="{_escape_label(each.listener)}",use="{each.use}"}} {value}'
            for each, value in zip(found, of, strict=True)
        )
    return "".join(f"{line}\n" for line in lines)


def _restart_metric(manifest: Manifest, value: str) -> str:
    """Whether services run what was replaced on the disk since: what answers the metric knows, not the release."""
    lines = [
        "# HELP dns_lb_restart_due Whether a service runs an older program or library than is installed.",
        "# TYPE dns_lb_restart_due gauge",
        *(
            f'dns_lb_restart_due{{service="{service.name}"}} {value.replace("{service}", service.name)}'
            for service in manifest.services
        ),
    ]
    return "".join(f"{line}\n" for line in lines)


def _escape_label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _write(release: str, place: str, text: str) -> None:
    path = os.path.join(release, place)
    os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640), "w") as file:
        file.write(text)


def read_secret(release: str, path: str) -> str:
    """Reads a secret file: one line of UTF-8 without control characters."""
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
        raise Failure(f"{path}: the secret must be one line without control characters")
    return text
