import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  call,
  constant,
  type DnsdistCache,
  type DnsdistPolicy,
  type DnsdistPool,
  list,
} from "../../../lib/config/dnsdist/index.js";
import { canIsolate, DnsdistNode, have, pause, waitFor } from "./dnsdist-node.js";
import { server, simple } from "./dnsdist-policy.js";

/** Asks dnsdist for names with a text and a number: `text1.fill.test` and so on. */
const FILL = `
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
client.connect(("10.9.1.1", 53))
waiting = 0
for number in range(int(sys.argv[2])):
    label = (sys.argv[1] + str(number)).encode()
    name = bytes([len(label)]) + label + b"\\x04fill\\x04test\\0"
    client.send(number.to_bytes(2, "big") + b"\\x01\\0\\0\\x01\\0\\0\\0\\0\\0\\0" + name + b"\\0\\x01\\0\\x01")
    waiting += 1
    while waiting > 50 or number == int(sys.argv[2]) - 1 and waiting > 0:
        client.recv(512)
        waiting -= 1
`;

/** Sends 5,000 queries of 200 clients for 300 names, of which few are asked for often; each client may have a cookie. */
const CLIENTS = `
import random, socket, sys
draw = random.Random(53)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(2)
client.connect(("10.9.1.1", 53))
weights = [1 / (rank + 1) for rank in range(300)]
cookies = [draw.randbytes(8) for _ in range(200)]
waiting = 0
for number in range(5000):
    label = b"n%d" % draw.choices(range(300), weights)[0]
    cookie = b"\\0\\x0a\\0\\x08" + draw.choice(cookies) if sys.argv[1] == "cookies" else b""
    name = bytes([len(label)]) + label + b"\\x04test\\0"
    option = b"\\0\\0\\x29\\x04\\xd0\\0\\0\\0\\0" + len(cookie).to_bytes(2, "big") + cookie
    client.send(number.to_bytes(2, "big") + b"\\x01\\0\\0\\x01\\0\\0\\0\\0\\0\\x01" + name + b"\\0\\x01\\0\\x01" + option)
    waiting += 1
    while waiting > 20 or number == 4999 and waiting > 0:
        client.recv(512)
        waiting -= 1
`;

/** What the runtime tells of a cache. */
interface Cache {
  readonly name: string;
  readonly answers: number;
  readonly entries: number;
  readonly hits: number;
  readonly misses: number;
}

const possible = have("dnsdist", "dig", "python3", "curl", "nsenter") && canIsolate();

