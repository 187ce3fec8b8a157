"""The interface of the modules for daemons. No other module of the agent names a daemon."""

import signal
import time
from collections.abc import Callable, Mapping
from re import Pattern
from typing import ClassVar, NamedTuple, Protocol, TypedDict, TypeVar, cast, runtime_checkable

from .. import decode, processes, users
from ..commands import daemon_environment, run
from ..errors import Failure, NotReady
from ..manifest import Manifest, Service, ServiceFile, Settings
from ..metrics.measures import Fault, Measures
from ..node import Node
from ..processes import Process
from ..top.activity import Activity, Clients

S = TypeVar("S")

COMMAND_TIMEOUT = 30
SIGNAL_GRACE = 0.3
# What control programs print while the daemon does not listen yet.
NOT_LISTENING = ("Connection refused", "No such file or directory")


class ReloadRequest(NamedTuple):
    """A running service, and the release that it shall load."""

    node: Node
    service: Service
    process: Process
    # The directory of the release, and its manifest.
    folder: str
    manifest: Manifest


# Called when the release is known to work.
Cleanup = Callable[[], None]


class Flush(NamedTuple):
    """What to take out of caches; None stands for all pools, names and types."""

    pool: str | None
    name: str | None
    # The number.
    kind: int | None
    # Whether names below it go, too.
    below: bool


class Flushed(NamedTuple):
    caches: int
    answers: int


class CacheState(TypedDict):
    """A cache, and how many queries have found an answer in it, and how many have not, since it is there."""

    name: str
    # How many it holds, and may hold.
    answers: int
    entries: int
    hits: int
    misses: int


class Daemon:
    """A daemon. The defaults suit one that is reloaded by a command and does not balance over servers."""

    name: str
    # The Debian package that brings it, if that has another name.
    package: str = ""
    # Whether a Debian package brings it; otherwise it comes with the agent.
    is_packaged: bool = True
    # A line that its checker prints for a valid release. Every other line, warnings included, refuses the release.
    success_output: Pattern[str] | None = None
    # Whether it may need the capability to bind ports below 1024.
    binds_ports: bool = True
    # Whether it balances over the servers of pools. At a start, such a daemon forgets which of them are drained.
    has_servers: bool = False
    # Whether it tells anything for metrics, and counts what passes through it.
    has_measures: bool = False
    # Whether it is the one that sends queries to the fallback of a pool.
    chooses_fallback: bool = False
    # Help for the argument of its console command; empty if it has no console.
    console_help: str = ""
    # The settings of releases of schema 1, whose manifests have none.
    schema_1_settings: ClassVar[Settings] = {}

    def command(self, node: Node, service: Service) -> list[str]:
        """What the process of the service becomes."""
        return node.substitute(service.command, node.current_link)

    def pids(self, node: Node, service: Service, process: Process) -> list[int]:
        """The processes that run its program, of a service that runs."""
        return [process.pid]

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        """Creates the files that it needs at a start."""

    def prepare_check(self, node: Node, service: Service, candidate: Manifest) -> None:
        """Creates the files that its checker needs."""

    def upkeep(self, node: Node, service: Service, live: Manifest) -> None:
        """What is due from time to time while it runs."""

    def publish(self, node: Node, service: Service, values: dict[str, str]) -> None:
        """Takes values by their keys that have changed since the release is live, if it shows them in metrics."""

    def load_certificate(self, request: "ReloadRequest", path: str) -> None:
        """
        Lets a running service present a certificate of the release from here on, without a reload: connections stay.
        Raises `NotReady` if it does not accept commands yet.
        """
        raise Failure(f"{self.name} has no certificates")

    def environment(self, node: Node, service: Service) -> dict[str, str]:
        """Environment variables beside those of every daemon."""
        return {}

    def start_helper(self, node: Node, live: Manifest) -> dict[str, str]:
        """Starts what keeps root's rights beside it, and returns the environment variables by which it finds that."""
        return {}

    def node_problems(self, candidate: Manifest) -> list[str]:
        """Reasons why a release cannot run on this node that the checker does not see."""
        return []

    def file_problems(self, service: Service, folder: str) -> list[str]:
        """What is wrong with files of a release that its checker does not read."""
        return []

    def clear(self, live: Manifest) -> None:
        """Removes what it has set in the kernel and has left there, when it does not run any more."""

    def render_file(self, file: ServiceFile, secret: str) -> str:
        """Renders a file that holds a secret."""
        raise Failure(f"{file.path}: {self.name} has no such file")

    def quote_secret(self, secret: str) -> str:
        """The secret as it is quoted in the files of the daemon."""
        return secret

    def reload(self, request: ReloadRequest) -> Cleanup | None:
        """Loads a release into the running daemon. Raises `NotReady` if it does not accept commands yet."""
        words = request.node.substitute(request.service.reload, request.folder)
        if not words:
            raise Failure(f"manifest.json: the service {self.name} has no reload command")
        outcome = run(words, COMMAND_TIMEOUT, users.find(request.service.user), daemon_environment(request.folder))
        if outcome.status != 0:
            kind = NotReady if any(text in outcome.output for text in NOT_LISTENING) else Failure
            raise kind(f"{self.name} did not take the release: {outcome.output.strip()}")
        return None

    def reload_message(self) -> str:
        """The message after a reload."""
        return f"{self.name} reloaded"

    def stop(self, process: Process) -> None:
        """Stops it; its supervisor starts it again."""
        processes.stop(self.name, process)

    def servers(self, node: Node, service: Service) -> dict[str, str]:
        """The states of all servers, by their names in the daemon; empty if it does not answer."""
        return {}

    def set_drained(self, node: Node, service: Service, server: str, drained: bool) -> None:
        """Drains a server, so that it gets no new queries, or undrains it."""

    def flush(self, node: Node, service: Service, what: Flush) -> Flushed:
        """Takes answers out of its caches."""
        return Flushed(0, 0)

    def caches(self, node: Node, service: Service) -> list[CacheState]:
        """The states of its caches; empty if it does not answer."""
        return []

    def measure(self, node: Node, service: Service) -> Measures | None:
        """What it tells for metrics; None if it tells nothing. Raises OSError or Failure if it does not answer."""
        return None

    def activity(self, node: Node, service: Service, timeout: float) -> Activity | None:
        """What it counts; None if it counts nothing. Raises OSError or Failure if it does not answer in that time."""
        return None

    def clients(self, node: Node, service: Service, count: int, timeout: float) -> Clients | None:
        """Its busiest clients, some more than `count`; None if it knows none. Raises as `activity()` does."""
        return None

    def faults(self, node: Node, service: Service) -> Mapping[str, Fault]:
        """
        What it finds wrong with servers and does not tell with its measures, by their names in the daemon. Costs more
        than these. Raises OSError or Failure if it does not answer.
        """
        return {}

    def transport_of(self, pool: str, record: str) -> str:
        """How clients reach the servers of a pool by a record of it, by the label of that in the manifest."""
        return record

    def metrics_socket(self, node: Node, service: Service) -> str | None:
        """Where it asks for the metrics of the node, which it shows; None if it does not."""
        return None

    def schema_1_names(self, pool: str, server: str) -> dict[str, str]:
        """The names of a server in releases of schema 1, by label."""
        return {}

    def ask(self, node: Node, service: Service, words: str) -> str:
        """Sends a command to its console and returns the answer."""
        raise Failure(f"{self.name} has no console")

    def secret_files(self, node: Node, service: Service) -> list[str]:
        """Files outside the release that hold secrets."""
        return []


