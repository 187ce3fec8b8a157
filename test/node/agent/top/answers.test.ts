import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { frontendRow, haproxyTable, serverRow } from "../metrics/scrape.js";
import { python } from "./python.js";

/* What the daemons say, as the real ones were heard to say it. */

describe("HAProxy's statistics", () => {
  const read = (answer: string) =>
    python(
      `
from dnslb_agent.daemons import haproxy
print(json.dumps(haproxy.activity(given)))`,
      answer,
    );

  test("tell listeners and servers, and which process counts", () => {
    const table = haproxyTable([
      frontendRow("internal", { scur: 3, slim: 100, stot: 40, dreq: 1, dcon: 2, dses: 4 }),
      frontendRow("health:node", { scur: 1, slim: 10 }),
      serverRow("main/s1", "UP 1/3", { scur: 2, econ: 5, chkdown: 6 }),
      serverRow("main/s2", "DOWN"),
    ]);
    expect(read(`Name: HAProxy\nPid: 77\nMaxconn: 900\n\n${table}`)).toEqual([
      "77",
      { "main/s1": [true, null, 5, 6, null, 2, null], "main/s2": [false, null, 0, 0, null, 0, null] },
      { internal: [null, 40, 7, 3, 100] },
      {},
    ]);
  });

  test("are read without a row that was cut short, as when HAProxy ends", () => {
    const whole = haproxyTable([serverRow("main/s1", "UP"), frontendRow("internal", { scur: 3, stot: 40, dses: 7 })]);
    // From before the last row to behind it, without the end of the answer.
    const begun = whole.indexOf("internal");
    const found = python<[string[], string[], number][]>(
      `
from dnslb_agent.daemons import haproxy
whole, begun = given
def read(cut):
    counted, measured = haproxy.activity("Pid: 1\\n\\n" + cut), haproxy.measures(cut, "")
    return [list(counted.servers), list(counted.listeners), len(measured.servers) + len(measured.listeners)]
ends = range(begun, len(whole))
for end in ends:
    read(whole[:end] + "\\n")
print(json.dumps([read(whole[:end]) for end in ends]))`,
      [whole, begun],
    );
    // The last two are the end of the row and that of the answer.
    expect(found.at(-1)).toEqual([["main/s1"], ["internal"], 2]);
    expect(found.length).toBeGreaterThan(40);
    expect(found.slice(0, -1)).toEqual(found.slice(0, -1).map(() => [["main/s1"], [], 1]));
  });

  test("fails when it is something else", () => {
    expect(() => read("Unknown command.\n")).toThrow("haproxy shows other statistics than this agent knows");
  });
});

