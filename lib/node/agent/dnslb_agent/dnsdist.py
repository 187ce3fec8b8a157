"""dnsdist's console: the functions of the runtime that its releases carry."""

import base64
import json
import os
import secrets
import time
from typing import Dict, List, cast

from .commands import call
from .errors import Failure, NotUp
from .node import Node
from .report import Deadline
from .users import User, share

KEY = "dnsdist.key"
CLIENT = "dnsdist-client.conf"
CONSOLE = "127.0.0.1:5199"
ANSWER_TIMEOUT = 10
# How long new servers may take until they were checked for the first time.
FIRST_CHECKS = 10
POLL = 0.1
# What the client says as long as nobody listens.
NOBODY = "Connection refused"
# How long answers of removed servers may be on their way.
SETTLE = 2.5


def prepare(node: Node, user: User) -> None:
    """Makes the console's key, once, and what a client must know. The key is code execution as dnsdist."""
    _write_once(node, KEY, base64.b64encode(secrets.token_bytes(32)).decode() + "\n", user)
    path = node.at_run(KEY)
    client = f'local file = assert(io.open({_lua(path)}))\nsetKey(file:read("*l"))\nfile:close()\n'
    _write_once(node, CLIENT, client + f"controlSocket({_lua(CONSOLE)})\n", user)


class Console:
    """Calls functions of the runtime in the running dnsdist, as the user that it runs as."""

    def __init__(self, node: Node, user: User) -> None:
        self._node = node
        self._user = user

    def swap(self, release: str) -> bool:
        """
        Brings a release's policy into force without a restart; new servers are checked first.
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

    def drain(self, server: str) -> None:
        self.ask(f"drainServer({_lua(server)})")

    def undrain(self, server: str) -> None:
        self.ask(f"undrainServer({_lua(server)})")

    def servers(self) -> Dict[str, str]:
        """The state of every server by its id; empty when dnsdist does not answer."""
        try:
            lines = self.ask("status()").splitlines()[1:]
            records = [cast(Dict[str, object], json.loads(line)) for line in lines if line.startswith("{")]
        except (Failure, ValueError):
            return {}
        return {str(record.get("id")): str(record.get("state")) for record in records}

    def run(self, code: str) -> str:
        """Runs any Lua and returns what it printed, or what is wrong with it."""
        words = ["dnsdist", "-C", self._node.at_run(CLIENT), "-e", code]
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
        try:
            self.ask("abort()")
        except Failure:
            pass


def _count(text: str) -> int:
    # The release comes first.
    try:
        return int(text.split()[1])
    except (IndexError, ValueError):
        raise Failure(f"dnsdist did not count the servers that wait for a check: {text!r}") from None


def _write_once(node: Node, name: str, content: str, user: User) -> None:
    path = node.at_run(name)
    if os.path.exists(path):
        return
    fresh = f"{path}.{os.getpid()}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(content)
    share(fresh, user, 0o640)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)


def _lua(text: str) -> str:
    """A Lua string in which every byte but ASCII letters, digits and `/.-_:` is escaped by its number."""
    plain: List[str] = []
    for byte in text.encode("utf-8", "surrogateescape"):
        character = chr(byte)
        harmless = byte < 128 and (character.isalnum() or character in "/.-_:")
        plain.append(character if harmless else f"\\{byte:03d}")
    return '"' + "".join(plain) + '"'
