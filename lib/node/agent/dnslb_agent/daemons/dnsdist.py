"""dnsdist: calls the Lua runtime, which is part of every release, over the console."""

import base64
import contextlib
import json
import os
import re
import socket
import time
from typing import ClassVar, NamedTuple, cast

from .. import files, processes, processors
from ..commands import run
from ..errors import Failure, NotReady
from ..log import Deadline
from ..manifest import Manifest, Service
from ..metrics.measures import CacheMeasure, Fault, LimitMeasure, Measures, ServerMeasure
from ..node import Node
from ..top.activity import (
    ANSWERS,
    CACHED,
    DROPPED,
    NOERROR,
    NXDOMAIN,
    OWN_CHECKS,
    QUERIES,
    SERVFAIL,
    TIMEOUTS,
    TRUNCATED,
    Activity,
    AskingClient,
    AskingClients,
    Clients,
    ListenerActivity,
    ServerActivity,
)
from ..users import User, find, share_with_group
from .daemon import CacheState, Cleanup, Daemon, Flush, Flushed, ReloadRequest, service_settings

ANSWER_TIMEOUT = 10
# Seconds for a phase of a change: dnsdist copies its list of servers for each that comes or goes, so that 2,000 took
# 10 s on a busy machine.
PHASE_TIMEOUT = 60
PHASES = ("stage", "commit", "tidy", "abort")
# Seconds for the first health checks of new servers.
FIRST_CHECK_TIMEOUT = 10
POLL = 0.1
# What the console client prints while dnsdist does not listen.
NOT_LISTENING = "Connection refused"
# Seconds for which responses of replaced servers may still arrive.
IN_FLIGHT_TIME = 2.5
ERROR = "Error: "
# Of its own metrics: their answer, and those that are read.
MAX_PAGE = 64 * 1024 * 1024
PAGE_TIMEOUT = 3
# Begins with text, which is found ten times as fast as the beginning of a line.
SAMPLE = re.compile(
    r"\ndnsdist_(server_status|server_latency|rule_hits|pool_cache_(?:size|entries|hits|misses))"
    r'\{(?:server|id|pool)="([^"]*)"[^}]*\} (\S+)'
)
# Those lines of `status()` that tell of a fault, seldom more than a few of many.
FAULTY = (
    "return (function() local found = {} for line in dnslb.status():gmatch('{[^\\n]*') do "
    """if line:find('"fault":', 1, true) then found[#found + 1] = line end end """
    "return table.concat(found, '\\n') end)()"
)
# The beginnings of what the judge says of servers that answer, and all that it says of others.
ANSWERED = ("answers ", "sends ", "truncates ", "has no answer", "is not authoritative")
OTHER_FAULTS: "dict[str, Fault]" = {
    "does not answer": "silence",
    "does not end its answer": "silence",
    "refuses connections": "connection",
    "cannot be reached": "connection",
    "ends connections without an answer": "connection",
}
# The rules that refuse, and the limits that they stand for.
LIMIT_RULE = re.compile(r"^([^:]+): (?:(outsiders)|(queries) beyond .*)$")
# What `top` reads there of servers and rules, and without labels.
ACTIVITY = re.compile(
    r"\ndnsdist_(server_(?:status|queries|drops|senderrors|outstanding|latency)|rule_hits)"
    r'\{(?:server|id)="([^"]*)"[^}]*\} (\S+)'
)
TOTAL = re.compile(
    r"\ndnsdist_(queries|responses|self_answered|cache_hits|frontend_(?:noerror|nxdomain|servfail)"
    r"|acl_drops|downstream_timeouts|dyn_blocked|rule_(?:drop|truncated)) (\S+)"
)
# This version does not count answers from caches among the responses. Nor does it count what rules refuse.
APART_FROM_CACHES = 'dnsdist_info{version="1.7.'
TOTALS = {
    QUERIES: ("queries",),
    NOERROR: ("frontend_noerror",),
    NXDOMAIN: ("frontend_nxdomain",),
    SERVFAIL: ("frontend_servfail",),
    ANSWERS: ("responses", "self_answered"),
    TRUNCATED: ("rule_truncated",),
    DROPPED: ("rule_drop", "acl_drops", "dyn_blocked"),
    TIMEOUTS: ("downstream_timeouts",),
    CACHED: ("cache_hits",),
}
# Rules after which others are tried, and those that users have written, of which nobody knows: what they count is no
# part of the queries of a frontend, which is what stands before the first colon in the name of a rule.
RULE = re.compile(
    r"^([^:]+): (?!(?:.*: )?(?:no recursion$|queries alone$|route \d+ to |extra \d+, ))"
    r"(?!.*(?:, reason|, not the cache)$)"
)
# What the rules have in the place of a frontend by which a node answers its own checks; no frontend has a space in its
# name. Releases of earlier versions call them as those of a frontend "node", which may also be one.
OWN_RULES = "this node"
EARLIER_OWN_RULE = re.compile(
    r"^node: (?:alive|other names|servers that serve by their scripts|\S+ has servers|servers of \S+, asked by .*)$"
)
MILLISECONDS = 1000
# Seconds of the ring of queries that `top` looks back, and clients that it shows at most.
LOOK_BACK = 60
MAX_CLIENTS = 1000
# Seconds of processor time, of all threads of dnsdist, for one walk through the ring.
MOST_SECONDS = 0.2
# The part of the newer queries in a second that there are at least of older ones, if none of them are forgotten; below
# so many queries in all, no part of the ring of the usual size is full.
EVEN = 0.85
UNEVEN_FROM = 1000
# Bytes of what goes back to the system once it is free; glibc would raise it to the size of a server. mallopt(3).
MMAP_THRESHOLD = "131072"


