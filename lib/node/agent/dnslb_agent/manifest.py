"""
The manifest of a release. The classes follow `manifest.schema.json`, which is generated from the types of the library;
a test compares the two.
"""

from typing import Annotated, Literal, NamedTuple

from .decode import Pattern, Range

SCHEMA = 2

DaemonName = Annotated[str, Pattern(r"^[a-z][a-z0-9-]*$", "a name of small letters, digits and '-'")]
CheckName = Annotated[str, Pattern(r"^[A-Za-z0-9_-]+$", "a name of letters, digits, '-' and '_'")]
INSIDE = r"^(?!/)(?!([^\x00-\x1f\x7f]{0,}/)?\.{0,2}(/|$))[^\x00-\x1f\x7f]+$"
ReleasePath = Annotated[str, Pattern(INSIDE, "a path inside the release")]
NodePath = Annotated[str, Pattern(r"^/[^\x00-\x1f\x7f]+$", "an absolute path")]
Port = Annotated[int, Range(1, 65535)]
Count = Annotated[int, Range(1)]
Settings = dict[str, str]


class Listener(NamedTuple):
    """A socket on which a service listens."""

    address: str
    port: Port
    transport: Literal["udp", "tcp"]
    # Whether the node may lack the address at present (IP_FREEBIND).
    foreign: bool
    # Whether other sockets of its user may bind it too (SO_REUSEPORT).
    shared: bool
    v6only: bool
    sockets: Count | Literal["one-per-processor"]

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


class Service(NamedTuple):
    name: DaemonName
    command: list[str]
    user: str
    check: list[str]
    # Empty if the module of the daemon reloads it otherwise.
    reload: list[str]
    settings: Settings
    restart_on: list[ReleasePath]
    keeps_data: bool
    listeners: list[Listener]
    start_settings: str | None = None


class ServiceFile(NamedTuple):
    kind: Literal["service"]
    service: DaemonName
    path: ReleasePath
    secret: ReleasePath
    settings: Settings


class ReleaseMetric(NamedTuple):
    kind: Literal["release-metric"]
    path: ReleasePath
    # The value of the metric that tells whether a service is to be restarted, with `{service}` for its name; then the
    # file is a format, in which `%` stands doubled. None in releases without that metric.
    restart_due: str | None = None
    # What shows a value that may change while the release is live: `{key}` is its name, `{value}` what it is in the
    # release. None in releases whose values stay.
    live: str | None = None


ComposedFile = ServiceFile | ReleaseMetric


class DnsCheck(NamedTuple):
    kind: Literal["dns"]
    service: DaemonName
    port: Port
    name: str
    address: str
    proxy_protocol: bool


class HttpCheck(NamedTuple):
    kind: Literal["http"]
    service: DaemonName
    port: Port
    path: str


ReadyCheck = DnsCheck | HttpCheck


class Server(NamedTuple):
    name: str
    address: str
    port: Port
    # By service and, in it, by a label that distinguishes the records it has of the server: their names.
    names: dict[str, dict[str, str]]


class PoolFallback(NamedTuple):
    """The pool that serves while fewer servers than `below` are up."""

    pool: str
    below: Count


class Pool(NamedTuple):
    name: str
    servers: list[Server]
    # None also in releases of earlier versions.
    fallback: PoolFallback | None = None


class FixedAddresses(NamedTuple):
    kind: Literal["fixed"]


class VirtualAddress(NamedTuple):
    address: str
    interface: str
    on_loopback: bool


class VrrpAddresses(NamedTuple):
    kind: Literal["vrrp"]
    service: DaemonName
    # Empty if unknown (schema 1).
    virtual_addresses: list[VirtualAddress]


class BgpSession(NamedTuple):
    """A session of the node with a router."""

    # In the service.
    name: DaemonName
    # The address of the router, in canonical form.
    neighbor: str
    asn: Annotated[int, Range(1, 4294967295)]
    bfd: bool
    families: list[Literal["ipv4", "ipv6"]]


class AnnouncerPeer(NamedTuple):
    """Another node of the group, at its own address in canonical form."""

    name: str
    address: str


class AnnouncerSocket(NamedTuple):
    """Where the nodes of a group ask each other for their words, by UDP."""

    address: str
    port: Port


class AnnouncedCheck(NamedTuple):
    """What the failure of a check of the watch does to the announcement."""

    name: CheckName
    cost: Count
    when_failing: Literal["prepend", "withdraw"]


