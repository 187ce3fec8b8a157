"""Renders the files that need a secret or the id of the release, neither of which the compiler knows."""

import os
from collections.abc import Callable, Mapping, Sequence

from . import certificates, daemons, mobility, node_files
from .errors import Failure
from .manifest import Manifest, ReleaseMetric, ServiceFile
from .metric import Metric
from .node import Node

# The keys of values that may change while a release is live: this, and for listeners what, whose and of which use.
RELEASE, BEGINS, ENDS, REFUSED = "release", "begins", "ends", "refused"
WHEN = "When the validity of the certificates of a listener"


def render_secret_files(release: str, manifest: Manifest) -> None:
    """Writes the files that hold a secret. They are part of the id of the release."""
    for each in manifest.compose:
        if isinstance(each, ServiceFile):
            _write(
                release, each.path, daemons.by_name(each.service).render_file(each, read_secret(release, each.secret))
            )


def render_release_metrics(release: str, manifest: Manifest, name: str) -> None:
    """Writes the files that hold the id of the release."""
    values = live_values(release, manifest, name, {})
    for each in manifest.compose:
        if isinstance(each, ReleaseMetric):
            _write(release, each.path, _metric_text(manifest, each, values))


def live_values(release: str, manifest: Manifest, name: str, refused: Mapping[str, str]) -> dict[str, str]:
    """The values of metrics that may change while a release is live, by their keys. Times are Unix times."""
    values = {RELEASE: name}
    for each in certificates.validities(release, manifest):
        values[_key(BEGINS, each.listener, each.use)] = str(each.not_before)
        values[_key(ENDS, each.listener, each.use)] = str(each.not_after)
    for certificate in node_files.certificates(manifest):
        key = _key(REFUSED, certificate.listener)
        values[key] = "1" if certificate.path in refused else values.get(key, "0")
    return values | mobility_values(manifest, None)


def mobility_values(manifest: Manifest, node: Node | None) -> dict[str, str]:
    """The values of metrics of the addresses, by their keys; without a node, of which nothing is known yet."""
    return {each.key: each.text for each in mobility.for_release(manifest).metrics(node)}


def release_metric_files(manifest: Manifest) -> set[str]:
    """The files that hold the id of the release, and so cannot be part of the digest that it is."""
    return {each.path for each in manifest.compose if isinstance(each, ReleaseMetric)}


def release_metric_text(manifest: Manifest, name: str) -> str:
    """A Prometheus metric that names the release in its labels."""
    return _release_metric(manifest, name, lambda text: text)


def _metric_text(manifest: Manifest, metric: ReleaseMetric, values: dict[str, str]) -> str:
    is_format = metric.restart_due is not None

    def literal(text: str) -> str:
        return text.replace("%", "%%") if is_format else text

    def shown(key: str) -> str:
        if metric.live is None:
            return literal(values[key])
        return metric.live.replace("{key}", key).replace("{value}", values[key])

    text = _release_metric(manifest, shown(RELEASE), literal) + _certificate_metrics(values, shown)
    if metric.live is not None:
        text += _mobility_metrics(mobility.for_release(manifest).metrics(None), shown)
    return text if metric.restart_due is None else text + _restart_metric(manifest, metric.restart_due)


def _release_metric(manifest: Manifest, release: str, literal: Callable[[str], str]) -> str:
    labels = {
        "load_balancer": literal(_escape_label(manifest.workload)),
        "node": literal(_escape_label(manifest.node)),
        "release": release,
        "configuration": literal(_escape_label(manifest.configuration or "")),
    }
    words = ",".join(f'{label}="{value}"' for label, value in labels.items())
    lines = [
        "# HELP dns_lb_release_info The release that runs on the node; nodes that do the same have one configuration.",
        "# TYPE dns_lb_release_info gauge",
        f"dns_lb_release_info{{{words}}} 1",
    ]
    return "".join(f"{line}\n" for line in lines)


def _certificate_metrics(values: dict[str, str], shown: Callable[[str], str]) -> str:
    """When certificates begin and end, and which are not taken."""
    lines: list[str] = []
    for kind, name, what in (
        (BEGINS, "dns_lb_certificate_not_before_seconds", f"{WHEN} begins, as Unix time."),
        (ENDS, "dns_lb_certificate_not_after_seconds", f"{WHEN} ends, as Unix time."),
        (REFUSED, "dns_lb_certificate_refused", "Whether a renewed certificate is not taken; status tells why."),
    ):
        keys = [key for key in values if key.startswith(f"{kind}/")]
        if keys:
            lines += [f"# HELP {name} {what}", f"# TYPE {name} gauge"]
        for key in keys:
            labels = zip(("listener", "use"), key.split("/")[1:], strict=False)
            words = ",".join(f'{label}="{text}"' for label, text in labels)
            lines.append(f"{name}{{{words}}} {shown(key)}")
    return "".join(f"{line}\n" for line in lines)


def _mobility_metrics(metrics: Sequence[Metric], shown: Callable[[str], str]) -> str:
    """How the addresses come to the node."""
    lines: list[str] = []
    names: set[str] = set()
    for each in metrics:
        if each.name not in names:
            names.add(each.name)
            lines += [f"# HELP {each.name} {each.help}", f"# TYPE {each.name} {each.kind}"]
        words = ",".join(f'{label}="{text}"' for label, text in each.labels.items())
        lines.append(f"{each.name}{f'{{{words}}}' if words else ''} {shown(each.key)}")
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


def _key(kind: str, *words: str) -> str:
    return "/".join((kind, *words))


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
