import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Losses, underLoad } from "./load.js";
import { type NodeName, type Outcome, TwoNodes, VIP } from "./two-nodes.js";

let nodes: TwoNodes;

beforeAll(async () => {
  nodes = new TwoNodes();
  nodes.open();
  for (const node of ["a", "b"] as const) nodes.supervise(node);
  const first = await Promise.all([nodes.apply("a"), nodes.apply("b")]);
  for (const outcome of first) expect(outcome).toMatchObject({ status: 0, stderr: "" });
  await until(async () => nodes.holder().length === 1);
  await until(async () => (await answers("+notcp")) && (await answers("+tcp")));
});
afterAll(() => nodes?.close());

async function answers(transport: "+tcp" | "+notcp"): Promise<boolean> {
  const words = ["dig", `@${VIP}`, transport, "+short", "+time=1", "+tries=1", "www.example.org"];
  return (await nodes.call("client", ...words)).stdout.trim() === "192.0.2.53";
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`this did not come true: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function master(): NodeName {
  const [node] = nodes.holder();
  if (node === undefined) throw new Error("no node has the address");
  return node;
}

const current = (node: NodeName) => readFileSync(join(nodes.state(node), "current/note"), "utf8");

function expectNothingLost({ udp, tcp }: Losses): void {
  expect({ udp: udp.lost, tcp: tcp.lost }).toEqual({ udp: 0, tcp: 0 });
}

/* Moving the address away and back is nearly free: at most two queries on the way, each time. */
function expectCostOfDrain({ udp, tcp }: Losses): void {
  expect(udp.lost).toBeLessThanOrEqual(2);
  expect(tcp.lost).toBeLessThanOrEqual(2);
}

async function expectStatus(outcome: Outcome, status: number): Promise<void> {
  expect(outcome.status, outcome.stdout + outcome.stderr).toBe(status);
}

describe("a change under load", () => {
  test("of servers loses nothing and restarts nothing", async () => {
    const node = master();
    const before = ["haproxy", "dnsdist", "keepalived"].map((service) => nodes.pid(node, service));
    const [outcome, losses] = await underLoad(nodes, 6, () =>
      nodes.apply(node, { servers: ["s2", "s3"], note: "good" }),
    );
    await expectStatus(outcome, 0);
    expect(outcome.stdout.replace(/\d+ ms/, "N ms").replace(/[0-9a-f]{16}/, "ID")).toBe(
      "validated N ms\nhaproxy reloaded\ndnsdist policy swapped\nwatch reloaded\nkeepalived reloaded\nready ID\n",
    );
    expectNothingLost(losses);
    expect(["haproxy", "dnsdist", "keepalived"].map((service) => nodes.pid(node, service))).toEqual(before);
    expect(current(node)).toBe("good");
    expect(master()).toBe(node);
    await nodes.apply(node, { note: "base" });
  });

  test("fails when a daemon refuses it, with its words and without a password", async () => {
    const node = master();
    const before = current(node);
    const [outcome, losses] = await underLoad(nodes, 2, () =>
      nodes.apply(node, { haproxy: "  bogus directive", password: "very secret" }),
    );
    await expectStatus(outcome, 1);
    expect(outcome.stderr).toContain("haproxy: [ALERT]");
    expect(outcome.stderr).toContain("unknown keyword 'bogus' in 'frontend' section");
    expect(outcome.stderr).not.toContain("secret");
    expectNothingLost(losses);
    expect(current(node)).toBe(before);
  });

  test.each([
    ["haproxy", { haproxy: "  bind 127.0.0.1:9999" }, "haproxy"],
    ["dnsdist's listeners", { dnsdist: 'addLocal("127.0.0.1:9999")' }, "dnsdist"],
  ])("fails when a port for %s is taken, and touches nothing", async (_, change, daemon) => {
    const node = master();
    const before = current(node);
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
    expect(current(node)).toBe(before);
  });

  test.each([
    ["haproxy", { haproxy: HAPROXY_LETS_DOWN }, "haproxy did not take the release", expectNothingLost],
    ["dnsdist", { dnsdist: DNSDIST_LETS_DOWN }, "not ready within 4 s: dnsdist at port 53", expectCostOfDrain],
  ])(
    "fails when %s does not start though it praised the release, and goes back",
    async (_, change, words, expectCost) => {
      const node = master();
      const before = current(node);
      const [outcome, losses] = await underLoad(nodes, 9, () =>
        nodes.agent(node, "apply", nodes.bundle(node, { ...change, note: "broken" }), "--timeout", "4"),
      );
      await expectStatus(outcome, 1);
      expect(outcome.stderr, outcome.stderr).toContain(words);
      expect(outcome.stderr, outcome.stderr).toContain("rolled back to");
      expectCost(losses);
      expect(current(node)).toBe(before);
      expect((await nodes.agent(node, "ready")).status).toBe(0);
      expect(readFileSync(join(nodes.run(node), "drain"), "utf8")).toBe("0\n");
    },
  );

  test("of listeners restarts dnsdist behind a drain", async () => {
    const node = master();
    const before = nodes.pid(node, "dnsdist");
    const [outcome, losses] = await underLoad(nodes, 6, () =>
      nodes.apply(node, { dnsdist: 'addLocal("127.0.0.1:5300")', note: "listeners" }),
    );
    await expectStatus(outcome, 0);
    expect(outcome.stdout).toContain("node drained\ndnsdist restarted\n");
    expect(nodes.pid(node, "dnsdist")).not.toBe(before);
    expectCostOfDrain(losses);
    expect(master()).not.toBe(node);
  });
});

describe("the agent", () => {
  test("drains a node and takes it back", async () => {
    const node = master();
    expect(await nodes.agent(node, "drain")).toEqual({ status: 0, stdout: "node drained\n", stderr: "" });
    expect(master()).not.toBe(node);
    expect(JSON.parse((await nodes.agent(node, "status", "--json")).stdout)).toMatchObject({
      drained: true,
      addresses: [],
    });
    expect(await nodes.agent(node, "undrain")).toEqual({ status: 0, stdout: "node undrained\n", stderr: "" });
  });

  test("drains a server in every daemon, keeps it drained over a change, and takes it back", async () => {
    const node = master();
    const states = async () => {
      const status = JSON.parse((await nodes.agent(node, "status", "--json")).stdout);
      return status.pools[0].servers[0];
    };
    const drained = {
      name: "s1",
      drained: true,
      haproxy: { resolvers: "DRAIN" },
      dnsdist: { udp: "drained", tcp: "drained" },
    };
    const up = { name: "s1", drained: false, haproxy: { resolvers: "UP" }, dnsdist: { udp: "up", tcp: "up" } };
    expect(await states()).toEqual(up);
    expect(await nodes.agent(node, "drain", "s1")).toEqual({ status: 0, stdout: "resolvers/s1 drained\n", stderr: "" });
    expect(await states()).toEqual(drained);
    await expectStatus(await nodes.apply(node, { note: "while drained" }), 0);
    expect(await states()).toEqual(drained);
    expect((await nodes.agent(node, "undrain", "resolvers/s1")).stdout).toBe("resolvers/s1 undrained\n");
    await until(async () => JSON.stringify(await states()) === JSON.stringify(up));
    expect((await nodes.agent(node, "status")).stdout).toContain(
      "resolvers/s1: haproxy resolvers UP, dnsdist tcp up, dnsdist udp up",
    );
    expect((await nodes.agent(node, "drain", "s9")).stderr).toBe("dns-lb-agent: there is no server s9\n");
  });

  test("keeps the console's key and the daemons' rights small", async () => {
    const node = master();
    const key = statSync(join(nodes.run(node), "dnsdist.key"));
    expect([(key.mode & 0o7777).toString(8), key.uid]).toEqual(["640", 0]);
    expect(readFileSync(join(nodes.run(node), "dnsdist.key"), "utf8")).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    for (const service of ["haproxy", "dnsdist"]) {
      const status = readFileSync(`/proc/${nodes.pid(node, service)}/status`, "utf8");
      expect(status).toMatch(/^Uid:\s+(?!0\b)/m);
      expect(status).toMatch(/^CapEff:\s+0{16}$/m);
    }
  });

  test.each([
    "with space",
    `quotes " and '`,
    "# not a comment",
    "$HOME $DNSLB_RELEASE $" + "{HOME}",
    "back\\slash \\n \\",
    "{ } [ ] ( ) | & ; < > * ? ~ `",
    "%[src] %{x}",
    "ü 密 🔑",
    'x" insecure-password y',
  ])("writes the password %s for HAProxy so that it is the password", async (password) => {
    await expectStatus(await nodes.apply("a", { password }), 0);
    const status = async (user: string) => {
      const words = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", user, "http://127.0.0.1:8405/page"];
      return (await nodes.call("a", "curl", ...words)).stdout;
    };
    expect(await status(`ops:${password}`)).toBe("204");
    expect(await status("ops:x")).toBe("401");
  });
});

describe("keepalived's check", () => {
  test.each([
    [0, "a watch that wrote just now", "$(cut -d. -f1 /proc/uptime)"],
    [1, "a watch that wrote long ago", "$(($(cut -d. -f1 /proc/uptime) - 6))"],
    [1, "a watch that wrote nonsense", "soon"],
    [1, "a watch that wrote nothing", ""],
  ])("ends with %i for %s", async (status, _, written) => {
    const file = join(nodes.dir, "pulse");
    await nodes.call("a", "sh", "-c", `echo "${written}" >${file}`);
    expect((await nodes.check("a", file)).status).toBe(status);
  });

  test("ends with 1 for a watch that never was", async () => {
    expect((await nodes.check("a", join(nodes.dir, "no-pulse"))).status).toBe(1);
  });
});

/* What a daemon takes as long as it is only checked. */
const HAPROXY_LETS_DOWN = ".if !defined(DNSLB_CHECK)\n  bogus directive\n.endif";
const DNSDIST_LETS_DOWN = 'if not os.getenv("DNSLB_CHECK") then error("not today") end';

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
