"""
bird, which speaks BGP. The announcer is its parent and tells it by a file what to announce; it is asked by its control
socket. No `-u`: to be killed with its parent is forgotten at a change of the user.
"""

import contextlib
import os
import re
import sys
import time
from typing import ClassVar, NamedTuple

from .. import announcer_state, default_routes, drain, files, loopback, progress
from ..errors import Failure, NotReady
from ..kernel import unsafe_sysctls
from ..log import Deadline
from ..manifest import BgpAddresses, Manifest, Service, ServiceFile
from ..node import Node
from ..numbered_replies import Reply, ask
from ..processes import Process
from .daemon import BgpSessionState, Cleanup, Daemon, ReloadRequest, parse_settings, service_settings

# Seconds for an answer of the control socket.
ANSWER_TIMEOUT = 2.0
# Seconds for the announcer to take a release.
ANNOUNCER_TIMEOUT = 5
# Seconds for sessions that a change has ended to be there again.
SESSIONS_TIMEOUT = 30
# Seconds until sessions that a change ends are seen to have ended.
SETTLE_TIME = 0.5
POLL = 0.1
# Reconfigured; in progress; queued behind one in progress.
TAKEN = (3, 4, 5)
PROTOCOL, DETAILS = 1002, 1006
UP = "Established"
STATES = {"announce": 0, "graceful-shutdown": 1, "withdraw": 2}
# The file is never shorter or longer, so that it can be written in its place.
LENGTH = 64
# Bytes; the kernel's limit for TCP MD5 (TCP_MD5SIG_MAXKEYLEN).
LONGEST_PASSWORD = 80
DEFINE = re.compile("[A-Z][A-Z0-9_]*")
HEADER = re.compile(r"(\S+)\s+BGP\s+\S+\s+(\S+)\s*(.*)")
SINCE = re.compile(r"(\d{4}-\d\d-\d\d \S+|\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d(?:\.\d+)?)")
FIELD = re.compile(r"\s+([A-Z][A-Za-z ]*):\s*(.*)")
EXPORTED = re.compile(r"(\d+) exported")


class Settings(NamedTuple):
    # The control socket, the pid file, and the file in which the announcer says what to announce.
    control: str
    pid: str
    announcement: str


class FileSettings(NamedTuple):
    # The name by which the configuration knows the password.
    define: str


class Bird(Daemon):
    name = "bird"
    package = "bird2"
    # That of Debian 12 reserves memory for keys of SSH, which nothing here uses; not all systems let it.
    success_output = re.compile(r"Warning: using insecure memory!")
    schema_1_settings: ClassVar[dict[str, str]] = {}

    def command(self, node: Node, service: Service) -> list[str]:
        return [sys.argv[0], "--state", node.state, "--run", node.run, "announce"]

    def announcer_command(self, node: Node, service: Service) -> list[str]:
        return node.substitute(service.command, node.current_link)

    def pids(self, node: Node, service: Service, process: Process) -> list[int]:
        child = _child_of(service_settings(node, service, Settings).pid, process.pid)
        return [process.pid] if child is None else [process.pid, child]

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        # The node may have changed since the release was checked.
        problems = self.node_problems(live)
        if problems:
            raise Failure("; ".join(problems))
        group = live.mobility
        if isinstance(group, BgpAddresses):
            if group.other_default_routes == "move-back":
                default_routes.move_back(self.name)
            loopback.keep(node, group.addresses)
        # The announcer reads it; the watch, which also creates it, may start later.
        drain.create_drain_file(node)
        settings = service_settings(node, service, Settings)
        for path in (settings.control, settings.pid):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        _create_announcement(settings, live)

    def node_problems(self, candidate: Manifest) -> "list[str]":
        group = candidate.mobility
        refuses = isinstance(group, BgpAddresses) and group.other_default_routes == "refuse"
        return [*unsafe_sysctls(candidate), *(default_routes.problems(self.name) if refuses else [])]

    def prepare_check(self, node: Node, service: Service, candidate: Manifest) -> None:
        # Its configuration includes the file, which a node has that has announced something.
        _create_announcement(service_settings(node, service, Settings), candidate)

    def render_file(self, file: ServiceFile, secret: str) -> str:
        """A file that defines a password, which cannot be escaped in the configuration."""
        define = parse_settings(file.settings, FileSettings, f"the settings of {file.path}").define
        if not DEFINE.fullmatch(define):
            raise Failure(f"manifest.json: the settings of {file.path} have no name for a password: {define!r}")
        if '"' in secret:
            raise Failure(f"{file.secret}: a password of BGP must not contain a quotation mark")
        if any(ord(character) < 32 or ord(character) == 127 for character in secret):
            raise Failure(f"{file.secret}: a password of BGP must not contain control characters")
        size = len(secret.encode())
        if not 0 < size <= LONGEST_PASSWORD:
            raise Failure(f"{file.secret}: a password of BGP must have 1 to {LONGEST_PASSWORD} bytes, got {size}")
        return f'define {define} = "{secret}";\n'

    def reload(self, request: ReloadRequest) -> Cleanup | None:
        """
        Loads a release without a restart: nothing is withdrawn, but by sessions whose settings have changed. Those are
        there again before the next node may do the same.
        """
        node, service = request.node, request.service
        settings = service_settings(node, service, Settings)
        try:
            before = {each.neighbor for each in self.sessions(node, service) if each.is_up}
            self.take_announcement(node, service)
        except TimeoutError:
            raise Failure(f"{self.name} does not answer at {settings.control}") from None
        except OSError as error:
            raise NotReady(f"{self.name} does not answer at {settings.control}: {error.strerror}") from None
        announcer_state.wait_for_release(node, os.path.basename(request.folder), ANNOUNCER_TIMEOUT)
        group = request.manifest.mobility
        stay = [each.neighbor for each in group.sessions] if isinstance(group, BgpAddresses) else []
        self._await_sessions(node, service, before & set(stay))
        return None

    def write_announcement(self, node: Node, service: Service, kind: str, cost: int) -> None:
        _write(service_settings(node, service, Settings).announcement, kind, cost)

    def take_announcement(self, node: Node, service: Service) -> None:
        reply = self._ask(node, service, "configure")
        if reply.number not in TAKEN:
            raise Failure(f"{self.name} does not take its configuration: {reply.number:04} {reply.text}")

    def sessions(self, node: Node, service: Service) -> list[BgpSessionState]:
        path = service_settings(node, service, Settings).control
        protocols, watched = ask(path, ["show protocols all", "show bfd sessions"], ANSWER_TIMEOUT)
        if protocols.is_error:
            raise Failure(f"{self.name} does not show its sessions: {protocols.number:04} {protocols.text}")
        return parse_sessions(protocols, watched)

    def _ask(self, node: Node, service: Service, command: str) -> Reply:
        return ask(service_settings(node, service, Settings).control, [command], ANSWER_TIMEOUT)[0]

    def _await_sessions(self, node: Node, service: Service, wanted: set[str]) -> None:
        """Waits until the routers that the node had before a change have it again."""
        if not wanted:
            return
        deadline = Deadline(SESSIONS_TIMEOUT)
        time.sleep(SETTLE_TIME)
        missing = [""]
        with progress.step("waiting until routers that had the node have it again", deadline.seconds) as step:
            while missing:
                try:
                    found = {each.neighbor: each for each in self.sessions(node, service)}
                    missing = [_reason(neighbor, found.get(neighbor)) for neighbor in sorted(wanted)]
                    missing = [reason for reason in missing if reason]
                except OSError as error:
                    missing = [f"{self.name} does not answer: {error}"]
                step.reason = "; ".join(missing)
                if missing and not deadline.pause(POLL):
                    raise Failure(f"routers that had the node do not have it again: {step.reason}")


