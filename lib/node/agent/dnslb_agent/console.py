"""The daemons' own words for operators: no other tool is on a node. Secrets are kept out of what they say."""

from . import checks, haproxy as haproxy_, release, users
from . import dnsdist as dnsdist_
from .errors import Failure
from .manifest import Manifest
from .node import Node
from .secrets import Redactor, redactor

# HAProxy's answer to a command that it does not know begins with one of them.
UNKNOWN = ("Unknown command", "Permission denied")


def check(node: Node, live: Manifest) -> str:
    """Lets every daemon judge the live release."""
    name = release.current(node) or ""
    if release.identify(node.release(name), live) != name:
        raise Failure(f"release {name} was edited by hand; apply it again")
    checks.check(node, node.release(name), live)
    return f"{', '.join(service.name for service in live.services if service.check)} would take {name}"


def haproxy(node: Node, live: Manifest, command: str) -> str:
    """Sends a command to HAProxy's socket."""
    user = users.find(live.user)
    users.join(user)
    try:
        answer = haproxy_.ask(node.at_run(haproxy_.RUNTIME_SOCKET), command, user).strip()
    except OSError as error:
        raise Failure(f"haproxy does not answer: {error.strerror or error}") from error
    if answer.startswith(UNKNOWN):
        raise Failure(f"haproxy: {answer.splitlines()[0]}")
    return _redactor(node, live)(answer)


def dnsdist(node: Node, live: Manifest, code: str) -> str:
    """Runs Lua in the running dnsdist."""
    answer = dnsdist_.Console(node, users.find(live.user)).run(code)
    if dnsdist_.NOBODY in answer:
        raise Failure("dnsdist does not answer")
    answer = _redactor(node, live)(answer)
    # Its client's exit status is 0 whatever happens.
    if answer.startswith("Error: "):
        raise Failure(f"dnsdist: {answer[len('Error: '):].splitlines()[0]}")
    return answer


def _redactor(node: Node, live: Manifest) -> Redactor:
    return redactor(node.current, live, [node.at_run(dnsdist_.KEY)])
