import { describe, expect, test } from "vitest";
import type { Manifest, ManifestPool } from "../../../../lib/model/manifest.js";
import { manifest, service } from "../fake-node.js";
import { python } from "./python.js";

const PROGRAM = `
from dnslb_agent.decode import decode
from dnslb_agent.manifest import Manifest
from dnslb_agent.mobility import MobilityStatus
live = decode(given["manifest"], Manifest, "manifest.json")
servers, listeners, totals = {}, {}, {}

def both(seconds, one, two):
    """The rates of a daemon between two times."""
    return rates.rates(Reading(0.0, one), Reading(seconds, two))

known = dict(
    now=1_800_000_000.0, load=(0.42, 0.4, 0.35), release="2c984bf761ac5069", since=1_799_990_000.0, change=None,
    drained=False, failed_checks=[], watch_age=1, stopped=[],
    addresses=MobilityStatus(lines=["virtual addresses here: 10.0.0.53", "VRRP v4: master"]),
    drained_servers=frozenset(), rates={}, clients={},
)

def show(width=None, height=None, most=10, **changes):
    made = moment.Moment(**{**known, **changes})
    return [list(line) for line in layout(view.parts(live, made, most), width, height)]
`;

const pool = (name: string, count: number): ManifestPool => ({
  name,
  servers: Array.from({ length: count }, (_, index) => ({
    ...{ name: `s${index + 1}`, address: "192.0.2.1", port: 53 },
    names: {
      haproxy: { [name]: `${name}/s${index + 1}` },
      dnsdist: { udp: `${name}/s${index + 1}`, tcp: `${name}:tcp/s${index + 1}` },
    },
  })),
});

const release = (part: Partial<Manifest> = {}): Manifest =>
  manifest({
    services: [service({ name: "haproxy" }), service({ name: "dnsdist" })],
    pools: [pool("main", 4)],
    frontends: [{ name: "internal", addresses: ["10.0.0.53"], listeners: [], tcpPath: "direct" }],
    watch: {
      ...{ interval: 200, timeout: 100, fall: 2, rise: 2 },
      checks: [{ kind: "daemon", name: "front", check: { kind: "http", service: "haproxy", port: 1, path: "/" } }],
    },
    ...part,
  });

const shown = (program: string, part: Partial<Manifest> = {}) =>
  python<[string, string][]>(`${PROGRAM}\n${program}`, { manifest: release(part) });
const texts = (lines: readonly (readonly [string, string])[]) => lines.map(([text]) => text).join("\n");

/** Two readings of both daemons, two seconds apart. */
const BUSY = `
def dnsdist_at(n):
    up = lambda queries: ServerActivity(True, queries, 0, None, 3, None, 0.0015)
    down = lambda queries: ServerActivity(False, queries, 10 * n, None, 0, None, None)
    records = {
        "main/s1": up(100 * n), "main:tcp/s1": up(10 * n), "main/s2": up(400 * n), "main:tcp/s2": up(0),
        "main/s3": down(0), "main:tcp/s3": down(0), "main/s4": up(20 * n), "main:tcp/s4": down(0),
    }
    counted = {
        "queries": 2000 * n, "NOERROR": 1500 * n, "NXDOMAIN": 400 * n, "SERVFAIL": 20 * n, "answers": 1960 * n,
        "truncated": 10 * n, "dropped": 30 * n, "timeouts": 5 * n, "cached": 1000 * n, "own checks": 4 * n,
    }
    return Activity("1", records, {"internal": ListenerActivity(1990 * n, refused=40 * n)}, counted)

def haproxy_at(n):
    up = ServerActivity(True, failures=0, went_down=2, connections=4)
    down = ServerActivity(False, failures=0, went_down=3, connections=0)
    records = {"main/s1": up, "main/s2": up, "main/s3": down, "main/s4": up}
    listeners = {"internal": ListenerActivity(None, 30 * n, 2 * n, 12, 3900), "dot": ListenerActivity(None, 9 * n, 0, 90, 100)}
    return Activity("2", records, listeners)

busy = {"haproxy": both(2.0, haproxy_at(1), haproxy_at(2)), "dnsdist": both(2.0, dnsdist_at(1), dnsdist_at(2))}
asking = AskingClients(12, 10000, 37, [AskingClient("10.0.0.77", 6000, 500, 1), AskingClient("2001:db8::77", 3000, 0, 0)])
connected = ConnectedClients([ConnectedClient("10.0.0.78", 9, 2.5), ConnectedClient("2001:db8:1:2::", 3, None)])
clients = {"dnsdist": moment.Known(Clients(asking=asking), 1.0), "haproxy": moment.Known(Clients(connected=connected), 1.0)}
`;

