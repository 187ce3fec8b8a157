import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectStatus } from "./expect.js";
import { type Losses, underLoad } from "./load.js";
import { startTwoNodes, type TwoNodes, tcp, until } from "./two-nodes.js";

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await startTwoNodes();
});
afterAll(() => nodes?.close());

function expectNothingLost({ udp, tcp }: Losses): void {
  expect({ udp: udp.lost, tcp: tcp.lost }).toEqual({ udp: 0, tcp: 0 });
}

/* Moving the address away and back is nearly free: at most two queries on the way, each time. */
function expectCostOfDrain({ udp, tcp }: Losses): void {
  expect(udp.lost).toBeLessThanOrEqual(2);
  expect(tcp.lost).toBeLessThanOrEqual(2);
}

describe("a change under load", () => {
  test("of servers loses nothing and restarts nothing", async () => {
    const node = nodes.master();
    const before = ["haproxy", "dnsdist", "keepalived"].map((service) => nodes.pid(node, service));
    const [outcome, losses] = await underLoad(nodes, 6, () =>
      nodes.apply(node, { servers: ["s2", "s3"], note: "good" }),
    );
    expectStatus(outcome, 0);
    expect(outcome.stdout.replace(/\d+ ms/, "N ms").replace(/[0-9a-f]{16}/, "ID")).toBe(
      "validated N ms\nhaproxy reloaded\ndnsdist policy swapped\nwatch reloaded\nkeepalived reloaded\nready ID\n",
    );
    expectNothingLost(losses);
    expect(["haproxy", "dnsdist", "keepalived"].map((service) => nodes.pid(node, service))).toEqual(before);
    expect(nodes.note(node)).toBe("good");
    expect(nodes.master()).toBe(node);
    await nodes.apply(node, { note: "base" });
  });

  test("fails when a daemon refuses it, with its words and without a password", async () => {
    const node = nodes.master();
    const before = nodes.note(node);
    const [outcome, losses] = await underLoad(nodes, 2, () =>
      nodes.apply(node, { haproxy: "  bogus directive", password: "very secret" }),
    );
    expectStatus(outcome, 1);
    expect(outcome.stderr).toContain("haproxy: [ALERT]");
    expect(outcome.stderr).toContain("unknown keyword 'bogus' in 'frontend' section");
    expect(outcome.stderr).not.toContain("secret");
    expectNothingLost(losses);
    expect(nodes.note(node)).toBe(before);
  });

  test.each([
    ["haproxy", { haproxy: "  bind 127.0.0.1:9999", listeners: { haproxy: [tcp("127.0.0.1", 9999)] } }, "haproxy"],
    [
      "dnsdist's listeners",
      { dnsdist: 'addLocal("127.0.0.1:9999")', listeners: { dnsdist: [tcp("127.0.0.1", 9999)] } },
      "dnsdist",
    ],
  ])("fails when a port for %s is taken, and touches nothing", async (_, change, daemon) => {
    const node = nodes.master();
    const before = nodes.note(node);
    const taken = nodes.background(node, "/usr/bin/python3", "-c", TAKEN);
    await until(async () => (await nodes.call(node, "ss", "-Hltn", "sport = 9999")).stdout !== "");
    const [outcome, losses] = await underLoad(nodes, 2, () => nodes.apply(node, { ...change, note: "taken" }));
    taken.kill();
    expect(outcome).toEqual({
      status: 1,
      stdout: "",
      stderr: `${daemon}: cannot bind 127.0.0.1:9999: address already in use\ndns-lb-agent: ${daemon} could not listen; nothing was changed\n`,
    });
    expectNothingLost(losses);
    expect(nodes.note(node)).toBe(before);
  });

  test.each([
    [
      "haproxy",
      { haproxy: HAPROXY_LETS_DOWN, networks: "192.0.2.7" },
      "haproxy did not take the release",
      expectNothingLost,
    ],
    ["dnsdist", { dnsdist: DNSDIST_LETS_DOWN }, "not ready within 4 s: dnsdist at port 53", expectCostOfDrain],
  ])(
    "fails when %s does not start though its checker accepted the release, and goes back",
    async (_, change, words, expectCost) => {
      const node = nodes.master();
      const before = nodes.note(node);
      const [outcome, losses] = await underLoad(nodes, 9, () =>
        nodes.agent(node, "apply", nodes.bundle(node, { ...change, note: "broken" }), "--timeout", "4"),
      );
      expectStatus(outcome, 1);
      expect(outcome.stderr, outcome.stderr).toContain(words);
      expect(outcome.stderr, outcome.stderr).toContain("rolled back to");
      expectCost(losses);
      expect(nodes.note(node)).toBe(before);
      expect((await nodes.agent(node, "ready")).status).toBe(0);
      expect(readFileSync(join(nodes.run(node), "drain"), "utf8")).toBe("0\n");
    },
  );

  test("of listeners restarts dnsdist behind a drain", async () => {
    const node = nodes.master();
    const before = nodes.pid(node, "dnsdist");
    const [outcome, losses] = await underLoad(nodes, 6, () =>
      nodes.apply(node, { dnsdist: 'addLocal("127.0.0.1:5300")', note: "listeners" }),
    );
    expectStatus(outcome, 0);
    expect(outcome.stdout).toContain("node drained\ndnsdist restarted\n");
    expect(nodes.pid(node, "dnsdist")).not.toBe(before);
    expectCostOfDrain(losses);
    expect(nodes.master()).not.toBe(node);
  });
});

/*
 * What a daemon takes as long as it is only checked: a release that is checked is not among the node's yet, and one that
 * runs has the directory of the release that it began with, which lacks the file.
 */
const HAPROXY_LETS_DOWN = '  tcp-request connection reject if { src -f "$DNSLB_RELEASE/networks" }';
const DNSDIST_LETS_DOWN = 'if not os.getenv("DNSLB_RELEASE"):find("/.incoming-", 1, true) then error("not today") end';

/* Listens on a port without sharing it. */
const TAKEN = `
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 9999))
s.listen()
u = socket.socket(type=socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 9999))
time.sleep(60)
`;