describe("HAProxy's tables", () => {
  const read = (answer: string, moreThan = 0) =>
    python(
      `
from dnslb_agent.daemons import haproxy
print(json.dumps(haproxy.connected_clients(*given)))`,
      [answer, moreThan],
    );

  test("tell the connections of a client at all frontends, and how fast it opens them", () => {
    const answer = [
      "# table: internal, type: ipv6, size:10240, used:2",
      "0x55d4a1: key=::ffff:10.0.0.77 use=1 exp=9999 conn_cur=2",
      "0x55d4a2: key=2001:db8:1:2:: use=1 exp=9999 shard=0 conn_cur=7",
      "",
      "# table: dot, type: ipv6, size:10240, used:1",
      "0x55d4a3: key=::ffff:10.0.0.77 use=1 exp=9999 conn_cur=1",
      "",
      "# table: internal:clients, type: ipv6, size:102400, used:1",
      "0x55d4a4: key=::ffff:10.0.0.77 use=1 exp=9999 shard=0 conn_rate(10000)=25 conn_cur=3",
      "",
      "Unknown table.",
      "",
    ].join("\n");
    const clients = [
      ["2001:db8:1:2::", 7, null],
      ["10.0.0.77", 3, 2.5],
    ];
    expect(read(answer)).toEqual([clients, 0]);
  });

  test("without clients that have few connections do not tell how few", () => {
    const answer = [
      "# table: internal, type: ipv6, size:10240, used:2",
      "0x55d4a2: key=::ffff:10.0.0.78 use=1 exp=9999 conn_cur=7",
      "# table: internal:clients, type: ipv6, size:102400, used:1",
      "0x55d4a4: key=::ffff:10.0.0.77 use=1 exp=9999 conn_rate(10000)=25 conn_cur=3",
      "",
    ].join("\n");
    const clients = (few: number | null) => [
      ["10.0.0.78", 7, null],
      ["10.0.0.77", few, 2.5],
    ];
    expect(read(answer)).toEqual([clients(0), 0]);
    expect(read(answer, 4)).toEqual([clients(null), 4]);
  });

  test.each([
    ["nobody", "", []],
    ["an entry cut in the middle", "# table: a, type: ipv6\n0x1: key=::ffff:10.0.0.1 use=0 exp=1 conn_c", []],
    ["an entry cut in a number", "# table: a, type: ipv6\n0x1: key=::ffff:10.0.0.1 use=0 exp=1 conn_cur=1", []],
    ["a key that is none", "# table: a, type: ipv6\n0x1: key=\x1b[2J use=0 exp=1 conn_cur=1\n", [["\x1b[2J", 1, null]]],
  ])("tell of %s", (_, answer, expected) => {
    expect(read(answer)).toEqual([expected, 0]);
  });

  test.each<[string, Record<number, number>, unknown]>([
    ["everybody, if that is little", { 1: 100, 9: 3 }, [103, 0]],
    ["those who have more than a few, if it is much", { 1: 10_000, 9: 3 }, [3, 4]],
    ["those who have many", { 9: 10_000, 40: 2 }, [2, 32]],
    ["those who have very many", { 40: 10_000, 300: 1 }, [1, 256]],
    [
      "nobody, if even that is much, and not of some as of all",
      { 300: 10_000 },
      "too many clients are connected to tell who they are",
    ],
  ])("are read of %s", (_, clients, expected) => {
    const found = python(
      `
from types import SimpleNamespace
from dnslb_agent.daemons import haproxy
from dnslb_agent.errors import Failure
clients = [int(connections) for connections, count in given.items() for _ in range(count)]
def answer(path, words, user, timeout, most=haproxy.MAX_ANSWER):
    head = "# table: internal, type: ipv6, size:10240, used:9\\n"
    if words == "show table":
        return head + "\\n"
    more_than = int(words.rpartition(" gt ")[2])
    rows = [f"0x55d4a1b2c3d4: key=2001:db8:1:{at:x}:: use=0 exp=1 conn_cur={n}\\n" for at, n in enumerate(clients) if n > more_than]
    return (head + "".join(rows) + "\\n")[:most]
haproxy._send_command, haproxy.find = answer, lambda name: None
haproxy.service_settings = lambda *_: SimpleNamespace(runtime_socket="")
try:
    connected = haproxy.Haproxy().clients(None, SimpleNamespace(user=""), 10, 3.0).connected
    print(json.dumps([len(connected.clients), connected.more_than]))
except Failure as failure:
    print(json.dumps(str(failure)))`,
      clients,
    );
    expect(found).toEqual(expected);
  });

  test("are asked for with few commands, of frontends alone", () => {
    const [tables, questions] = python<[string[], string[]]>(
      `
from dnslb_agent.daemons import haproxy
found = haproxy.CLIENT_TABLE.findall(given)
many = haproxy._client_questions([f"frontend{n}" for n in range(1000)], 4)
print(json.dumps([found, [haproxy._client_questions(found, 0), len(many), max(map(len, many))]]))`,
      [
        "# table: internal:clients, type: ipv6, size:102400, used:1",
        "# table: internal, type: ipv6, size:10240, used:1",
        "# table: connections:node, type: integer, size:1024, used:1",
        "# table: statistics:node, type: ipv6, size:10240, used:0",
        "# table: statistics:clients, type: ipv6, size:10240, used:0",
      ].join("\n"),
    );
    expect(tables).toEqual(["internal:clients", "internal"]);
    expect(questions).toEqual([
      ["show table internal:clients data.conn_rate gt 0;show table internal data.conn_cur gt 0"],
      3,
      expect.any(Number),
    ]);
    expect(questions[2]).toBeLessThan(16_000);
  });
});