test("a node at work: what is ill stands above", () => {
  const lines = shown(`${BUSY}\nprint(json.dumps(show(rates=busy, clients=clients)))`);
  expect(texts(lines)).toMatchInlineSnapshot(`
    "lb a, 2027-01-15T08:00:00Z, load 0.42 0.40 0.35
    release 2c984bf761ac5069 since 2027-01-15T05:13:20Z
    virtual addresses here: 10.0.0.53
    VRRP v4: master
    failed checks: none; checked 1 s ago

    QUERIES/s  NOERROR  NXDOMAIN  SERVFAIL  OTHER   TC  DROPPED  TIMEOUT  OWN  CACHED
        1,000      750       200      10.0   20.0  5.0     15.0      2.5  2.0  50.0 %

    LISTENER  QUERIES/s  REFUSED/s  CONNECTIONS  OF LIMIT  NEW/s
    dot               -        0.0           90    90.0 %    4.5
    internal        995       21.0           12     0.3 %   15.0

    SERVER   STATE   QUERIES/s  FAILED/s  WAITING  LATENCY  CONNS  DOWNS
    main/s3  DOWN          0.0      10.0        0        -      0      3
    main/s4  partly       10.0       5.0        3   1.5 ms      4      2  not up: dnsdist tcp
    main/s2  up            200       0.0        6   1.5 ms      4      2
    main/s1  up           55.0       0.0        6   1.5 ms      4      2

    queries of the last 12 s, without direct TCP: 10,000 of 37 clients
    CLIENT        QUERIES   SHARE  QUERIES/s  NXDOMAIN  SERVFAIL
    10.0.0.77       6,000  60.0 %        500       500         1
    2001:db8::77    3,000  30.0 %        250         0         0

    connections over TCP: 12 of 2 clients
    CLIENT          CONNECTIONS  NEW/s
    10.0.0.78                 9    2.5
    2001:db8:1:2::            3      -"
  `);
  const ill = lines.filter(([, level]) => level === "ill" || level === "doubtful").map(([text]) => text.split(/\s/)[0]);
  expect(ill).toEqual(["dot", "internal", "main/s3", "main/s4"]);
});

test("the first time there are no rates, and no zeros in their place", () => {
  const lines = shown(`${BUSY}
first = {"dnsdist": rates.rates(None, Reading(0.0, dnsdist_at(1)))}
print(json.dumps(show(rates=first)))`);
  expect(texts(lines)).toMatchInlineSnapshot(`
    "lb a, 2027-01-15T08:00:00Z, load 0.42 0.40 0.35
    release 2c984bf761ac5069 since 2027-01-15T05:13:20Z
    virtual addresses here: 10.0.0.53
    VRRP v4: master
    failed checks: none; checked 1 s ago

    QUERIES/s  NOERROR  NXDOMAIN  SERVFAIL  OTHER  TC  DROPPED  TIMEOUT  OWN  CACHED
            -        -         -         -      -   -        -        -    -       -

    LISTENER  QUERIES/s  REFUSED/s  CONNECTIONS  OF LIMIT  NEW/s
    internal          -          -            -         -      -

    SERVER   STATE   QUERIES/s  FAILED/s  WAITING  LATENCY  CONNS  DOWNS
    main/s3  DOWN            -         -        0        -      -      -
    main/s4  partly          -         -        3   1.5 ms      -      -  not up: dnsdist tcp
    main/s1  up              -         -        6   1.5 ms      -      -
    main/s2  up              -         -        6   1.5 ms      -      -"
  `);
});