class Settings(NamedTuple):
    # Address and port.
    console: str
    # The files of the key and of the configuration of the console client, both created on the node.
    key: str
    client: str
    # Address and port of its own metrics. Empty in releases of earlier versions.
    web: str = ""


class Dnsdist(Daemon):
    name = "dnsdist"
    success_output = re.compile(r"Configuration '.*' OK!")
    has_servers = True
    has_measures = True
    chooses_fallback = True
    console_help = "Lua, such as: 'showServers()'"
    schema_1_settings: ClassVar[dict[str, str]] = {
        "console": "127.0.0.1:5199",
        "key": "{run}/dnsdist.key",
        "client": "{run}/dnsdist-client.conf",
    }

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        """Creates the key of the console, which permits to run code as dnsdist, and the configuration of its client."""
        settings, user = service_settings(node, service, Settings), find(service.user)
        _create_file(settings.key, base64.b64encode(os.urandom(32)).decode() + "\n", user)
        client = f'local file = assert(io.open({_lua_string(settings.key)}))\nsetKey(file:read("*l"))\nfile:close()\n'
        _create_file(settings.client, client + f"controlSocket({_lua_string(settings.console)})\n", user)

    def environment(self, node: Node, service: Service) -> dict[str, str]:
        """Gives the memory of replaced servers, megabytes each, back to the system; says how many listeners to make."""
        return {"MALLOC_MMAP_THRESHOLD_": MMAP_THRESHOLD, "DNSLB_PROCESSORS": str(processors.granted(service))}

    def reload(self, request: ReloadRequest) -> Cleanup | None:
        """
        Replaces the policy without a restart, after the first health checks of new servers. The cleanup removes the
        replaced servers, once their last responses have arrived.
        """
        console = Console(service_settings(request.node, request.service, Settings), find(request.service.user))
        if not console.swap_policy(request.folder):
            return None
        swapped = time.monotonic()
        return lambda: console.remove_replaced(swapped)

    def reload_message(self) -> str:
        return f"{self.name} policy swapped"

    def servers(self, node: Node, service: Service) -> dict[str, str]:
        return _console(node, service).servers()

    def set_drained(self, node: Node, service: Service, server: str, drained: bool) -> None:
        _console(node, service).ask(f"{'drain' if drained else 'undrain'}Server({_lua_string(server)})")

    def flush(self, node: Node, service: Service, what: Flush) -> Flushed:
        """Takes answers out of the caches of pools."""
        pool, name = ("nil" if text is None else _lua_string(text) for text in (what.pool, what.name))
        kind = "nil" if what.kind is None else str(what.kind)
        words = _console(node, service).ask(f"expunge({pool}, {name}, {kind}, {str(what.below).lower()})")
        counts = re.search(r"caches=(\d+) removed=(\d+)", words)
        if counts is None:
            raise Failure(f"dnsdist did not say what it removed: {words!r}")
        return Flushed(int(counts[1]), int(counts[2]))

    def caches(self, node: Node, service: Service) -> list[CacheState]:
        return _console(node, service).caches()

    def measure(self, node: Node, service: Service) -> Measures:
        web = service_settings(node, service, Settings).web
        if not web:
            raise Failure(f"the release does not say where {self.name} has its metrics")
        return measures(_page(web))

    def activity(self, node: Node, service: Service, timeout: float) -> Activity:
        web = service_settings(node, service, Settings).web
        if not web:
            raise Failure(f"the release does not say where {self.name} has its metrics")
        process = processes.find_running(node, service.name)
        return activity(_page(web, timeout), "" if process is None else f"{process.pid} {process.start_ticks}")

    def clients(self, node: Node, service: Service, count: int, timeout: float) -> Clients:
        code = CLIENTS.format(
            seconds=LOOK_BACK, most=MOST_SECONDS, even=EVEN, uneven=UNEVEN_FROM, count=min(count, MAX_CLIENTS)
        )
        answer = _console(node, service).run_lua(code, timeout)
        if NOT_LISTENING in answer:
            raise Failure(f"{self.name} does not answer")
        return Clients(asking=asking_clients(answer))

    def faults(self, node: Node, service: Service) -> "dict[str, Fault]":
        return _console(node, service).faults()

    def schema_1_names(self, pool: str, server: str) -> dict[str, str]:
        # A server with TLS had one record, `pool/server`, for clients of both transports.
        return {"udp": f"{pool}/{server}", "tcp": f"{pool}:tcp/{server}"}

    def ask(self, node: Node, service: Service, words: str) -> str:
        answer = _console(node, service).run_lua(words)
        if NOT_LISTENING in answer:
            raise Failure(f"{self.name} does not answer")
        # The exit status of the client is always 0.
        if answer.startswith(ERROR):
            raise Failure(f"{self.name}: {answer[len(ERROR) :].splitlines()[0]}")
        return answer

    def secret_files(self, node: Node, service: Service) -> list[str]:
        return [service_settings(node, service, Settings).key]