describe("dnsdist's metrics", () => {
  const read = (lines: readonly string[]) =>
    python<[string, object, object, object]>(
      `
from dnslb_agent.daemons import dnsdist
print(json.dumps(dnsdist.activity(given, "1 2")))`,
      `${lines.join("\n")}\n`,
    );

  test("tell totals, servers and frontends", () => {
    const of = 'server="main/s1",address="192.0.2.1:53"';
    const [run, servers, listeners, totals] = read([
      "# HELP dnsdist_queries Number of received queries",
      "# TYPE dnsdist_queries counter",
      "dnsdist_queries 1000",
      "dnsdist_frontend_noerror 700",
      "dnsdist_frontend_nxdomain 200",
      "dnsdist_frontend_servfail 50",
      "dnsdist_responses 900",
      "dnsdist_self_answered 50",
      "dnsdist_rule_truncated 10",
      "dnsdist_rule_drop 5",
      "dnsdist_acl_drops 2",
      "dnsdist_dyn_blocked 1",
      "dnsdist_downstream_timeouts 4",
      "dnsdist_cache_hits 600",
      `dnsdist_server_status{${of}} 1`,
      `dnsdist_server_queries{${of}} 400`,
      `dnsdist_server_drops{${of}} 3`,
      `dnsdist_server_senderrors{${of}} 1`,
      `dnsdist_server_outstanding{${of}} 2`,
      `dnsdist_server_latency{${of}} 1.5`,
      'dnsdist_rule_hits{id="internal: queries beyond 100/s, UDP"} 20',
      'dnsdist_rule_hits{id="internal: outsiders"} 4',
      'dnsdist_rule_hits{id="internal: UDP to main"} 400',
      'dnsdist_rule_hits{id="internal: other: UDP to other"} 30',
      'dnsdist_rule_hits{id="internal: no recursion"} 430',
      'dnsdist_rule_hits{id="this node: alive"} 50',
      'dnsdist_rule_hits{id="this node: servers of main, asked by the other node"} 10',
      'dnsdist_rule_hits{id="everything else"} 9',
    ]);
    expect(run).toBe("1 2");
    expect(servers).toEqual({ "main/s1": [true, 400, 4, null, 2, null, 0.0015] });
    expect(listeners).toEqual({ internal: [454, null, 24, null, null] });
    expect(totals).toEqual({
      ...{ queries: 1000, NOERROR: 700, NXDOMAIN: 200, SERVFAIL: 50, answers: 950, truncated: 10, dropped: 8 },
      ...{ timeouts: 4, cached: 600, "own checks": 60 },
    });
  });

  test("tell a frontend of any name from the node's own checks, in releases of earlier versions, too", () => {
    const rules = (...names: readonly string[]) => {
      const [, , listeners, totals] = read(names.map((name, bit) => `dnsdist_rule_hits{id="${name}"} ${2 ** bit}`));
      const counts = Object.entries(listeners as object).map(([name, [queries]]: [string, unknown[]]) => [
        name,
        queries,
      ]);
      return [Object.fromEntries(counts), totals];
    };
    const ofFrontend = ["node: UDP to main", "node: identity", "node: other: TCP to other"];
    expect(rules(...ofFrontend, "this node: alive")).toEqual([{ node: 7 }, { "own checks": 8 }]);
    const before = [
      ...["node: alive", "node: other names", "node: servers that serve by their scripts", "node: main has servers"],
      "node: servers of main, asked by the other node",
    ];
    expect(rules(...before)).toEqual([{}, { "own checks": 31 }]);
    expect(rules(...before, ...ofFrontend)).toEqual([{ node: 224 }, { "own checks": 31 }]);
  });

  test("are read without a line that was cut short, as when dnsdist ends", () => {
    const found = python(
      `
import socket, threading
from dnslb_agent.daemons import dnsdist
server = socket.create_server(("127.0.0.1", 0))
def serve():
    connection, _ = server.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n" + given.encode())
    connection.close()
threading.Thread(target=serve).start()
print(json.dumps(dnsdist._page(f"127.0.0.1:{server.getsockname()[1]}")))`,
      "dnsdist_queries 1000\ndnsdist_responses 9",
    );
    expect(found).toBe("dnsdist_queries 1000\n");
  });

  test("of 1.7 tell answers from caches apart", () => {
    const counts = ["dnsdist_responses 300", "dnsdist_self_answered 50", "dnsdist_cache_hits 600"];
    const answers = (version: string) => read([`dnsdist_info{version="${version}"} 1`, ...counts])[3];
    expect(answers("1.7.3")).toMatchObject({ answers: 950 });
    expect(answers("1.9.10")).toMatchObject({ answers: 350 });
  });

  test("lack what it does not tell", () => {
    expect(read(["dnsdist_queries 5"])).toEqual(["1 2", {}, {}, { queries: 5, "own checks": 0 }]);
    expect(read([])).toEqual(["1 2", {}, {}, { "own checks": 0 }]);
  });
});