describe("what is wrong is said", () => {
  test.each<[string, string, string, string]>([
    [
      "a daemon that does not run",
      'stopped=["dnsdist"], rates={"dnsdist": "does not run"}',
      "dnsdist: not running",
      "ill",
    ],
    ["a daemon that is silent", 'rates={"haproxy": "does not answer"}', "haproxy: does not answer", "ill"],
    ["a check that fails", 'failed_checks=["front"]', "failed checks: front; checked 1 s ago", "ill"],
    ["a watch that has stopped", "watch_age=40", "failed checks: none; checked 40 s ago", "ill"],
    ["a watch that never was", "watch_age=None", "failed checks: none; nobody makes them", "ill"],
    ["a drained node", "drained=True", "lb a (drained), 2027-01-15T08:00:00Z, load 0.42 0.40 0.35", "doubtful"],
    [
      "addresses that nobody can tell",
      'addresses="does not answer"',
      "addresses: unknown, does not answer",
      "doubtful",
    ],
    ["an announcement that is not taken", 'addresses=MobilityStatus(lines=["WARNING: x"])', "WARNING: x", "ill"],
    [
      "a session that is down",
      'addresses=MobilityStatus(lines=["BGP r1: Active"], doubtful=frozenset(["BGP r1: Active"]))',
      "BGP r1: Active",
      "doubtful",
    ],
    ["too few rights", "is_restricted=True", "what only root may see is missing: run this by sudo", "doubtful"],
    [
      "a pool without a server",
      'rates={"haproxy": both(1.0, Activity("1"), Activity("1", {f"main/s{n}": ServerActivity(False) for n in range(1, 5)}))}',
      "pool main: no server is up",
      "ill",
    ],
    [
      "a console that does not answer, of a daemon that does",
      'rates={"dnsdist": both(1.0, Activity("1"), Activity("1"))}, clients={"dnsdist": "does not answer"}',
      "clients: dnsdist: does not answer",
      "doubtful",
    ],
  ])("%s", (_, changes, text, level) => {
    expect(shown(`print(json.dumps(show(${changes})))`)).toContainEqual([text, level]);
  });

  test("but not twice, of a daemon that is silent altogether", () => {
    const changes = 'rates={"dnsdist": "does not answer"}, clients={"dnsdist": "does not answer"}';
    expect(texts(shown(`print(json.dumps(show(${changes})))`)).match(/does not answer/g)).toHaveLength(1);
  });
});

test("who is connected to nothing, and how far back nobody knows, is said in a line", () => {
  const lines = shown(`
asking = AskingClients(None, 3, 1, [AskingClient("10.0.0.77", 3, 0, 0)])
print(json.dumps(show(clients={"a": moment.Known(Clients(asking, ConnectedClients([])), 30.0)}, rates={})))`);
  expect(texts(lines).split("\n").slice(-5)).toEqual([
    "queries of a minute at most, 30 s ago, without direct TCP: 3 of 1 client",
    "CLIENT     QUERIES    SHARE  QUERIES/s  NXDOMAIN  SERVFAIL",
    "10.0.0.77        3  100.0 %          -         0         0",
    "",
    "connections over TCP, 30 s ago: 0 of 0 clients",
  ]);
});

test("clients with few connections are left out by name, not counted as none", () => {
  const lines = shown(`
most = ConnectedClients([ConnectedClient("10.0.0.78", 9, None), ConnectedClient("10.0.0.79", None, 2.5)], 4)
print(json.dumps(show(clients={"haproxy": moment.Known(Clients(connected=most), 1.0)})))`);
  expect(texts(lines).split("\n").slice(-4)).toEqual([
    "connections over TCP, of clients with more than 4: 9 of 1 client",
    "CLIENT     CONNECTIONS  NEW/s",
    "10.0.0.78            9      -",
    "10.0.0.79            -    2.5",
  ]);
});

describe("a pool without a server by a transport", () => {
  /** What is said of pools, with these records up of two servers, in both daemons. */
  const said = (haproxy: readonly string[], dnsdist: readonly string[]) =>
    python<[string, string][]>(
      `${PROGRAM}
def told(records, up):
    return both(1.0, Activity("1"), Activity("1", {name: ServerActivity(name in up) for name in records}))

both_of = lambda pool: [f"{pool}/s1", f"{pool}/s2"]
found = show(rates={
    "haproxy": told(both_of("main"), given["haproxy"]),
    "dnsdist": told(both_of("main") + both_of("main:tcp"), given["dnsdist"]),
})
print(json.dumps([line for line in found if line[0].startswith("pool ")]))`,
      { manifest: release({ pools: [pool("main", 2)] }), haproxy, dnsdist },
    );
  const [one, two, tcp] = ["main/s1", "main/s2", "main:tcp/s2"];

  test.each<[string, string[], string[], string[]]>([
    ["none at all", [], [], ["no server is up"]],
    ["none over UDP", [one], [tcp], ["no server is up over udp"]],
    ["none over TCP", [], [one], ["no server is up over tcp"]],
    ["none over inspected TCP", [one], [two], ["no server is up over tcp for dnsdist"]],
    ["none over direct TCP", [], [one, tcp], ["no server is up over tcp for haproxy"]],
    [
      "none over UDP, nor over inspected TCP",
      [one],
      [],
      ["no server is up over tcp for dnsdist", "no server is up over udp"],
    ],
    ["one by each path, of different servers", [one], [two, tcp], []],
  ])("%s", (_, haproxy, dnsdist, expected) => {
    expect(said(haproxy, dnsdist)).toEqual(expected.map((text) => [`pool main: ${text}`, "ill"]));
  });
});

