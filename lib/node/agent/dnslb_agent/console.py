"""The daemons' own words for operators: no other tool is on a node. Secrets are kept out of what they say."""

from . import checks, daemons, release
from .errors import Failure
from .manifest import Manifest
from .node import Node
from .secrets import redactor


def check(node: Node, live: Manifest) -> str:
    """Lets every daemon judge the live release."""
    name = release.current(node) or ""
    if release.identify(node.release(name), live) != name:
        raise Failure(f"release {name} was edited by hand; apply it again")
    checks.check(node, node.release(name), live)
    return f"{', '.join(service.name for service in live.services if service.check)} would take {name}"


def ask(node: Node, live: Manifest, name: str, words: str) -> str:
    """What a daemon answers."""
    service = live.service(name)
    if service is None:
        raise Failure(f"this node has no {name}")
    daemon = daemons.of(service)
    return redactor(node.current, live, daemon.secret_files(node, service))(daemon.ask(node, service, words))
