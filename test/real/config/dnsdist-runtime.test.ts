import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  call,
  constant,
  type DnsdistPolicy,
  type DnsdistPoolPolicy,
  type DnsdistRule,
  list,
} from "../../../lib/config/dnsdist/index.js";
import { canIsolate, DnsdistNode, have, pause, waitFor } from "./dnsdist-node.js";
import { name, rest, server, simple, toPool } from "./dnsdist-policy.js";

const possible = have("dnsdist", "dig", "python3", "curl", "nsenter") && canIsolate();

describe.runIf(possible)("a running dnsdist", () => {
  const node = new DnsdistNode();
  beforeAll(() => node.start(simple([1, 2, 9]), 20));
  afterAll(() => node.stop());

  const ruleCount = async () => (await node.console("showRules()")).trim().split("\n").length - 1;

  test("probes staged servers before they serve", async () => {
    await node.change(simple([1]));
    await node.must("dnslb.tidy()");
    const release = node.releases.write(simple([1, 2, 8]));
    // In one call, so that no probe comes in between.
    const staged = await node.must(`(function() return dnslb.stage("${release}") .. " " .. dnslb.pending() end)()`);
    expect(staged.trim().split(/\n| (?=ok)/)).toEqual([
      expect.stringMatching(/^ok stage r\d+ added=2 removed=0 kept=1$/),
      expect.stringMatching(/^ok pending r\d+ 2 s2 s8$/),
    ]);
    await waitFor(async () => /^ok pending r\d+ 1 s8$/.test((await node.must("dnslb.pending()")).trim()));
    for (let at = 0; at < 4; at++) expect(await node.ask("www.test")).toBe("192.0.2.1");
    await node.must("dnslb.commit()");
    expect(await node.states()).toEqual({ s1: "up", s2: "up", s8: "down" });
    expect(new Set([await node.ask("www.test"), await node.ask("www.test")])).toEqual(
      new Set(["192.0.2.1", "192.0.2.2"]),
    );
  });

  test("drops what was staged", async () => {
    await node.change(simple([1]));
    await node.must("dnslb.tidy()");
    await node.must(`dnslb.stage("${node.releases.write(simple([1, 2, 3]))}")`);
    expect(Object.keys(await node.table()).sort()).toEqual(["s1", "s2", "s3"]);
    await node.must("dnslb.abort()");
    expect(Object.keys(await node.table())).toEqual(["s1"]);
    expect(await node.console("dnslb.commit()")).toBe("error commit: nothing is staged\n");
  });

  test("keeps the object and the health of a server that changes pools", async () => {
    // Made anew, these servers would stay down for 50 seconds.
    const options = { rise: 50 };
    const policy = (first: string, second: string): DnsdistPolicy => ({
      ...simple([]),
      servers: [server(1, [first], options), server(2, [second, first], options)],
      pools: ["p", "p:all", "q"].map((pool) => ({ name: pool, policy: "leastOutstanding" })),
      rules: [{ name: "q", rule: name("q.test."), action: call("PoolAction", "q") }, ...toPool("p"), rest],
    });
    await node.change(policy("p", "q"), { wait: false });
    await node.must("dnslb.tidy()");
    expect(await node.states()).toEqual({ s1: "down", s2: "down" });
    await node.console("for _, s in ipairs(getServers()) do s:setAuto(true) end");
    await node.ask("www.test");
    const before = await node.table();
    const staged = await node.change(policy("q", "p"), { wait: false });
    expect(staged).toMatch(/added=0 removed=0 kept=2/);
    expect(await node.states()).toEqual({ s1: "up", s2: "up" });
    const after = await node.table();
    expect(after["s1"]?.[8]).toBe(before["s1"]?.[8]);
    expect([after["s1"]?.slice(13), after["s2"]?.slice(13)]).toEqual([["q"], ["p", "q"]]);
    expect(await node.ask("www.test")).toBe("192.0.2.2");
  });

  test("fails when a release is bad, and changes nothing", async () => {
    await node.change(simple([1, 2]));
    await node.must("dnslb.tidy()");
    const rules = await node.console("showRules()");
    const good = simple([3]);
    const bad = node.releases.write({ ...good, servers: [...good.servers, server(4, ["p"], { address: "nonsense" })] });
    expect(await node.console(`dnslb.stage("${bad}")`)).toMatch(
      /^error stage: dnsdist refuses server s4 at nonsense\n/,
    );
    const cut = node.releases.write(readFileSync(join(bad, "dnsdist/policy.lua"), "utf8").slice(0, -20));
    expect(await node.console(`dnslb.stage("${cut}")`)).toMatch(/^error stage: .*policy.lua:\d+:/);
    expect(await node.console('dnslb.stage("/nonexistent")')).toMatch(/^error stage: cannot open/);
    expect(Object.keys(await node.table())).toEqual(["s1", "s2"]);
    expect(await node.console("showRules()")).toBe(rules);
  });

  test("finds refused servers without a list of all servers for each", async () => {
    await node.change(simple([1]));
    await node.must("dnslb.tidy()");
    const many = simple(Array.from({ length: 40 }, (_, at) => at + 20));
    await node.console(
      "lists, realServers = 0, getServers; getServers = function() lists = lists + 1 return realServers() end",
    );
    await node.must(`dnslb.stage("${node.releases.write(many)}")`);
    expect((await node.console("return lists")).trim()).toBe("2");
    const bad = server(80, ["p"], { address: "nonsense" });
    const release = node.releases.write({ ...many, servers: [bad, ...many.servers] });
    expect(await node.console(`dnslb.stage("${release}")`)).toMatch(
      /^error stage: dnsdist refuses server s80 at nonsense/,
    );
    await node.console("getServers = realServers");
    expect(Object.keys(await node.table())).toEqual(["s1"]);
  });

  test("takes a commit back that fails half way", async () => {
    await node.change(simple([1, 2]));
    await node.must("dnslb.tidy()");
    const release = await node.must("dnslb.release()");
    await node.must(`dnslb.stage("${node.releases.write(simple([2, 3], "wrandom", 10))}")`);
    await waitFor(async () => /^ok pending \S+ 0\b/.test(await node.must("dnslb.pending()")));
    const before = [await node.console("showRules()"), await node.console("showPools()"), await node.table()];
    await node.console('real = setRules; setRules = function() setRules = real; error("broken") end');
    expect(await node.console("dnslb.commit()")).toMatch(/^error commit: .*broken\n/);
    expect([await node.console("showRules()"), await node.console("showPools()"), await node.table()]).toEqual(before);
    expect(await node.must("dnslb.release()")).toBe(release);
    expect(["192.0.2.1", "192.0.2.2"]).toContain(await node.ask("www.test"));
    await node.must("dnslb.commit()");
    expect(await ruleCount()).toBe(13);
    expect(Object.keys(await node.states())).toEqual(["s2", "s3"]);
  });

  test("keeps what limiters have counted, as long as their name and arguments stay", async () => {
    const limited = (burst: number, octets: readonly number[]): DnsdistPolicy => {
      const policy = simple(octets, "roundRobin", 3);
      const limiter = call("limiter", "clients", constant("MaxQPSIPRule"), 1, 32, 64, burst);
      const rule = { name: "limit", rule: limiter, action: call("RCodeAction", constant("DNSRCode.REFUSED")) };
      return { ...policy, rules: [rule, ...policy.rules] };
    };
    const answered = async () => {
      const output = await node.exec("sh", "-c", `dig @10.9.1.1 +tries=1 +time=1 ${"www.test ".repeat(30)}|| true`);
      return output.match(/status: NOERROR/g)?.length ?? 0;
    };
    await node.change(limited(20, [1, 2]));
    expect(await answered()).toBeGreaterThanOrEqual(20);
    await node.change(limited(20, [2, 3]), { wait: false });
    expect(await answered()).toBeLessThan(8);
    await node.change(limited(21, [2, 3]), { wait: false });
    expect(await answered()).toBeGreaterThanOrEqual(20);
    await node.must("dnslb.tidy()");
  });

  test("shares queries by weight in every pool by itself", async () => {
    const policy = (way: DnsdistPoolPolicy): DnsdistPolicy => ({
      servers: [
        server(1, ["p"], { weight: 3 }),
        server(2, ["p"]),
        server(9, ["p"]),
        server(3, ["q"]),
        server(4, ["q"]),
      ],
      pools: ["p", "q"].map((pool) => ({ name: pool, policy: way })),
      rules: [
        { name: "q", rule: name("q.test."), action: call("PoolAction", "q") },
        { name: "p", rule: call("AllRule"), action: call("PoolAction", "p") },
      ],
    });
    await node.change(policy("roundRobin"));
    const before = await node.queries();
    // Strictly alternating, where one counter for all pools would send a pool's queries to one server.
    await node.exec("dig", "@10.9.1.1", ..."www.test q.test ".repeat(40).trim().split(" "));
    const after = await node.queries();
    const share = (server: string) => (after[server] ?? 0) - (before[server] ?? 0);
    expect(["s1", "s2", "s9", "s3", "s4"].map(share)).toEqual([30, 10, 0, 20, 20]);
  });

  test.each(["leastOutstanding", "roundRobin"] as const)(
    "lets idle servers take turns by %s, around one that is down, and one whose weight has changed",
    async (way) => {
      const policy = (weights: readonly number[]): DnsdistPolicy => ({
        servers: [...weights.map((weight, index) => server(index + 1, ["p"], { weight })), server(9, ["p"])],
        pools: [{ name: "p", policy: way }],
        rules: [{ name: "p", rule: call("AllRule"), action: call("PoolAction", "p") }],
      });
      const shares = async () => {
        const before = await node.queries();
        await node.exec("dig", "@10.9.1.1", ..."www.test ".repeat(60).trim().split(" "));
        const after = await node.queries();
        return ["s1", "s2", "s3", "s9"].map((each) => (after[each] ?? 0) - (before[each] ?? 0));
      };
      await node.change(policy([1, 1, 1]));
      expect(await shares()).toEqual([20, 20, 20, 0]);
      await node.change(policy([1, 4, 1]));
      // The turns are worked out anew in the first round.
      await node.exec("dig", "@10.9.1.1", ..."www.test ".repeat(4).trim().split(" "));
      // Weights decide by how many queries wait, and none does.
      expect(await shares()).toEqual(way === "leastOutstanding" ? [20, 20, 20, 0] : [10, 40, 10, 0]);
    },
  );

  test("keeps clients at their servers, and from the first query on where a change brought another", async () => {
    const program = [
      "import socket",
      "for at in range(40):",
      "  s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1); s.bind((f'127.0.1.{at}', 0))",
      "  s.sendto(bytes.fromhex('4242010000010000000000000377777704746573740000010001'), ('10.9.1.1', 53))",
      "  print(socket.inet_ntoa(s.recv(512)[-4:]))",
    ].join("\n");
    const answers = async () => (await node.exec("python3", "-c", program)).trim().split("\n");
    await node.change(simple([1, 2, 3], "sourceHash", 0));
    await waitFor(async () => Object.values(await node.states()).every((state) => state === "up"));
    const before = await answers();
    expect([...new Set(before)].sort()).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    await node.change(simple([4, 2, 1], "sourceHash", 0));
    const after = await answers();
    for (const [at, server] of after.entries()) {
      expect(
        before[at] === "192.0.2.3" ? ["192.0.2.1", "192.0.2.2", "192.0.2.4"] : [before[at], "192.0.2.4"],
      ).toContain(server);
    }
    expect(after).toContain("192.0.2.4");
    // dnsdist appends what a change adds, so that these stand in another order.
    await node.change(simple([3], "sourceHash", 0));
    await node.change(simple([3, 2, 1], "sourceHash", 0));
    expect(await answers()).toEqual(before);
    // A pool without a server, for a query that was on the way to it.
    const empty = simple([], "sourceHash", 0);
    await node.change({ ...empty, rules: [{ name: "p", rule: call("AllRule"), action: call("PoolAction", "p") }] });
    expect(await node.ask("www.test")).toBe("");
    await node.change(simple([1, 2, 3], "sourceHash", 0));
    expect(await answers()).toEqual(before);
  });

  test("tries every server of a pool when all are down", async () => {
    const policy: DnsdistPolicy = {
      ...simple([], "leastOutstanding", 0),
      // A probe that no server passes.
      servers: [1, 2].map((octet) => server(octet, ["p", "p:all"], { checkTCP: true })),
    };
    await node.change(policy, { wait: false });
    expect(await node.states()).toEqual({ s1: "down", s2: "down" });
    const answers = [await node.ask("www.test"), await node.ask("www.test")];
    expect(answers.sort()).toEqual(["192.0.2.1", "192.0.2.2"]);
  });

  test("drains a server over a change, and lets its probes bring it back", async () => {
    await node.change(simple([1, 2], "roundRobin", 0));
    expect((await node.must('dnslb.drainServer("s1")')).trim()).toMatch(/^ok drain r\d+ s1$/);
    expect(await node.console('dnslb.drainServer("s7")')).toMatch(/^error drain: no server s7/);
    const changed = simple([1, 2], "roundRobin", 1);
    await node.change({ ...changed, servers: [server(1, ["p", "p:all"], { weight: 2 }), server(2, ["p", "p:all"])] });
    expect(await node.states()).toEqual({ s1: "drained", s2: "up" });
    for (let at = 0; at < 4; at++) expect(await node.ask("www.test")).toBe("192.0.2.2");
    expect(await node.statesAfter('dnslb.undrainServer("s1")')).toEqual({ s1: "down", s2: "up" });
    await waitFor(async () => (await node.states())["s1"] === "up");
  });

  test("sees where a client connected to behind the PROXY protocol", async () => {
    const to = (address: string, answer: string): DnsdistRule => ({
      name: address,
      rule: call("NetmaskGroupRule", call("netmasks", list(`${address}/32`)), false),
      action: call("SpoofAction", answer),
    });
    await node.change({
      servers: [],
      pools: [],
      rules: [to("10.9.1.1", "192.0.2.101"), to("10.9.1.2", "192.0.2.102"), rest],
    });
    const program = [
      "import socket, struct, sys",
      "s = socket.create_connection(('127.0.0.1', 53), 2, (sys.argv[1], 0))",
      "head = b'\\r\\n\\r\\n\\0\\r\\nQUIT\\n\\x21\\x11\\0\\x0c' + socket.inet_aton('10.9.0.77')",
      "q = bytes.fromhex('4242010000010000000000000377777704746573740000010001')",
      "s.sendall(head + socket.inet_aton(sys.argv[2]) + struct.pack('!HH', 4000, 53) + struct.pack('!H', len(q)) + q)",
      "try: print(socket.inet_ntoa(s.recv(512)[-4:]))",
      "except OSError: print('nothing')",
    ].join("\n");
    const ask = async (from: string, to: string) => (await node.exec("python3", "-c", program, from, to)).trim();
    expect(await ask("127.0.0.2", "10.9.1.1")).toBe("192.0.2.101");
    expect(await ask("127.0.0.2", "10.9.1.2")).toBe("192.0.2.102");
    expect(await ask("127.0.0.3", "10.9.1.2")).toBe("nothing");
  });

  test("shows metrics to anybody on the node, and nothing else", async () => {
    const status = (path: string) =>
      node.exec("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", `http://127.0.0.1:8083${path}`);
    expect(await status("/metrics")).toBe("200");
    expect(await status("/api/v1/servers/localhost")).toBe("401");
    expect(await status("/api/v1/servers/localhost/config")).toBe("401");
    expect(await status("/")).toBe("401");
  });

  test("stays as large as it was over 50 changes", { timeout: 60_000 }, async () => {
    // dnsdist itself keeps the servers that it was started with.
    for (const octets of [[4], [1, 2, 9]]) {
      await node.change(simple(octets, "roundRobin", 100));
      await node.must("dnslb.tidy()");
    }
    await pause(1_500);
    const first = node.releases.write(simple([1, 2, 9], "roundRobin", 100));
    const second = node.releases.write(simple([2, 3, 8], "leastOutstanding", 100));
    const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${node.pid}/status`, "utf8"))?.[1]);
    const descriptors = () => readdirSync(`/proc/${node.pid}/fd`).length;
    const before = { resident: resident(), descriptors: descriptors() };
    for (let at = 0; at < 25; at++) {
      for (const release of [second, first]) {
        const phases = `dnslb.stage("${release}"), dnslb.commit(), dnslb.tidy()`;
        const answers = (await node.must(`table.concat({ ${phases} }, "\\n")`)).trim().split("\n");
        expect(answers.map((answer) => answer.split(" ", 2).join(" "))).toEqual(["ok stage", "ok commit", "ok tidy"]);
      }
    }
    expect(Object.keys(await node.table()).sort()).toEqual(["s1", "s2", "s9"]);
    expect(await ruleCount()).toBe(103);
    // 100 servers were made, each of 1.5 MB here.
    expect(resident() - before.resident).toBeLessThan(60_000);
    await waitFor(async () => descriptors() <= before.descriptors);
  });
});