@runtime_checkable
class VrrpDaemon(Protocol):
    """A daemon that speaks VRRP."""

    def vrrp(self, node: Node, service: Service) -> "VrrpState | None":
        """The state of all instances; None if the daemon does not answer."""
        ...


class BgpSessionState(NamedTuple):
    """A session with a router."""

    # In the daemon.
    name: str
    # The address of the router, as the daemon writes it.
    neighbor: str
    # Such as "Established" and "Connect", by RFC 4271.
    state: str
    # Since when, by the daemon's own words.
    since: str
    # Such as "Up" and "Down", by RFC 5880; None if there is no session of BFD.
    bfd: str | None
    # How many addresses the router is told.
    exported: int
    # Why it ended, or does not begin; empty if that is unknown.
    error: str

    @property
    def is_up(self) -> bool:
        return self.state == "Established"


@runtime_checkable
class BgpDaemon(Protocol):
    """A daemon that speaks BGP, and announces what a file says that the announcer writes."""

    def announcer_command(self, node: Node, service: Service) -> list[str]:
        """What the announcer starts."""
        ...

    def write_announcement(self, node: Node, service: Service, kind: str, cost: int) -> None:
        """
        Writes the file, also on a disk that is full if it was there before. `kind` is "announce", "graceful-shutdown"
        or "withdraw".
        """
        ...

    def take_announcement(self, node: Node, service: Service) -> None:
        """Lets the daemon read the file. Raises OSError if it does not answer, Failure if it refuses."""
        ...

    def sessions(self, node: Node, service: Service) -> list[BgpSessionState]:
        """The sessions with routers. Raises OSError if it does not answer, Failure if nobody can read what it says."""
        ...


class VrrpInstance(NamedTuple):
    name: str
    state: str
    priority: int
    # The priority while all checks pass and the node is not drained.
    full_priority: int
    # The time of the last transition, as Unix time.
    since: float


class VrrpState(NamedTuple):
    instances: list[VrrpInstance]
    failed_checks: list[str]


def service_settings(node: Node, service: Service, wanted: type[S]) -> S:
    """The settings of a service as a NamedTuple, with the directories of the node substituted."""
    filled = dict(
        zip(service.settings, node.substitute(list(service.settings.values()), node.current_link), strict=True)
    )
    return parse_settings(filled, wanted, f"the settings of {service.name}")


def parse_settings(settings: Settings, wanted: type[S], place: str) -> S:
    """
    Settings as a NamedTuple of texts; those with a default may be missing, as in releases of earlier versions. `place`
    says in a message where they stand.
    """
    fields = cast("tuple[str, ...]", getattr(wanted, "_fields"))
    defaults = cast("dict[str, object]", getattr(wanted, "_field_defaults"))
    given = {field: settings[decode.key(field)] for field in fields if decode.key(field) in settings}
    missing = [decode.key(field) for field in fields if field not in given and field not in defaults]
    if missing:
        raise Failure(f"manifest.json: {place} lack {', '.join(missing)}")
    return cast(Callable[..., S], wanted)(**given)


def reload_by_sighup(request: ReloadRequest, ready: bool = True) -> None:
    """Reloads a daemon by SIGHUP; raises `NotReady` before the daemon handles that signal."""
    process = request.process
    if not ready or not processes.handles_signal(process, signal.SIGHUP):
        raise NotReady(f"{request.service.name} does not handle SIGHUP yet")
    processes.send_signal(process, signal.SIGHUP)
    time.sleep(SIGNAL_GRACE)
    if not process.is_alive():
        raise Failure(f"{request.service.name} ended when it reloaded the release; see its log")
