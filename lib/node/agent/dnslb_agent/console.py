"""Access to the consoles and checkers of the daemons for operators. Secrets are removed from the output."""

from . import checks, daemons, release
from .errors import Failure
from .manifest import Manifest
from .node import Node
from .secrets import redactor


def check_live_release(node: Node, live: Manifest) -> str:
    """Runs the checkers of all daemons on the live release, and compares its content with its id."""
    name = release.current(node) or ""
    if release.compute_id(node.release_path(name), live) != name:
        raise Failure(f"the files of release {name} were changed by hand; apply the bundle again")
    checks.check_release(node, node.release_path(name), live)
    return f"{', '.join(service.name for service in live.services if service.check)} would take {name}"


def run_command(node: Node, live: Manifest, name: str, words: str) -> str:
    """Sends a command to the console of a daemon and returns the answer."""
    service = live.service(name)
    if service is None:
        raise Failure(f"this node has no {name}")
    daemon = daemons.for_service(service)
    return redactor(node.current_link, live, daemon.secret_files(node, service))(daemon.ask(node, service, words))