class Console:
    """Calls functions of the Lua runtime in the running dnsdist, as the user of dnsdist."""

    def __init__(self, settings: Settings, user: User) -> None:
        self._settings = settings
        self._user = user

    def swap_policy(self, release: str) -> bool:
        """
        Replaces the policy by the one of a release, after the first health checks of new servers.
        Returns True if servers were replaced, so that `remove_replaced` has work to do.
        """
        staged = self.ask(f"stage({_lua_string(release)})")
        try:
            deadline = Deadline(FIRST_CHECK_TIMEOUT)
            while _parse_count(self.ask("pending()")) > 0 and deadline.pause(POLL):
                pass
            live = self.ask("commit()")
        except Failure:
            self._abort()
            raise
        if live != os.path.basename(release):
            raise Failure(f"dnsdist has release {live} after the swap")
        return "removed=0" not in staged.split()

    def remove_replaced(self, since: float) -> None:
        """Removes the servers that a swap at the time `since` replaced, once their last responses have arrived."""
        time.sleep(max(0.0, since + IN_FLIGHT_TIME - time.monotonic()))
        self.ask("tidy()")

    def servers(self) -> dict[str, str]:
        """The states of all servers by id, with what is wrong with their answers; empty if dnsdist does not answer."""
        return {str(record.get("id")): _state(record) for record in self._records("status()")}

    def caches(self) -> list[CacheState]:
        """The states of all caches; empty if dnsdist does not answer, or was started by an earlier version."""
        return [cast(CacheState, record) for record in self._records("caches()")]

    def faults(self) -> "dict[str, Fault]":
        """What is wrong with the answers of servers, by id; empty if it was started by an earlier version."""
        words = self.run_lua(FAULTY, PAGE_TIMEOUT)
        if NOT_LISTENING in words:
            raise Failure("dnsdist does not answer")
        records = [cast(dict[str, object], json.loads(line)) for line in words.splitlines() if line.startswith("{")]
        return {str(record.get("id")): _fault(str(record.get("fault"))) for record in records}

    def run_lua(self, code: str, timeout: float = ANSWER_TIMEOUT) -> str:
        """Runs Lua code and returns its output, or the error message."""
        words = ["dnsdist", "-C", self._settings.client, "-e", code]
        return run(words, timeout, self._user).output.strip()

    def ask(self, expression: str) -> str:
        """Calls a function of the runtime, and returns what follows "ok" and the name of the function."""
        phase = expression.split("(")[0]
        timeout = PHASE_TIMEOUT if phase in PHASES else ANSWER_TIMEOUT
        lines = self.run_lua(f"return dnslb.{expression}", timeout).splitlines()
        # The exit status of the client is always 0.
        for index, line in enumerate(lines):
            if line.startswith("ok "):
                return "\n".join([line.split(" ", 2)[-1].rstrip(), *lines[index + 1 :]])
        reason = "; ".join(line.strip() for line in lines) or "it said nothing"
        kind = NotReady if NOT_LISTENING in reason else Failure
        raise kind(f"dnsdist refused {phase}: {reason}")

    def _records(self, expression: str) -> list[dict[str, object]]:
        """The objects of JSON that a function returns, one a line; empty if it fails."""
        try:
            lines = self.ask(expression).splitlines()[1:]
            return [cast(dict[str, object], json.loads(line)) for line in lines if line.startswith("{")]
        except (Failure, ValueError):
            return []

    def _abort(self) -> None:
        with contextlib.suppress(Failure):
            self.ask("abort()")