class AnnouncementRules(NamedTuple):
    """How the node decides what it announces. Times are in milliseconds."""

    checks: list[AnnouncedCheck]
    stale_cost: Count
    stale_after: Count
    hold: Count
    moves: Count
    damping: Count
    grace: Count

    @property
    def worst(self) -> int:
        """The highest cost."""
        return max([self.stale_cost, *(check.cost for check in self.checks)])


class BgpAddresses(NamedTuple):
    """Addresses on the loopback interface that all nodes of a group announce to routers."""

    kind: Literal["bgp"]
    service: DaemonName
    addresses: list[str]
    sessions: list[BgpSession]
    peers: list[AnnouncerPeer]
    words: AnnouncerSocket
    announcement: AnnouncementRules
    # What becomes of default routes that come before those of routers; None if the node does not take these.
    other_default_routes: Literal["move-back", "refuse"] | None = None


Mobility = FixedAddresses | VrrpAddresses | BgpAddresses


class DaemonWatch(NamedTuple):
    kind: Literal["daemon"]
    name: CheckName
    check: ReadyCheck


class PoolWatch(NamedTuple):
    """
    Fails while a pool has no live server here and, if it is compared, a peer has one, and more pools live there than
    here.
    """

    kind: Literal["pool"]
    name: CheckName
    alive: DnsCheck
    peers: list[str]
    # A query that a peer answers through a server of the pool, in hexadecimal.
    proof: Annotated[str, Pattern(r"^([0-9a-f]{2}){12,}$", "a DNS message in hexadecimal")]
    # In milliseconds.
    patience: Annotated[int, Range(0)]
    # In milliseconds; None in releases of earlier versions.
    detection: Annotated[int, Range(0)] | None = None
    # False if the watch judges this node alone; None if it compares.
    compared: Literal[False] | None = None


WatchCheck = DaemonWatch | PoolWatch


class WatchResults(NamedTuple):
    """Where the watch writes."""

    # A directory in the run directory.
    folder: CheckName
    # The user of the watch, who alone may write there.
    user: str


class WatchScript(NamedTuple):
    """A script that judges the servers of a pool."""

    pool: str
    path: ReleasePath
    # In milliseconds.
    interval: Count
    timeout: Count
    fall: Count
    rise: Count


class Watch(NamedTuple):
    # In milliseconds.
    interval: Count
    timeout: Count
    fall: Count
    rise: Count
    checks: list[WatchCheck]
    # None in releases of earlier versions: the watch writes to the run directory itself, as the user of the daemons.
    results: WatchResults | None = None
    scripts: list[WatchScript] | None = None


class OutOfServiceNode(NamedTuple):
    """A node that does not get changes, because it is off or away."""

    name: str
    address: str


class TlsClients(NamedTuple):
    """How clients are verified by their certificates."""

    trust: ReleasePath
    mode: Literal["optional", "required"]


class TlsListener(NamedTuple):
    name: DaemonName
    service: DaemonName
    # Certificate, chain and key.
    certificate: ReleasePath
    server_name: str | None = None
    clients: TlsClients | None = None
    # The user's keys of session tickets; None if the node makes its own.
    ticket_keys: ReleasePath | None = None
    # Further files as the first.
    more_certificates: list[ReleasePath] | None = None

    @property
    def certificates(self) -> list[ReleasePath]:
        return [self.certificate, *(self.more_certificates or [])]


class NodeFile(NamedTuple):
    """A file of the release that is a copy of a file of the node, which other programs write."""

    path: ReleasePath
    # Absolute.
    source: NodePath


class FrontendListener(NamedTuple):
    """A protocol of a frontend, and its port."""

    kind: Literal["dns", "dot", "pass-through"]
    port: Port


class Frontend(NamedTuple):
    """What the node serves, for `status`."""

    name: DaemonName
    addresses: list[str]
    listeners: list[FrontendListener]
    tcp_path: Literal["direct", "inspected"]


class Manifest(NamedTuple):
    schema: Literal[2]
    workload: str
    node: str
    user: str
    services: list[Service]
    compose: list[ComposedFile]
    ready: list[ReadyCheck]
    pools: list[Pool]
    mobility: Mobility
    watch: Watch
    configuration: str | None = None
    out_of_service: list[OutOfServiceNode] | None = None
    tls: list[TlsListener] | None = None
    frontends: list[Frontend] | None = None
    node_files: list[NodeFile] | None = None

    def service(self, name: str) -> Service | None:
        return next((service for service in self.services if service.name == name), None)

    def tls_of(self, service: str) -> list[TlsListener]:
        """The listeners with TLS of a service."""
        return [listener for listener in self.tls or [] if listener.service == service]