def parse_sessions(protocols: Reply, watched: Reply) -> list[BgpSessionState]:
    """The sessions of BGP, from what it shows of all protocols and of BFD."""
    bfd = _bfd_states(watched)
    found: list[BgpSessionState] = []
    fields: dict[str, str] = {}
    exported, name, since = 0, "", ""
    for number, text in [*protocols.lines, (PROTOCOL, "")]:
        if number == PROTOCOL:
            if name and "Neighbor address" in fields:
                # That of a link has the interface after it.
                neighbor = fields["Neighbor address"].split("%")[0].strip()
                state, error = fields.get("BGP state", "unknown"), fields.get("Last error", "")
                told = exported if state == UP else 0
                found.append(BgpSessionState(name, neighbor, state, since, bfd.get(neighbor), told, error))
            header = HEADER.fullmatch(text.strip())
            name = header[1] if header else ""
            moment = SINCE.match(header[3]) if header else None
            since = moment[1] if moment else ""
            fields, exported = {}, 0
        elif number == DETAILS:
            field = FIELD.fullmatch(text)
            if field is not None:
                fields.setdefault(field[1], field[2].strip())
                if field[1] == "Routes":
                    count = EXPORTED.search(field[2])
                    exported += int(count[1]) if count else 0
    return found


def _bfd_states(watched: Reply) -> dict[str, str]:
    """By address; empty where there is no BFD."""
    found: dict[str, str] = {}
    if watched.is_error:
        return found
    for line in watched.lines:
        words = line.text.split()
        if len(words) >= 3 and re.fullmatch(r"[0-9a-fA-F:.]+(%\S+)?", words[0]):
            found[words[0].split("%")[0]] = words[2]
    return found


def _reason(neighbor: str, found: BgpSessionState | None) -> str:
    """Why a session is not up; empty if it is."""
    if found is None:
        return f"{neighbor} is not known"
    if found.is_up:
        return ""
    return f"{neighbor} is in state {found.state}{f' ({found.error})' if found.error else ''}"


def _create_announcement(settings: Settings, live: Manifest) -> None:
    """Creates the file of a node that has announced nothing yet: it begins at its worst."""
    group = live.mobility
    if isinstance(group, BgpAddresses) and not os.path.exists(settings.announcement):
        _write(settings.announcement, "announce", group.announcement.worst)


def _write(path: str, kind: str, cost: int) -> None:
    text = f"define COST = {cost};\ndefine STATE = {STATES[kind]};".ljust(LENGTH - 1) + "\n"
    # Nobody reads it but when this process says so, or a change.
    files.write_even_if_full(path, text)


def _child_of(pid_file: str, parent: int) -> int | None:
    """The process of a pid file; None if it is not a child of that parent, so that the pid is out of date."""
    try:
        with open(pid_file, encoding="ascii") as file:
            child = int(file.read(32))
        with open(f"/proc/{child}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return None
    return child if int(fields[1]) == parent else None