def measures(page: str) -> Measures:
    """Reads its metrics, with little work for each server."""
    found: dict[str, dict[str, float]] = {}
    for kind, name, value in SAMPLE.findall("\n" + page):
        found.setdefault(kind, {})[name] = float(value)
    latencies = found.get("server_latency", {})
    servers = {
        name: ServerMeasure(status == 1, latency=latencies[name] / MILLISECONDS if name in latencies else None)
        for name, status in found.get("server_status", {}).items()
    }
    hits: dict[tuple[str, str], int] = {}
    for name, count in found.get("rule_hits", {}).items():
        rule = LIMIT_RULE.match(name)
        if rule is not None:
            key = (rule[1], rule[2] or rule[3])
            # One rule for each transport.
            hits[key] = hits.get(key, 0) + int(count)
    sizes, entries, of_use, of_none = (
        found.get(f"pool_cache_{name}", {}) for name in ("size", "entries", "hits", "misses")
    )
    caches = [
        CacheMeasure(pool, int(entries.get(pool, 0)), int(size), int(of_use.get(pool, 0)), int(of_none.get(pool, 0)))
        for pool, size in sizes.items()
    ]
    return Measures(servers, (), [LimitMeasure(*key, count) for key, count in hits.items()], caches)


def activity(page: str, run: str) -> Activity:
    """Reads its metrics, with little work for each server and rule."""
    found: dict[str, dict[str, float]] = {}
    for kind, name, value in ACTIVITY.findall("\n" + page):
        of_kind = found.setdefault(kind, {})
        # Rules may have one name.
        of_kind[name] = of_kind.get(name, 0.0) + float(value)
    queries, drops, errors, outstanding, latencies = (
        found.get(f"server_{kind}", {}) for kind in ("queries", "drops", "senderrors", "outstanding", "latency")
    )
    servers = {
        name: ServerActivity(
            status == 1,
            int(queries.get(name, 0)),
            int(drops.get(name, 0) + errors.get(name, 0)),
            outstanding=int(outstanding.get(name, 0)),
            latency=latencies.get(name, 0) / MILLISECONDS or None,
        )
        for name, status in found.get("server_status", {}).items()
    }
    values = {name: int(float(value)) for name, value in TOTAL.findall("\n" + page)}
    totals = {name: sum(values.get(each, 0) for each in parts) for name, parts in TOTALS.items() if parts[0] in values}
    if ANSWERS in totals and APART_FROM_CACHES in page:
        totals[ANSWERS] += values.get("cache_hits", 0)
    asked: dict[str, int] = {}
    refused: dict[str, int] = {}
    for name, hits in found.get("rule_hits", {}).items():
        rule, limit = RULE.match(name), LIMIT_RULE.match(name)
        if rule is not None:
            asker = OWN_RULES if EARLIER_OWN_RULE.match(name) else rule[1]
            asked[asker] = asked.get(asker, 0) + int(hits)
        if limit is not None:
            refused[limit[1]] = refused.get(limit[1], 0) + int(hits)
    totals[OWN_CHECKS] = asked.pop(OWN_RULES, 0)
    listeners = {name: ListenerActivity(count, refused=refused.get(name, 0)) for name, count in asked.items()}
    return Activity(run, servers, listeners, totals)