describe("dnsdist's clients", () => {
  const read = (answer: string) =>
    python(
      `
from dnslb_agent.daemons import dnsdist
print(json.dumps(dnsdist.asking_clients(given)))`,
      answer,
    );

  test("are those of the time that it remembers", () => {
    expect(read("clients 12 1000 40\n10.0.0.77 600 5 0\n2001:db8::1 300 0 1\n\x1b[2J x\n")).toEqual([
      ...[12, 1000, 40],
      [
        ["10.0.0.77", 600, 5, 0],
        ["2001:db8::1", 300, 0, 1],
      ],
    ]);
    expect(read("clients 60 0 0\n")).toEqual([60, 0, 0, []]);
    expect(read("clients 0 9 9\n")).toEqual([null, 9, 9, []]);
  });

  test.each([
    "",
    "too many queries are remembered to look through them",
    "Error: attempt to call a nil value",
    "clients 12",
  ])("fails when the answer is %j", (answer) => {
    expect(() => read(answer)).toThrow("dnsdist does not tell its clients");
  });
});

/* A rule after which others are tried would count a query twice. */
describe("the rules of a frontend", () => {
  const GOLDEN = join(__dirname, "../../../golden");
  const policies = readdirSync(GOLDEN, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("policy.lua"))
    .map((path) => readFileSync(join(GOLDEN, path), "utf8"));
  const WENT_ON = /action = Set(?:NoRecurse|Tag|SkipCache|ExtendedDNSError)Action\(/;

  test("count each of its queries once", () => {
    const rules = new Map(
      policies
        .flatMap((policy) => policy.split("\n"))
        .flatMap((line) => {
          const name = /^ {4}\{ name = "([^"]+)", rule = /.exec(line)?.[1];
          return name === undefined ? [] : [[name, WENT_ON.test(line)] as const];
        }),
    );
    const more: [string, boolean][] = [
      ["a: route 1 to other", true],
      ["a: route 1 to other, part 2", true],
      ["a: other: no recursion", true],
      ["a: clients of 10.0.0.0/8, reason", true],
      ["a: other: UDP when all is down, reason", true],
      ["a: extra 1, not known to cdktf-dns-lb", true],
      ["all caches: queries alone", true],
      ["caches: queries alone", true],
      ["this node: servers of a, asked by the other node, not the cache", true],
      ["node: servers of a, asked by the other node, not the cache", true],
      ["a: route-servers: UDP to route-servers", false],
    ];
    const all = [...rules, ...more];
    expect(rules.size).toBeGreaterThan(20);
    const counted = python<boolean[]>(
      `
from dnslb_agent.daemons import dnsdist
print(json.dumps([dnsdist.RULE.match(name) is not None for name in given]))`,
      all.map(([name]) => name),
    );
    const wrong = all.filter(([name, goesOn], at) => name.includes(": ") && counted[at] === goesOn);
    expect(wrong).toEqual([]);
  });
});
