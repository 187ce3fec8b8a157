"""What the agent must know of a daemon: one module each tells it by this class, and no other module knows its name."""

import signal
import time
from collections.abc import Callable
from re import Pattern
from typing import ClassVar, NamedTuple, Protocol, TypeVar, cast, runtime_checkable

from .. import decode, processes, users
from ..commands import call, environment
from ..errors import Failure, NotUp
from ..manifest import Manifest, Service, ServiceFile, Settings
from ..node import Node
from ..processes import Process

S = TypeVar("S")

COMMAND_TIMEOUT = 30
SETTLE = 0.3
# What control programs say of a daemon that does not listen yet.
UNHEARD = ("Connection refused", "No such file or directory")


class Change(NamedTuple):
    """A running service, and the release that it is to take."""

    node: Node
    service: Service
    process: Process
    # The directory of the release, and what that says of itself.
    folder: str
    manifest: Manifest


# What is left to do when the release has proved itself.
Afterwards = Callable[[], None] | None


class Daemon:
    """A daemon that needs nothing special: it has a command that reloads it, and knows no servers."""

    name: str
    # What its checker says of a good release; every other word refuses it, warnings included.
    praise: Pattern[str] | None = None
    # Whether it listens on ports, which below 1024 may be a right to be kept.
    binds: bool = True
    # Whether it sends queries to the servers of pools, and forgets with every start which of them were drained.
    has_servers: bool = False
    # What a command of the agent asks it, for people; empty where it has no console.
    console: str = ""
    # What manifests of schema 1 did not say.
    schema_1_settings: ClassVar[Settings] = {}

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        """Makes what it must find when it starts."""

    def prepare_check(self, node: Node, service: Service) -> None:
        """Makes what its checker must find."""

    def environment(self, node: Node) -> dict[str, str]:
        """What it sees beside what every daemon sees."""
        return {}

    def problems(self, candidate: Manifest) -> list[str]:
        """What is wrong with a release on this node and its checker cannot know."""
        return []

    def compose(self, file: ServiceFile, secret: str) -> str:
        """The text of a file that holds a secret."""
        raise Failure(f"{file.path}: {self.name} has no such file")

    def written(self, secret: str) -> str:
        """A secret as its files have it."""
        return secret

    def reload(self, change: Change) -> Afterwards:
        """Lets it take a release while it runs. Raises `NotUp` where it cannot be told yet."""
        words = change.node.fill(change.service.reload, change.folder)
        if not words:
            raise Failure(f"{self.name} has no way to take a release")
        outcome = call(words, COMMAND_TIMEOUT, users.find(change.service.user), environment(change.folder))
        if outcome.status != 0:
            kind = NotUp if any(text in outcome.output for text in UNHEARD) else Failure
            raise kind(f"{self.name} did not take the release: {outcome.output.strip()}")
        return None

    def reloaded(self) -> str:
        """How it is said that it took a release."""
        return f"{self.name} reloaded"

    def stop(self, process: Process) -> None:
        """Ends it; its supervisor starts it again."""
        processes.stop(self.name, process)

    def servers(self, node: Node, service: Service) -> dict[str, str]:
        """The state of every server by the name that it has for it; empty when it does not answer."""
        return {}

    def set_drained(self, node: Node, service: Service, server: str, drained: bool) -> None:
        """Lets it send a server nothing new, or send to it again."""

    def schema_1_names(self, pool: str, server: str) -> dict[str, str]:
        """What it called a server in releases of schema 1."""
        return {}

    def ask(self, node: Node, service: Service, words: str) -> str:
        """Its answer to an operator's words."""
        raise Failure(f"{self.name} has no console")

    def secret_files(self, node: Node, service: Service) -> list[str]:
        """Files outside of the release that hold secrets."""
        return []


@runtime_checkable
class VrrpSpeaker(Protocol):
    """A daemon that speaks VRRP."""

    def vrrp(self, node: Node, service: Service) -> "Vrrp | None":
        """The state of every instance; nothing when it does not tell."""
        ...


class VrrpInstance(NamedTuple):
    name: str
    state: str
    priority: int
    # What it would be if nothing were wrong.
    full_priority: int
    # When it became what it is, in seconds since 1970.
    since: float


class Vrrp(NamedTuple):
    instances: list[VrrpInstance]
    failed_checks: list[str]


def settings_of(node: Node, service: Service, wanted: type[S]) -> S:
    """The settings of a service, with the node's directories in them, as the class that its daemon's module expects."""
    filled = dict(zip(service.settings, node.fill(list(service.settings.values()), node.current), strict=True))
    return settings_in(filled, wanted, f"the settings of {service.name}")


def settings_in(settings: Settings, wanted: type[S], place: str) -> S:
    """Settings as a class of texts; `place` is where they stand, for errors."""
    fields = cast("tuple[str, ...]", getattr(wanted, "_fields"))
    missing = [decode.key(field) for field in fields if decode.key(field) not in settings]
    if missing:
        raise Failure(f"manifest.json: {place} lack {', '.join(missing)}")
    return cast(Callable[..., S], wanted)(**{field: settings[decode.key(field)] for field in fields})


def hang_up(change: Change, ready: bool = True) -> None:
    """Lets a daemon read its files again by SIGHUP, if it is ready for that."""
    process = change.process
    if not ready or not processes.handles(process, signal.SIGHUP):
        raise NotUp(f"{change.service.name} does not listen to signals")
    processes.send(process, signal.SIGHUP)
    time.sleep(SETTLE)
    if not process.alive():
        raise Failure(f"{change.service.name} died of the release")
