"""dnsdist's console: the functions of the runtime that its releases carry."""

import base64
import contextlib
import json
import os
import re
import time
from typing import ClassVar, NamedTuple, cast

from .. import files
from ..commands import call
from ..errors import Failure, NotUp
from ..manifest import Manifest, Service
from ..node import Node
from ..report import Deadline
from ..users import User, find, share
from .daemon import Afterwards, Change, Daemon, settings_of

ANSWER_TIMEOUT = 10
# How long new servers may take until they were checked for the first time.
FIRST_CHECKS = 10
POLL = 0.1
# What the client says as long as nobody listens.
NOBODY = "Connection refused"
# How long answers of removed servers may be on their way.
SETTLE = 2.5
ERROR = "Error: "


class Settings(NamedTuple):
    # Address and port.
    console: str
    # The console's key, and what its client must know: both are made on the node.
    key: str
    client: str


class Dnsdist(Daemon):
    name = "dnsdist"
    praise = re.compile(r"Configuration '.*' OK!")
    has_servers = True
    console = "Lua, such as: 'showServers()'"
    schema_1_settings: ClassVar[dict[str, str]] = {
        "console": "127.0.0.1:5199",
        "key": "{run}/dnsdist.key",
        "client": "{run}/dnsdist-client.conf",
    }

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        """Makes the console's key, once, and what a client must know. The key is code execution as dnsdist."""
        settings, user = settings_of(node, service, Settings), find(service.user)
        _create(settings.key, base64.b64encode(os.urandom(32)).decode() + "\n", user)
        client = f'local file = assert(io.open({_lua(settings.key)}))\nsetKey(file:read("*l"))\nfile:close()\n'
        _create(settings.client, client + f"controlSocket({_lua(settings.console)})\n", user)

    def reload(self, change: Change) -> Afterwards:
        """
        Brings a release's policy into force without a restart; new servers are checked first. Afterwards removes the
        servers that were replaced, when no answer of theirs is on its way any more.
        """
        console = Console(settings_of(change.node, change.service, Settings), find(change.service.user))
        if not console.swap(change.folder):
            return None
        swapped = time.monotonic()
        return lambda: console.tidy(swapped)

    def reloaded(self) -> str:
        return f"{self.name} policy swapped"

    def servers(self, node: Node, service: Service) -> dict[str, str]:
        return _console(node, service).servers()

    def set_drained(self, node: Node, service: Service, server: str, drained: bool) -> None:
        _console(node, service).ask(f"{'drain' if drained else 'undrain'}Server({_lua(server)})")

    def schema_1_names(self, pool: str, server: str) -> dict[str, str]:
        # A server reached by TLS was one, whatever its clients spoke.
        return {"udp": f"{pool}/{server}", "tcp": f"{pool}:tcp/{server}"}

    def ask(self, node: Node, service: Service, words: str) -> str:
        answer = _console(node, service).run(words)
        if NOBODY in answer:
            raise Failure(f"{self.name} does not answer")
        # Its client's exit status is 0 whatever happens.
        if answer.startswith(ERROR):
            raise Failure(f"{self.name}: {answer[len(ERROR) :].splitlines()[0]}")
        return answer

    def secret_files(self, node: Node, service: Service) -> list[str]:
        return [settings_of(node, service, Settings).key]


class Console:
    """Calls functions of the runtime in the running dnsdist, as the user that it runs as."""

    def __init__(self, settings: Settings, user: User) -> None:
        self._settings = settings
        self._user = user

    def swap(self, release: str) -> bool:
        """
        Brings a release's policy into force; new servers are checked first.
        True when servers were replaced, so that there is something to tidy.
        """
        staged = self.ask(f"stage({_lua(release)})")
        try:
            deadline = Deadline(FIRST_CHECKS)
            while _count(self.ask("pending()")) > 0 and deadline.pause(POLL):
                pass
            live = self.ask("commit()")
        except Failure:
            self._abort()
            raise
        if live != os.path.basename(release):
            raise Failure(f"dnsdist has release {live} after the swap")
        return "removed=0" not in staged.split()

    def tidy(self, since: float) -> None:
        """Removes what the swap at that time replaced, when no answer is on its way any more."""
        time.sleep(max(0.0, since + SETTLE - time.monotonic()))
        self.ask("tidy()")

    def servers(self) -> dict[str, str]:
        """The state of every server by its id; empty when dnsdist does not answer."""
        try:
            lines = self.ask("status()").splitlines()[1:]
            records = [cast(dict[str, object], json.loads(line)) for line in lines if line.startswith("{")]
        except (Failure, ValueError):
            return {}
        return {str(record.get("id")): str(record.get("state")) for record in records}

    def run(self, code: str) -> str:
        """Runs any Lua and returns what it printed, or what is wrong with it."""
        words = ["dnsdist", "-C", self._settings.client, "-e", code]
        return call(words, ANSWER_TIMEOUT, self._user).output.strip()

    def ask(self, expression: str) -> str:
        """Calls a function and returns what follows "ok" and the name of its phase."""
        lines = self.run(f"return dnslb.{expression}").splitlines()
        # The client's exit status is 0 whatever happens.
        for index, line in enumerate(lines):
            if line.startswith("ok "):
                return "\n".join([line.split(" ", 2)[-1].rstrip(), *lines[index + 1 :]])
        reason = "; ".join(line.strip() for line in lines) or "it said nothing"
        kind = NotUp if NOBODY in reason else Failure
        raise kind(f"dnsdist refused {expression.split('(')[0]}: {reason}")

    def _abort(self) -> None:
        with contextlib.suppress(Failure):
            self.ask("abort()")


def _console(node: Node, service: Service) -> Console:
    return Console(settings_of(node, service, Settings), find(service.user))


def _create(path: str, content: str, user: User) -> None:
    if not os.path.exists(path):
        files.create(path, content, 0o600)
    share(path, user, 0o640)


def _count(text: str) -> int:
    # The release comes first.
    try:
        return int(text.split()[1])
    except (IndexError, ValueError):
        raise Failure(f"dnsdist did not count the servers that wait for a check: {text!r}") from None


def _lua(text: str) -> str:
    """A Lua string in which every byte but ASCII letters, digits and `/.-_:` is escaped by its number."""
    plain: list[str] = []
    for byte in text.encode("utf-8", "surrogateescape"):
        character = chr(byte)
        harmless = byte < 128 and (character.isalnum() or character in "/.-_:")
        plain.append(character if harmless else f"\\{byte:03d}")
    return '"' + "".join(plain) + '"'
