import { execFile, execFileSync } from "node:child_process";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

const python = (program: string, ...words: string[]) => {
  const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
  return execFileSync("/usr/bin/python3", ["-B", "-c", program, ...words], options);
};

describe("a pool without a live server", () => {
  /**
   * The result of the check of pool `a`: the pools that live here, those that live there as the peer says, and those
   * that are proved to live there.
   */
  const result = (here: string, there: string, proved = there) =>
    python(
      `
import sys
from dnslb_agent import dns, pools
from dnslb_agent.manifest import DnsCheck, PoolWatch, Watch
from dnslb_agent.verdict import FAILED, FAILED_UNPROVED, PASSED, PASSED_NOTHING_GAINED
here, there, proved = sys.argv[1:]
alive = lambda name: DnsCheck("dns", "dnsdist", 53, name + ".pool.", "127.0.0.1", False)
proof = lambda name: (bytes(11) + name.encode()).hex()
checks = [PoolWatch("pool", n, alive(n), ["10.0.0.3"], proof(n), 900, 1000 * (1 + i)) for i, n in enumerate("abcd")]
queries = []
def exchange_all(asked, endpoint, timeout):
    assert endpoint == ("10.0.0.3", 53)
    queries.extend(asked)
    def answer(query):
        yes = query[11:].decode() in proved if len(query) == 12 else chr(query[13]) in there
        return dns.Header(dns.QR, 1) if yes else None
    return [answer(query) for query in asked]
dns.exchange_all = exchange_all
pools.has_live_server = lambda check, address, timeout: check.name in here
all_pools = pools.Pools(Watch(200, 400, 2, 25, checks))
for check in checks[1:]:
    all_pools.check(check)
found = all_pools.check(checks[0])
names = {PASSED: "passed", PASSED_NOTHING_GAINED: "nothing gained", FAILED: "failed", FAILED_UNPROVED: "unproved"}
print(names.get(found) or f"unproved for {found.patience} s", end="")
assert len(queries) <= 8, queries`,
      here,
      there,
      proved,
    );

  test.each([
    ["lives here", "abcd", "abcd", "passed"],
    ["fails if all live there", "bcd", "abcd", "failed"],
    ["fails if none lives here", "", "a", "failed"],
    ["fails if more live there than here", "b", "acd", "failed"],
    ["passes if it lives nowhere", "bcd", "bcd", "nothing gained"],
    ["passes if none lives anywhere", "", "", "nothing gained"],
    ["passes if another pool lives here only: nothing is gained", "bcd", "acd", "nothing gained"],
    ["passes if more live here than there", "bcd", "a", "nothing gained"],
    ["passes if only another pool lives there", "b", "bcd", "nothing gained"],
  ])("%s", (_, here, there, expected) => {
    expect(result(here, there)).toBe(expected);
  });

  test.each([
    ["is unproved if its own servers do not answer there", "bcd", "abcd", "bcd", "unproved"],
    [
      "waits for the slowest of the pools whose loss the peer may not have noticed",
      "bc",
      "abcd",
      "ad",
      "unproved for 3.0 s",
    ],
    ["waits for no pool that is proved", "bcd", "abcd", "acd", "unproved for 2.0 s"],
    ["waits for the others, too, if its own servers do not answer there", "bcd", "abcd", "", "unproved for 4.0 s"],
    ["fails at once if more is gained than is in doubt", "b", "abcd", "acd", "failed"],
    ["does not doubt what the peer says it has lost", "b", "acd", "acd", "failed"],
  ])("%s", (_, here, there, proved, expected) => {
    expect(result(here, there, proved)).toBe(expected);
  });
});

test("a pool that something else compares fails alone, and nobody is asked", () => {
  const program = `
from dnslb_agent import dns, pools
from dnslb_agent.manifest import DnsCheck, PoolWatch, Watch
alive = DnsCheck("dns", "dnsdist", 53, "a.", "127.0.0.1", False)
checks = [PoolWatch("pool", name, alive, [], "00" * 17, 900, compared=False) for name in "ab"]
all_pools = pools.Pools(Watch(200, 400, 2, 25, checks))
seen = []
for here in ("ab", "b", "", "b", "ab"):
    pools.has_live_server = lambda check, address, timeout: check.name in here
    seen.append([all_pools.check(check).passed for check in checks])
    seen[-1].append(all_pools.check(checks[0]).proved)
print(seen)`;
  expect(python(program).trim()).toBe(
    "[[True, True, True], [False, True, True], [False, False, True], [False, True, True], [True, True, True]]",
  );
});