test("a drained server is no failure, also where a daemon takes it for down", () => {
  const lines = shown(`${BUSY}
print(json.dumps(show(rates=busy, drained_servers=frozenset(["main/s3"]))))`);
  expect(lines.find(([text]) => text.startsWith("main/s3"))).toEqual([expect.stringContaining("drained"), "doubtful"]);
});

test("nothing that a daemon says controls a terminal", () => {
  const lines = shown(`
evil = "\\x1b[2J\\x9b\\u202e"
counted = Activity("1", {}, {evil: ListenerActivity(5)}, {"queries": 5})
asking = AskingClients(60, 5, 1, [AskingClient(evil, 5, 0, 0)])
print(json.dumps(show(
    failed_checks=[evil], addresses=MobilityStatus(lines=[evil]), stopped=[],
    rates={"dnsdist": both(1.0, counted, counted), "haproxy": evil},
    clients={"dnsdist": moment.Known(Clients(asking, ConnectedClients([ConnectedClient(evil, 1, None)])), 30.0)},
)))`);
  const text = texts(lines);
  expect(text.match(/\\x1b/g)).toHaveLength(6);
  expect(text).not.toMatch(/[^\x20-\x7e\n]/);
});

test("1,000 servers and 40 frontends fit into any terminal, and the ill ones are seen", () => {
  const frontends = Array.from({ length: 40 }, (_, index) => ({
    ...{ name: `frontend-${index}`, addresses: ["10.0.0.53"], listeners: [], tcpPath: "inspected" as const },
  }));
  const many = shown(
    `
records = lambda n: {f"main/s{k}": ServerActivity(k != 777, k * n, 0, None, 0, None, 0.1) for k in range(1, 1001)}
listeners = lambda n: {f"frontend-{k}": ListenerActivity(k * n, 0, 0, 0, 10) for k in range(40)}
asking = AskingClients(60, 5000, 5000, [AskingClient(f"2001:db8:1234:5678:9abc:def0:1234:{k:x}", 1, 0, 0) for k in range(20)])
changes = dict(
    rates={"dnsdist": both(1.0, Activity("1", records(1), listeners(1)), Activity("1", records(2), listeners(2)))},
    clients={"dnsdist": moment.Known(Clients(asking=asking), 1.0)},
)
print(json.dumps([[w, h, show(w, h, **changes)] for w in (1, 20, 80, 200) for h in (1, 5, 24, 60)]))`,
    { frontends, pools: [pool("main", 1_000)] },
  ) as unknown as readonly [number, number, [string, string][]][];
  for (const [width, height, lines] of many) {
    expect(lines.length).toBeLessThanOrEqual(height);
    expect(Math.max(...lines.map(([text]) => text.length))).toBeLessThanOrEqual(width);
  }
  const [, , usual = []] = many.find(([width, height]) => width === 80 && height === 24) ?? [];
  expect(texts(usual)).toMatchInlineSnapshot(`
    "lb a, 2027-01-15T08:00:00Z, load 0.42 0.40 0.35
    release 2c984bf761ac5069 since 2027-01-15T05:13:20Z
    virtual addresses here: 10.0.0.53
    VRRP v4: master
    failed checks: none; checked 1 s ago

    LISTENER     QUERIES/s  REFUSED/s  CONNECTIONS  OF LIMIT  NEW/s
    frontend-39       39.0        0.0            0     0.0 %    0.0
    frontend-38       38.0        0.0            0     0.0 %    0.0
    frontend-37       37.0        0.0            0     0.0 %    0.0
    and 37 more

    SERVER      STATE  QUERIES/s  FAILED/s  WAITING  LATENCY  CONNS  DOWNS
    main/s777   DOWN         777       0.0        0   100 ms      -      -
    main/s1000  up         1,000       0.0        0   100 ms      -      -
    main/s999   up           999       0.0        0   100 ms      -      -
    and 997 more

    queries of the last 60 s: 5,000 of 5,000 clients
    CLIENT                             QUERIES  SHARE  QUERIES/s  NXDOMAIN  SERVFAIL
    2001:db8:1234:5678:9abc:def0:12..        1  0.0 %       <0.1         0         0
    2001:db8:1234:5678:9abc:def0:12..        1  0.0 %       <0.1         0         0
    2001:db8:1234:5678:9abc:def0:12..        1  0.0 %       <0.1         0         0
    and 7 more"
  `);
});