# Counts, in the ring of queries, the clients of so many seconds, and finds out how far back the ring reaches if it is
# less: it has no more queries than that time has. The ring is walked in C++, and Lua sees one value for each client: of
# 10,000 queries of as many clients, that took 13 ms. Nobody else runs Lua meanwhile, so what would take long is left
# out. The ring has parts that dnsdist fills in turn, with answers in between, so that some parts may hold older queries
# than others: then there seem to be fewer queries in the older half of a time, and only so much of it is taken as has
# about as many in both halves.
# The node's own checks come from the loopback interface.
CLIENTS = """(function()
  local begun = os.clock()
  exceedQRate(1000000000, 0)
  if os.clock() - begun > {most} then return "too many queries are remembered to look through them" end
  local function within(seconds)
    local total, counts = 0, {{}}
    for client, count in pairs(exceedQRate(0, seconds)) do
      total = total + count
      counts[client:toString()] = count
    end
    return total, counts
  end
  begun = os.clock()
  local totals = {{}}
  local function total(seconds)
    if not totals[seconds] then totals[seconds] = within(seconds) end
    return totals[seconds]
  end
  local all = total(0)
  local is_quick = os.clock() - begun < {most} / 4
  -- The least or the most seconds, up to some, of which something holds.
  local function search(low, high, holds, least)
    while high - low > 1 do
      local middle = math.floor((low + high) / 2)
      if holds(middle) == least then high = middle else low = middle end
    end
    return least and high or low
  end
  local function is_even(seconds)
    local half = math.floor(seconds / 2)
    local newer, older = total(half) / half, (total(seconds) - total(half)) / (seconds - half)
    return older >= {even} * newer
  end
  local seconds, reach = {seconds}, 0
  if is_quick then
    if all > 0 and total(seconds) >= all then
      seconds = search(0, seconds, function(middle) return total(middle) >= all end, true)
    end
    if all >= {uneven} and seconds > 2 and not is_even(seconds) then seconds = search(1, seconds, is_even, false) end
    reach = seconds
  end
  local _, counts = within(seconds)
  local function answers(kind)
    local found = {{}}
    for client, count in pairs(kind(0, seconds)) do found[client:toString()] = count end
    return found
  end
  local names, sum = {{}}, 0
  for name, count in pairs(counts) do
    if name:sub(1, 4) ~= "127." and name ~= "::1" then
      names[#names + 1], sum = name, sum + count
    end
  end
  table.sort(names, function(one, other)
    if counts[one] ~= counts[other] then return counts[one] > counts[other] end
    return one < other
  end)
  local nxdomain, servfail = answers(exceedNXDOMAINs), answers(exceedServFails)
  local lines = {{ "clients " .. reach .. " " .. sum .. " " .. #names }}
  for index = 1, math.min(#names, {count}) do
    local name = names[index]
    lines[#lines + 1] = table.concat({{ name, counts[name], nxdomain[name] or 0, servfail[name] or 0 }}, " ")
  end
  return table.concat(lines, "\\n")
end)()"""