describe("pools of which a deployment must tell", () => {
  /** The checks that are named, where each call finds as many of them dead as this says, the last one for all later calls. */
  const told = (...dead: string[]) =>
    python(
      `
import sys
from dnslb_agent import pools
from dnslb_agent.log import Deadline
from dnslb_agent.manifest import DnsCheck, PoolWatch, Watch
rounds = sys.argv[1:]
asked = []
def has_live_server(check, address, timeout):
    asked.append(address)
    return check.name not in rounds[min(asked.count(address), len(rounds)) - 1]
pools.has_live_server = has_live_server
check = lambda name, place: PoolWatch("pool", name, DnsCheck("dns", "dnsdist", 53, "x.", place, False), [], "00", 900, 900)
checks = [check("a", "127.0.0.1"), check("b", "127.0.0.2")]
print(pools.dead_pools(Watch(200, 400, 2, 25, checks), Deadline(0.25)), end="")`,
      ...dead,
    );

  test("are those whose servers do not pass in time", () => {
    expect(told("b")).toBe("['b']");
    expect(told("ab")).toBe("['a', 'b']");
  });

  test("are not those whose servers pass a little later", () => {
    expect(told("ab", "a", "")).toBe("[]");
    expect(told("")).toBe("[]");
  });
});

describe("queries that are sent at once", () => {
  let server: Socket | undefined;
  afterEach(() => {
    server?.close();
    server = undefined;
  });

  /** A server that answers as it is told, and what the queries for `a`, `b` and `c` get. */
  async function ask(answer: (query: Buffer, reply: (message: Buffer) => void) => void): Promise<string> {
    server = createSocket("udp4", (query: Buffer, { port, address }: RemoteInfo) =>
      answer(query, (message) => server?.send(message, port, address)),
    );
    server.bind(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    return pythonBeside(
      `
import sys
from dnslb_agent import dns
queries = [dns.build_query(name, "A") for name in "abc"]
print([None if each is None else each.rcode for each in dns.exchange_all(queries, ("127.0.0.1", int(sys.argv[1])), 0.4)])`,
      String(port),
    );
  }
  const nameOf = (query: Buffer) => String.fromCharCode(query[13] ?? 0);
  const answered = (query: Buffer, rcode: number) => {
    const message = Buffer.from(query);
    message.writeUInt16BE(0x8000 | rcode, 2);
    return message;
  };

  test("are told apart in any order", async () => {
    const waiting: Buffer[] = [];
    const found = await ask((query, reply) => {
      waiting.push(query);
      if (waiting.length === 3)
        for (const each of waiting.reverse()) reply(answered(each, "abc".indexOf(nameOf(each))));
    });
    expect(found).toBe("[0, 1, 2]\n");
  });

  test("have no answer where it is missing, forged, broken or a query", async () => {
    const found = await ask((query, reply) => {
      const forged = answered(query, 0);
      forged.writeUInt16BE((query.readUInt16BE(0) + 100) % 0x10000, 0);
      reply(forged);
      reply(query);
      reply(query.subarray(0, 3));
      reply(Buffer.alloc(0));
      if (nameOf(query) === "b") reply(answered(query, 0));
    });
    expect(found).toBe("[None, 0, None]\n");
  });

  test("have no answer where nobody listens", async () => {
    const found = python(`
from dnslb_agent import dns
print(dns.exchange_all([dns.build_query("a", "A")], ("127.0.0.1", 9), 0.4), dns.exchange_all([], ("127.0.0.1", 9), 0.4))`);
    expect(found).toBe("[None] []\n");
  });
});

/** Runs a program while this process goes on answering. */
async function pythonBeside(program: string, ...words: string[]): Promise<string> {
  const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
  return (await promisify(execFile)("/usr/bin/python3", ["-B", "-c", program, ...words], options)).stdout;
}