describe.runIf(possible)("the cache of a running dnsdist", () => {
  const node = new DnsdistNode();
  beforeAll(() => node.start(simple([1, 2, 9]), 20));
  afterAll(() => node.stop());

  const CACHE = { name: "p", entries: 1_000, maximumTtl: 60, minimumTtl: 0, stale: false };
  const cached = (octets: readonly number[], cache: DnsdistCache = CACHE): DnsdistPolicy => ({
    servers: octets.map((octet) => server(octet, ["p"])),
    pools: [
      { name: "p", policy: "roundRobin", cache },
      { name: "p:stale", policy: "sendAnyway", cache },
    ],
    rules: [
      { name: "p", rule: call("PoolAvailableRule", "p"), action: call("PoolAction", "p") },
      { name: "stale", rule: call("AllRule"), action: call("PoolAction", "p:stale") },
    ],
  });
  const all = async () => Object.values(await node.queries()).reduce((sum, each) => sum + each, 0);
  /** How many of the queries with these words of dig reach the servers; dig asks with a new cookie each time. */
  // The servers answer other messages than queries as if they were some, which dig does not take.
  const asked = async (...queries: readonly string[]) => {
    const before = await all();
    for (const each of queries)
      await node.exec("dig", "@10.9.1.1", "+tries=1", "+time=1", "+nocookie", ...each.split(" ")).catch(() => {});
    return (await all()) - before;
  };

  test("answers again, over changes of servers, until it is emptied or has other settings", async () => {
    await node.change(cached([1, 2]));
    expect(await asked("www.test", "www.test", "ftp.test", "www.test")).toBe(2);
    await node.change(cached([2, 3]));
    expect(await asked("www.test", "ftp.test")).toBe(0);
    expect(await node.must("dnslb.expunge(nil, 'www.test.', DNSQType.AAAA)")).toContain("caches=1 removed=0");
    expect(await node.must("dnslb.expunge(nil, 'www.test.', DNSQType.A)")).toContain("caches=1 removed=1");
    expect(await asked("www.test", "ftp.test")).toBe(1);
    expect(await node.must("dnslb.expunge('p', 'test.', nil, true)")).toContain("caches=1 removed=2");
    expect(await asked("www.test", "ftp.test")).toBe(2);
    expect(await node.must("dnslb.expunge('q')")).toContain("caches=0 removed=0");
    expect(await node.must("dnslb.expunge()")).toContain("caches=1 removed=2");
    expect(await asked("www.test")).toBe(1);
    await node.change(cached([2, 3], { ...CACHE, entries: 2_000 }));
    expect(await asked("www.test", "www.test")).toBe(1);
    // "p:stale   1/2000   sendAnyway"
    const hasCache = async (pool: string) =>
      new RegExp(`^${pool} +\\d+/\\d+ `, "m").test(await node.console("showPools()"));
    expect(await hasCache("p:stale")).toBe(true);
    await node.change(simple([2, 3]));
    expect(await asked("www.test", "www.test")).toBe(2);
    // dnsdist keeps the pool, but not what it held.
    expect(await hasCache("p:stale")).toBe(false);
  });

  /** Asks for so many names that begin with a text, a few at a time. */
  const ask = (text: string, count: number) => node.exec("python3", "-c", FILL, text, String(count));
  /** Has the cache hold so many names that begin with a text, as far as it has room. */
  const fill = async (text: string, count: number) => {
    // What meets another at the lock of a shard is not kept.
    for (let time = 0; time < 3; time++) await ask(text, count);
  };
  /** What the runtime says of the only cache. */
  const state = async () => JSON.parse((await node.must("dnslb.caches()")).split("\n")[1] ?? "") as Cache;
  const isEmpty = async () => (await state()).answers < 100;

  test("has room again soon after it was full of answers that hold", async () => {
    const emptied = () => node.log.match(/cache full was full of answers that hold, and is empty now/g)?.length ?? 0;
    await node.change(cached([1, 2], { ...CACHE, name: "full" }));
    let times = 0;
    await waitFor(async () => {
      await ask(`full${times++}`, 300);
      return emptied() === 1;
    });
    expect(await asked("new.test", "new.test")).toBe(1);
    expect(await state()).toMatchObject({ name: "full", entries: 1_000, misses: expect.any(Number) });
    // Once in a minute.
    await fill("again", 1_200);
    await pause(2_500);
    expect((await state()).answers).toBeGreaterThan(900);
    expect(emptied()).toBe(1);
  });

  test("has room for as many as it says, if these are few", async () => {
    await node.change(cached([1, 2], { ...CACHE, name: "few", entries: 100 }));
    await fill("few", 89);
    expect((await state()).answers).toBe(89);
  });

  test("forgets what has expired, unless all servers are down", { timeout: 120_000 }, async () => {
    const stale = { ...CACHE, name: "stale", maximumTtl: 3, stale: true };
    const policy = cached([1, 2], stale);
    await node.change({ ...policy, servers: policy.servers.map((each) => ({ ...each, pools: ["p"] })) });
    // What holds may be emptied once, in the first of these.
    for (const round of ["one", "two"]) {
      await fill(round, 1_200);
      await pause(5_000);
      let tries = 0;
      await waitFor(async () => {
        const name = `${round}-${tries++}.test`;
        return (await asked(name, name)) === 1;
      });
    }
    await fill("down", 1_200);
    await node.must("(function() dnslb.drainServer('s1'); return dnslb.drainServer('s2') end)()");
    const held = (await state()).answers;
    await pause(8_000);
    const { answers } = await state();
    await node.must("(function() dnslb.undrainServer('s1'); return dnslb.undrainServer('s2') end)()");
    expect(held).toBeGreaterThan(500);
    expect(answers).toBe(held);
    await waitFor(isEmpty);
  });

  test("is refused with two settings", async () => {
    const policy = cached([1]);
    const [first, second] = policy.pools;
    const pools = [first, { ...second, cache: { ...CACHE, entries: 2_000 } }] as DnsdistPool[];
    const release = node.releases.write({ ...policy, pools });
    expect(await node.console(`dnslb.stage("${release}")`)).toMatch(/^error stage: cache p has two settings/);
  });

  test("tells clients apart by all that they send but the case of names", async () => {
    await node.change(cached([1, 2]));
    const each = ["+nocookie", "+cookie=0011223344556677", "+cookie=7766554433221100", "+subnet=192.0.2.0/24"];
    const flags = ["+dnssec", "+cdflag", "+noadflag", "+norecurse", "+noedns", "+bufsize=4096", "-c CH", "-t TXT"];
    const every = [...each, "+subnet=198.51.100.0/24", ...flags];
    const counts: number[] = [];
    for (const option of [...every, ...every]) counts.push(await asked(`www.test ${option}`));
    expect(counts).toEqual([...every.map(() => 1), ...every.map(() => 0)]);
    expect(await asked("WwW.tEsT")).toBe(0);
    expect(await node.exec("dig", "@10.9.1.1", "+nocookie", "WwW.tEsT")).toMatch(/^WwW\.tEsT\.\s+\d+\s+IN\s+A/m);
  });

  test("is passed by what a rule leads past it", async () => {
    const policy = cached([1, 2]);
    const others = call("NotRule", call("OpcodeRule", constant("DNSOpcode.Query")));
    const past = call("OrRule", list(others, call("QTypeRule", "AXFR"), call("QTypeRule", "IXFR")));
    const rules = [{ name: "past", rule: past, action: call("SetSkipCacheAction") }, ...policy.rules];
    const messages = ["-t IXFR=1 +notcp", "+opcode=4", "+opcode=5", "+opcode=2"];
    await node.change({ ...policy, rules });
    for (const each of messages)
      expect([each, await asked(`past.test ${each}`, `past.test ${each}`)]).toEqual([each, 2]);
    expect(await asked("past.test", "past.test")).toBe(1);
  });

  test("is of use to clients without cookies, and of little to those with cookies", async () => {
    const shareOf = async (kind: "none" | "cookies") => {
      await node.change(cached([1, 2], { ...CACHE, name: kind, entries: 10_000 }));
      await node.exec("python3", "-c", CLIENTS, kind);
      const { hits, misses } = await state();
      // What meets another at the lock of a shard counts as neither.
      expect(hits + misses).toBeGreaterThan(4_900);
      return hits / (hits + misses);
    };
    const [without, having] = [await shareOf("none"), await shareOf("cookies")];
    expect(without).toBeGreaterThan(0.9);
    expect(having).toBeLessThan(0.3);
  });
});