def asking_clients(answer: str) -> AskingClients:
    """Reads the answer to `CLIENTS`."""
    head, *lines = answer.split("\n")
    found = re.fullmatch(r"clients (\d+) (\d+) (\d+)\s*", head)
    if found is None:
        raise Failure(f"{Dnsdist.name} does not tell its clients: {head or 'no answer'}")
    busiest: list[AskingClient] = []
    for line in lines:
        words = line.split()
        if len(words) == 4 and all(word.isdecimal() for word in words[1:]):
            busiest.append(AskingClient(words[0], int(words[1]), int(words[2]), int(words[3])))
    return AskingClients(int(found[1]) or None, int(found[2]), int(found[3]), busiest)


def _fault(said: str) -> Fault:
    return "answer" if said.startswith(ANSWERED) else OTHER_FAULTS.get(said, "other")


def _page(web: str, timeout: float = PAGE_TIMEOUT) -> str:
    """Its own metrics, which it gives to every program of the node."""
    address, _, port = web.rpartition(":")
    deadline = Deadline(timeout)
    answer = bytearray()
    with socket.create_connection((address, int(port)), timeout=timeout) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
        while len(answer) < MAX_PAGE:
            if deadline.passed():
                raise TimeoutError("timed out")
            connection.settimeout(deadline.remaining())
            part = connection.recv(262144)
            if not part:
                break
            answer += part
    head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    if " 200 " not in head.split("\r\n")[0] + " ":
        raise Failure(f"{Dnsdist.name} refused its metrics: {head.splitlines()[:1]}")
    # Without the last line if it ended in the middle of it.
    return body[: body.rfind("\n") + 1]


def _state(record: dict[str, object]) -> str:
    state, fault = str(record.get("state")), record.get("fault")
    return f"{state} ({fault})" if fault else state


def _console(node: Node, service: Service) -> Console:
    return Console(service_settings(node, service, Settings), find(service.user))


def _create_file(path: str, content: str, user: User) -> None:
    if not os.path.exists(path):
        files.create_if_missing(path, content, 0o600)
    share_with_group(path, user, 0o640)


def _parse_count(text: str) -> int:
    # The first word is the id of the release.
    try:
        return int(text.split()[1])
    except (IndexError, ValueError):
        raise Failure(f"dnsdist did not count the servers that wait for a check: {text!r}") from None


def _lua_string(text: str) -> str:
    """A Lua string literal: every byte but ASCII letters, digits and `/.-_:` is escaped as a decimal number."""
    plain: list[str] = []
    for byte in text.encode("utf-8", "surrogateescape"):
        character = chr(byte)
        harmless = byte < 128 and (character.isalnum() or character in "/.-_:")
        plain.append(character if harmless else f"\\{byte:03d}")
    return '"' + "".join(plain) + '"'
