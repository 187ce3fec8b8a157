"""Every metric of the node: docs/metrics.md has the table that is made from this one."""

from typing import NamedTuple

PREFIX = "dnslb_"
GAUGE, COUNTER = "gauge", "counter"

# The labels of a server, as each daemon that has it judges it by itself.
JUDGED = ("pool", "server", "judge", "transport")
POOL = ("pool", "judge", "transport")


class Family(NamedTuple):
    """A metric; its samples differ in the values of its labels."""

    # Without the prefix.
    name: str
    kind: str
    help: str
    # Such as "seconds"; empty for a number of things, and "0 or 1" for what is so or not.
    unit: str = ""
    labels: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return PREFIX + self.name


TRUTH = "0 or 1"
SECONDS = "seconds"
# Seconds since 1970-01-01.
TIME = "Unix time"

FAMILIES = (
    # What runs.
    Family(
        "release_info",
        GAUGE,
        "The release that runs on the node; nodes that do the same have one configuration.",
        "1",
        ("load_balancer", "node", "release", "configuration"),
    ),
    Family("release_timestamp_seconds", GAUGE, "When the release became live.", TIME),
    Family("service_up", GAUGE, "Whether a service of the node runs.", TRUTH, ("service",)),
    Family("service_start_timestamp_seconds", GAUGE, "When a service was started.", TIME, ("service",)),
    Family(
        "restart_due",
        GAUGE,
        "Whether a service runs an older program or library than is installed.",
        TRUTH,
        ("service",),
    ),
    # The last change.
    Family(
        "change_last_timestamp_seconds",
        GAUGE,
        "When the last change ended: a release, a way back, renewed secrets.",
        TIME,
        ("kind",),
    ),
    Family("change_last_success", GAUGE, "Whether the last change is live, and not refused.", TRUTH, ("kind",)),
    Family("change_under_way", GAUGE, "Whether a change is under way.", TRUTH),
    Family("change_cut_short", GAUGE, "Whether a change was cut short, and waits for a rollback.", TRUTH),
    Family("node_drained", GAUGE, "Whether the node is drained, by whom.", TRUTH, ("by",)),
    Family(
        "node_out_of_service",
        GAUGE,
        "Whether the release says that a node gets no changes; told by the others, as it does not know.",
        TRUTH,
        ("name",),
    ),
    # The checks.
    Family("check_failed", GAUGE, "Whether a check of the watch fails.", TRUTH, ("check",)),
    Family("watch_age_seconds", GAUGE, "How long ago the watch last said that it makes its checks.", SECONDS),
    Family("peer_serves", GAUGE, "Whether another node says that it serves.", TRUTH, ("peer",)),
    # The addresses.
    Family("address_here", GAUGE, "Whether the node has, or announces, a shared address.", TRUTH, ("address",)),
    Family("vrrp_state", GAUGE, "Whether an instance of VRRP is in a state.", TRUTH, ("vrrp_instance", "state")),
    Family("vrrp_priority", GAUGE, "The priority of an instance now.", "", ("vrrp_instance",)),
    Family("vrrp_full_priority", GAUGE, "Its priority while all checks pass.", "", ("vrrp_instance",)),
    Family(
        "vrrp_last_transition_timestamp_seconds",
        GAUGE,
        "When an instance last came into its state; a reload counts.",
        TIME,
        ("vrrp_instance",),
    ),
    Family(
        "vrrp_transitions_total",
        COUNTER,
        "Changes of the state of an instance that the agent saw.",
        "",
        ("vrrp_instance",),
    ),
    Family("announced_addresses", GAUGE, "How many addresses routers are told."),
    Family("announcement_cost", GAUGE, "At what cost the node is announced; 0 is the best."),
    Family("announcement_failures_cost", GAUGE, "What the failures of the node cost now."),
    Family("announcement_withdrawn", GAUGE, "Whether the node announces nothing.", TRUTH),
    Family("announcement_graceful_shutdown", GAUGE, "Whether routers are asked to leave the node.", TRUTH),
    Family("announcement_damped", GAUGE, "Whether the node moved too often, and stays at its worst.", TRUTH),
    Family("announcement_taken", GAUGE, "Whether what was decided is what is announced.", TRUTH),
    Family("announcement_changes_total", COUNTER, "Changes of the announcement since its start."),
    Family("announcement_watch_stale", GAUGE, "Whether nobody makes the checks.", TRUTH),
    Family("announcement_others_serve", GAUGE, "Whether another node serves, so that this one may leave.", TRUTH),
    Family(
        "bgp_session_up", GAUGE, "Whether the session with a router is established.", TRUTH, ("session", "neighbor")
    ),
    Family("bgp_announced_addresses", GAUGE, "How many addresses a router is told.", "", ("session", "neighbor")),
    Family("bfd_session_up", GAUGE, "Whether BFD sees a router.", TRUTH, ("session", "neighbor")),
    # Pools and servers.
    Family("pool_servers", GAUGE, "How many servers a pool has.", "", ("pool",)),
    Family("pool_servers_up", GAUGE, "How many of them are up, as a daemon judges.", "", POOL),
    Family(
        "pool_fallback_active",
        GAUGE,
        "Whether too few servers are up, so that the fallback of the pool serves.",
        TRUTH,
        POOL,
    ),
    Family("server_up", GAUGE, "Whether a server is up, as a daemon judges; 0 also while drained.", TRUTH, JUDGED),
    Family(
        "server_fault",
        GAUGE,
        "Why the probes of a server fail, while they do; it may be up in spite of that.",
        TRUTH,
        (*JUDGED, "reason"),
    ),
    Family("server_drained", GAUGE, "Whether an operator has drained a server.", TRUTH, ("pool", "server")),
    Family(
        "server_went_down_total",
        COUNTER,
        "How often a server went down: the daemon's count since its last reload, or what the agent saw.",
        "",
        JUDGED,
    ),
    Family("server_check_duration_seconds", GAUGE, "How long the last probe took, where known.", SECONDS, JUDGED),
    Family("server_latency_seconds", GAUGE, "The mean time of answers, where known.", SECONDS, JUDGED),
    # Limits.
    Family(
        "limit_hits_total",
        COUNTER,
        "Connections or queries that a limit or an access list refused, since the daemon's start or reload.",
        "",
        ("listener", "limit"),
    ),
    Family("listener_connections", GAUGE, "Connections of a listener for TCP now.", "", ("listener",)),
    Family("listener_connections_limit", GAUGE, "How many it may have.", "", ("listener",)),
    Family("connections", GAUGE, "Connections of all listeners for TCP now."),
    Family("connections_limit", GAUGE, "How many they may have together."),
    # Certificates.
    Family(
        "certificate_not_before_seconds",
        GAUGE,
        "When the validity of the certificates of a listener begins.",
        TIME,
        ("listener", "use"),
    ),
    Family(
        "certificate_not_after_seconds",
        GAUGE,
        "When the validity of the certificates of a listener ends.",
        TIME,
        ("listener", "use"),
    ),
    Family("certificate_refused", GAUGE, "Whether a renewed certificate is not taken.", TRUTH, ("listener",)),
    # Caches.
    Family("cache_entries", GAUGE, "How many answers the cache of a pool holds.", "", ("pool",)),
    Family("cache_entries_limit", GAUGE, "How many it may hold.", "", ("pool",)),
    Family("cache_hits_total", COUNTER, "Queries that found an answer in the cache.", "", ("pool",)),
    Family("cache_misses_total", COUNTER, "Queries that did not.", "", ("pool",)),
    # The metrics themselves.
    Family("source_up", GAUGE, "Whether a part of the node told what it knows.", TRUTH, ("source",)),
    Family("collection_duration_seconds", GAUGE, "How long it took to collect these metrics.", SECONDS),
    Family("collection_age_seconds", GAUGE, "How long ago these metrics were collected.", SECONDS),
)
BY_NAME = {family.name: family for family in FAMILIES}


def table() -> str:
    """The table of the documentation, in Markdown."""
    lines = ["| metric | type | labels | unit | tells |", "|---|---|---|---|---|"]
    for family in FAMILIES:
        labels = ", ".join(f"`{label}`" for label in family.labels)
        lines.append(f"| `{family.full_name}` | {family.kind} | {labels} | {family.unit} | {family.help} |")
    return "\n".join(lines)
