import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnnouncementRules, BgpAddresses, Manifest, WatchCheck } from "../../../lib/model/manifest.js";
import { AGENT, FakeNode, ME, manifest, service, until as soon } from "./fake-node.js";

/* Drains and daemons that hang take seconds on an idle machine. */
vi.setConfig({ testTimeout: 90_000 });
afterAll(() => vi.resetConfig());

const until = (holds: () => boolean, milliseconds = 25_000) => soon(holds, milliseconds);

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
  mkdirSync(node.run, { mode: 0o750 });
  const path = join(__dirname, "fake-bird.py");
  node.program("bird", `#!/bin/sh\nexport FAKE_BIRD='${node.dir}'\nexec /usr/bin/python3 -B '${path}' "$@"\n`);
  // Not by this process, which may be busy for longer than a watch may be silent.
  node.background("bash", "-c", BEATS, "watch", join(node.run, "watch"), join(node.dir, "silent"));
});
afterEach(() => node.close());

const BEATS = 'while :; do read now _ < /proc/uptime; [ -e "$2" ] || echo "${now%%.*}" > "$1"; sleep 0.2; done';

const uptime = () => Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));
const put = (name: string, text: string) => writeFileSync(join(node.run, name), text);
const fails = (check: string, failing = true) => put(`check-${check}`, failing ? "1\n" : "0\n");
const mode = (text: string) => writeFileSync(join(node.dir, "mode"), text);

const BIRD = service({
  name: "bird",
  command: [
    ...["bird", "-f", "-c", "{state}/current/bird/bird.conf"],
    ...["-s", "{run}/private/bird.ctl"],
    ...["-P", "{run}/private/bird.pid"],
  ],
  settings: {
    ...{ control: "{run}/private/bird.ctl", pid: "{run}/private/bird.pid" },
    announcement: "{run}/private/announcement.conf",
  },
  reload: [],
});

const ask = {
  kind: "dns",
  service: "dnsdist",
  port: 9,
  name: "a.",
  address: "127.0.0.1",
  proxyProtocol: false,
} as const;
const CHECKS: readonly WatchCheck[] = [
  { kind: "daemon", name: "dnsdist", check: ask },
  { kind: "daemon", name: "haproxy", check: ask },
];

const RULES: AnnouncementRules = {
  checks: [
    { name: "dnsdist", cost: 4, whenFailing: "withdraw" },
    { name: "haproxy", cost: 3, whenFailing: "prepend" },
  ],
  ...{ staleCost: 1, staleAfter: 3_000, hold: 600, moves: 9, damping: 60_000, grace: 4_100 },
};

/** Addresses of this machine that no other run of this file has. */
const NETWORK = `127.${64 + (process.pid & 63)}.${(process.pid >> 6) & 255}`;
const [OWN, PEER] = [`${NETWORK}.1`, `${NETWORK}.2`];

/** A group of this node and another one. */
function group(part: Partial<BgpAddresses> = {}): BgpAddresses {
  return {
    ...{ kind: "bgp", service: "bird", addresses: ["2001:db8:113::53"] },
    sessions: [{ name: "router1", neighbor: "192.0.2.1", asn: 64_500, bfd: true, families: ["ipv6"] }],
    peers: [{ name: "b", address: PEER }],
    words: { address: OWN, port: 5_398 },
    announcement: RULES,
    ...part,
  };
}

function releaseOf(part: Partial<Manifest> = {}): Manifest {
  const watch = { ...{ interval: 200, timeout: 400, fall: 2, rise: 2 }, checks: [...CHECKS] };
  return manifest({ services: [BIRD], mobility: group(), watch, ...part });
}

const apply = (release = releaseOf(), note = "") =>
  node.agent("apply", node.bundle(release, { "bird/bird.conf": `# ${note}\n` }), "--timeout", "3");

/** A node whose announcer has told the daemon that it is at its best. */
async function announcing(release = releaseOf()): Promise<void> {
  for (const { name } of CHECKS) fails(name, false);
  expect(await apply(release)).toMatchObject({ status: 0 });
  node.supervise("bird");
  await until(() => node.journal().at(-1) === "told 0 0");
}

const told = (text: string) => until(() => node.journal().at(-1) === text);
const child = () => Number(readFileSync(join(node.run, "private/bird.pid"), "utf8"));
const runs = (pid: number) => {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
};
const status = async () => JSON.parse((await node.agent("status", "--json")).stdout);

/** Another node of the group, which says of itself what it is told to. */
function other(said: object): () => void {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("message", (data, from) => {
    const { nonce, ...rest } = JSON.parse(data.toString());
    const word = { announces: true, leaving: false, serves: true, cost: 0, announced: 0, pools: [], ...said };
    if (!("announces" in rest)) socket.send(JSON.stringify({ v: 1, nonce, ...word }), from.port, from.address);
  });
  socket.bind(5_398, PEER);
  return () => socket.close();
}

describe("the announcer", () => {
  test("starts the daemon at the worst, and announces at the best once the node was well for a while", async () => {
    await announcing();
    expect(node.journal()).toEqual(["started 4 0", "told 4 0", "told 0 0"]);
    expect(await status()).toMatchObject({
      addresses: [],
      announcement: { kind: "announce", cost: 0, worstCost: 4, failures: [], taken: true, dampedSeconds: 0 },
      bgp: { sessions: [{ name: "router1", neighbor: "192.0.2.1", state: "Established", bfd: "Up", announced: 1 }] },
      words: [{ name: "b", age: null }],
    });
    const { stdout } = await node.agent("status");
    expect(stdout).toContain("announcement: cost 0 of 4\n");
    expect(stdout).toContain(
      "BGP router1, 192.0.2.1 AS 64500: Established since 2026-11-30 17:46:04.023, BFD Up, announced 1\n",
    );
    expect(stdout).toMatch(/node b at 127\.[\d.]+: never heard\n/);
  });

  test("withdraws, by the word of another node, what cannot be answered, and is the last resort without that word", async () => {
    const close = other({});
    try {
      await announcing();
      fails("dnsdist");
      await told("told 4 2");
      expect((await node.agent("status")).stdout).toContain("announcement: withdrawn (dnsdist fails)\n");
    } finally {
      close();
    }
    await told("told 4 0");
    fails("dnsdist", false);
    fails("haproxy");
    await told("told 3 0");
  });

  test("dies with its daemon, and the daemon with it", async () => {
    await announcing();
    const [announcer, daemon] = [node.pid("bird") ?? 0, child()];
    process.kill(daemon, "SIGKILL");
    await until(() => !runs(announcer));
    await until(() => node.pid("bird") !== announcer && existsSync(join(node.run, "private/bird.ctl")));
    await told("told 0 0");
    const [second, next] = [node.pid("bird") ?? 0, child()];
    process.kill(second, "SIGKILL");
    await until(() => !runs(next));
  });

  test("lets the daemon say goodbye when it is stopped", async () => {
    await announcing();
    const [announcer, daemon] = [node.pid("bird") ?? 0, child()];
    process.kill(announcer, "SIGTERM");
    await until(() => !runs(announcer) && !runs(daemon));
    expect(node.journal()).toContain("stopped");
  });

  test.each(["hang", "drip"])("ends a daemon whose control socket begins to %s, and decides meanwhile", async (how) => {
    await announcing();
    const daemon = child();
    mode(how);
    fails("haproxy");
    const state = () => JSON.parse(readFileSync(join(node.run, "private/announcer.json"), "utf8"));
    await until(() => state().cost === 3 && state().taken === false);
    await until(() => !runs(daemon), 20_000);
    mode("");
    await until(() => node.journal().at(-1) === "told 3 0");
  });

  test("ends a daemon that stands still", async () => {
    await announcing();
    const daemon = child();
    process.kill(daemon, "SIGSTOP");
    await until(() => !runs(daemon), 20_000);
    await told("told 0 0");
  });

  test("goes on where nobody can read what the daemon says of its sessions", async () => {
    await announcing();
    mode("garbage");
    const daemon = child();
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect(runs(daemon)).toBe(true);
    expect((await node.agent("status")).stdout).toContain("BGP: unknown\n");
    mode("");
    fails("haproxy");
    await until(() => node.journal().at(-1) === "told 3 0");
  });

  test("tells the daemon again what it has refused, and says so", async () => {
    await announcing();
    mode("refuse");
    fails("haproxy");
    await until(() => JSON.parse(readFileSync(join(node.run, "private/announcer.json"), "utf8")).problem !== "");
    const { stdout } = await node.agent("status");
    expect(stdout).toContain(
      "WARNING: that is not announced yet: bird does not take its configuration: 8002 Reading configuration from bird.conf; bird.conf:1:1 syntax error\n",
    );
    mode("");
    await until(() => node.journal().at(-1) === "told 3 0");
  });

  test.each<[string, (path: string) => void]>([
    ["is gone", () => {}],
    ["is empty", (path) => writeFileSync(path, "")],
    ["is no number", (path) => writeFileSync(path, "x1\n")],
    ["is another number", (path) => writeFileSync(path, "17\n")],
    ["is a FIFO", (path) => execFileSync("mkfifo", [path])],
    ["is a directory", (path) => mkdirSync(path)],
    ["is a link", (path) => symlinkSync("/proc/self/stat", path)],
  ])("takes a result as before that %s", async (_, spoil) => {
    await announcing();
    for (const name of ["check-dnsdist", "drain"]) {
      unlinkSync(join(node.run, name));
      spoil(join(node.run, name));
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(node.journal().at(-1)).toBe("told 0 0");
    for (const name of ["check-dnsdist", "drain"]) rmSync(join(node.run, name), { recursive: true, force: true });
    fails("dnsdist");
    await told("told 4 0");
  });

  test.each<[string, () => string]>([
    ["stands still", () => `${uptime() - 4}\n`],
    ["is of the future", () => `${uptime() + 1_000_000}\n`],
  ])("knows that nobody makes the checks where the heartbeat %s", async (_, text) => {
    await announcing();
    writeFileSync(join(node.dir, "silent"), "");
    await new Promise((resolve) => setTimeout(resolve, 500));
    put("watch", text());
    await told("told 1 0");
    expect((await node.agent("status")).stdout).toContain("announcement: cost 1 of 4 (nobody makes the checks)\n");
  });

  test("goes on by the rules of another release, without a restart or a withdrawal", async () => {
    await announcing();
    const [announcer, daemon] = [node.pid("bird"), child()];
    const { checks, ...rest } = RULES;
    const harder = { ...rest, checks: checks.map((each) => ({ ...each, cost: each.cost + 1 })) };
    const outcome = await apply(releaseOf({ mobility: group({ announcement: harder }) }), "another");
    expect(outcome).toMatchObject({ status: 0, stdout: expect.stringContaining("bird reloaded") });
    expect([node.pid("bird"), child()]).toEqual([announcer, daemon]);
    expect(node.journal().slice(3)).toEqual(["told 0 0"]);
    fails("haproxy");
    await told("told 4 0");
  });

  test("does not take a check for failed that a release brings, before there is a result", async () => {
    await announcing();
    const more: WatchCheck = { kind: "daemon", name: "dnsdist-2", check: ask };
    const announcement = {
      ...RULES,
      checks: [...RULES.checks, { name: "dnsdist-2", cost: 4, whenFailing: "withdraw" as const }],
    };
    const watch = { ...releaseOf().watch, checks: [...CHECKS, more] };
    fails("dnsdist-2");
    expect(await apply(releaseOf({ watch, mobility: group({ announcement }) }), "more")).toMatchObject({ status: 0 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(node.journal().at(-1)).toBe("told 0 0");
    fails("dnsdist-2", false);
    await new Promise((resolve) => setTimeout(resolve, 300));
    fails("dnsdist-2");
    await told("told 4 0");
  });

  test("refuses a release that the daemon does not take, and stays at the one before", async () => {
    await announcing();
    const before = node.current();
    mode("refuse");
    const outcome = await apply(releaseOf(), "another");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain("bird does not take its configuration: 8002");
    expect(node.current()).toBe(before);
  });
});

describe("a drain of a node that announces", () => {
  test("asks routers to leave it, withdraws, and says so when they know nothing of it", async () => {
    const close = other({});
    try {
      await announcing();
      mode("keeps");
      let ended = false;
      const drained = node.agent("drain").finally(() => {
        ended = true;
      });
      await told("told 0 2");
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(ended).toBe(false);
      mode("");
      expect(await drained).toEqual({ status: 0, stdout: "node drained\n", stderr: "" });
      expect(node.journal().slice(3)).toEqual(["told 0 1", "told 0 2"]);
      expect((await node.agent("status")).stdout).toContain("announcement: withdrawn (drained)\n");
      // What has left stays away when the announcer is started again, however long it would ask routers.
      const longer = group({ announcement: { ...RULES, grace: 60_000 } });
      expect(await apply(releaseOf({ mobility: longer }), "longer")).toMatchObject({ status: 0 });
      const announcer = node.pid("bird") ?? 0;
      process.kill(announcer, "SIGKILL");
      await until(
        () =>
          node.pid("bird") !== announcer && node.journal().filter((each) => each.startsWith("started")).length === 2,
      );
      await until(() => node.journal().at(-1)?.endsWith(" 2") === true, 20_000);
      expect((await node.agent("undrain")).stdout).toBe("node undrained\n");
      await told("told 0 0");
    } finally {
      close();
    }
  });

  test("fails when no other node serves, and changes nothing, unless it is forced to", async () => {
    await announcing();
    const refused = await node.agent("drain");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /^dns-lb-agent: no other node of the group serves: node b at \S+: never heard; nothing was changed; --force drains it all the same, and queries are lost then\n$/,
    );
    expect(readFileSync(join(node.run, "drain"), "utf8")).toBe("0\n");
    expect(node.journal()).toHaveLength(3);
    expect(await node.agent("drain", "--force")).toMatchObject({ status: 0, stdout: "node drained\n" });
    expect(node.journal().slice(3)).toEqual(["told 0 1", "told 0 2"]);
    // Also after a restart of the node.
    rmSync(join(node.run, "drain"));
    const announcer = node.pid("bird") ?? 0;
    process.kill(announcer, "SIGKILL");
    await until(() => existsSync(join(node.run, "drain")));
    expect(readFileSync(join(node.run, "drain"), "utf8")).toBe("2\n");
  });

  test("fails when the node that serves is gone before it was left", async () => {
    const close = other({});
    await announcing();
    const drained = node.agent("drain");
    await told("told 0 1");
    close();
    expect(await drained).toMatchObject({
      status: 1,
      stderr: "dns-lb-agent: drained, but no other node of the group serves\n",
    });
    expect(node.journal().at(-1)).toBe("told 0 1");
  });

  test("counts on no node that no router has", async () => {
    const close = other({ announces: false });
    try {
      await announcing();
      expect((await node.agent("drain")).stderr).toContain("serves, announced to nobody");
    } finally {
      close();
    }
  });
});

test("a change that restarts a daemon does so when routers have left the node, and ends when they have it again", async () => {
  const close = other({});
  try {
    const unbound = service({ name: "unbound", restartOn: ["unbound.conf"] });
    const release = releaseOf({ services: [unbound, BIRD] });
    const files = { "bird/bird.conf": "", "unbound.conf": "1" };
    for (const { name } of CHECKS) fails(name, false);
    expect(await node.agent("apply", node.bundle(release, files), "--timeout", "3")).toMatchObject({ status: 0 });
    for (const name of ["unbound", "bird"]) node.supervise(name);
    await told("told 0 0");
    const before = node.pid("unbound");
    const changed = node.agent("apply", node.bundle(release, { ...files, "unbound.conf": "2" }), "--timeout", "3");
    await told("told 0 1");
    expect(node.pid("unbound")).toBe(before);
    const { status: ended, stdout } = await changed;
    expect(ended).toBe(0);
    expect(stdout.replace(/\d+ ms|[0-9a-f]{16}/g, "N")).toBe(
      "validated N\nnode drained\nunbound restarted\nbird reloaded\n2001:db8:113::53 put on lo\nnode takes part again\nready N\n",
    );
    expect(node.journal().slice(3)).toEqual(["told 0 1", "told 0 2", "told 0 2", "told 4 0", "told 0 0"]);
  } finally {
    close();
  }
});

test("a node is ready without a router until it had one, and not afterwards; a change that costs none goes on", async () => {
  mode("down");
  await announcing();
  const reason = "no router has a session with the node: 192.0.2.1 is in state Active";
  expect(await node.agent("ready", "--timeout", "0.5")).toMatchObject({ status: 0, stderr: `warning: ${reason}\n` });
  mode("");
  expect(await node.agent("ready", "--timeout", "5")).toMatchObject({ status: 0, stderr: "" });
  mode("down");
  expect(await node.agent("ready", "--timeout", "0.5")).toMatchObject({
    status: 1,
    stderr: `dns-lb-agent: ${reason}\n`,
  });
  expect(await apply(releaseOf(), "another")).toMatchObject({ status: 0 });
});

test("what is known of the announcement and of sessions is a metric, and NaN before", async () => {
  const compose = [
    { kind: "release-metric", path: "release.prom", restartDue: "{service}", live: "<{key} {value}>" },
  ] as const;
  await announcing(releaseOf({ compose: [...compose] }));
  const text = readFileSync(join(node.state, "current/release.prom"), "utf8");
  expect(text).toContain(
    "# TYPE dns_lb_announcement_cost gauge\ndns_lb_announcement_cost <dns_lb_announcement_cost NaN>\n",
  );
  expect(text).toContain(
    'dns_lb_bfd_session_up{session="router1",neighbor="192.0.2.1"} <dns_lb_bfd_session_up/router1 NaN>\n',
  );
  const program = `
import json, sys
from dnslb_agent import mobility, reader
from dnslb_agent.node import Node
node = Node(*json.load(sys.stdin))
live = reader.read(node.current_link)
print(json.dumps({each.key: each.text for each in mobility.for_release(live).metrics(node)}))`;
  fails("haproxy");
  await told("told 3 0");
  await until(() => JSON.parse(readFileSync(join(node.run, "private/announcer.json"), "utf8")).taken === true);
  expect(python(program, [node.state, node.run])).toEqual({
    dns_lb_announced_addresses: "0",
    dns_lb_announcement_cost: "3",
    dns_lb_announcement_failures_cost: "3",
    dns_lb_announcement_withdrawn: "0",
    dns_lb_announcement_graceful_shutdown: "0",
    dns_lb_announcement_damped: "0",
    dns_lb_announcement_taken: "1",
    dns_lb_announcement_changes_total: "2",
    dns_lb_announcement_watch_stale: "0",
    dns_lb_announcement_others_serve: "0",
    "dns_lb_bgp_session_up/router1": "1",
    "dns_lb_bgp_announced_addresses/router1": "1",
    "dns_lb_bfd_session_up/router1": "1",
  });
});

test("a node that no router has says to others that it announces nothing", async () => {
  await announcing();
  const socket = createSocket({ type: "udp4" });
  const said: boolean[] = [];
  socket.on("message", (data) => {
    const word = JSON.parse(data.toString());
    if ("announces" in word) said.push(word.announces);
  });
  await new Promise<void>((resolve) => socket.bind(5_398, PEER, resolve));
  const question = JSON.stringify({ v: 1, nonce: "0".repeat(32) }).padEnd(512);
  const asking = setInterval(() => socket.send(question, 5_398, OWN), 50);
  try {
    await until(() => said.at(-1) === true);
    mode("down");
    await until(() => said.at(-1) === false);
  } finally {
    clearInterval(asking);
    socket.close();
  }
});

test("the password of a session is nobody's but the daemon's own user", async () => {
  const secret = { kind: "service", service: "bird", path: "bird/router1.conf", secret: "secrets/router1" } as const;
  const compose = [{ ...secret, settings: { define: "PASSWORD_1" } }];
  const release = releaseOf({ user: "nobody", services: [{ ...BIRD, user: ME }], compose });
  const files = { "bird/bird.conf": "", "secrets/router1": "hidden\n" };
  expect(await node.agent("apply", node.bundle(release, files), "--timeout", "1")).toMatchObject({ status: 0 });
  const modes = ["bird/bird.conf", secret.path, secret.secret].map((path) =>
    (statSync(join(node.state, "current", path)).mode & 0o777).toString(8),
  );
  expect(modes).toEqual(["640", "600", "600"]);
  expect(readFileSync(join(node.state, "current", secret.path), "utf8")).toBe('define PASSWORD_1 = "hidden";\n');
});

const python = (program: string, input: unknown) =>
  JSON.parse(
    execFileSync("/usr/bin/python3", ["-B", "-c", program], {
      ...{ cwd: dirname(AGENT), encoding: "utf8", input: JSON.stringify(input) },
    }),
  );

test.each<[string, string, string]>([
  ["is written", "correct horse $(x) \\ ; '", 'define PASSWORD_1 = "correct horse $(x) \\ ; \'";\n'],
  ["has 80 bytes", "a".repeat(80), `define PASSWORD_1 = "${"a".repeat(80)}";\n`],
  ["has 81 bytes", "a".repeat(81), "fails: secrets/p: a password of BGP must have 1 to 80 bytes, got 81"],
  ["has 82 bytes as 41 letters", "ä".repeat(41), "fails: secrets/p: a password of BGP must have 1 to 80 bytes, got 82"],
  [
    "has a quotation mark",
    'a"; define X = 1; #',
    "fails: secrets/p: a password of BGP must not contain a quotation mark",
  ],
  ["has a line break", "a\nb", "fails: secrets/p: a password of BGP must not contain control characters"],
])("a password that %s", (_, secret, expected) => {
  const program = `
import json, sys
from dnslb_agent.daemons.bird import Bird
from dnslb_agent.errors import Failure
from dnslb_agent.manifest import ServiceFile
file = ServiceFile("service", "bird", "bird/router1.conf", "secrets/p", {"define": "PASSWORD_1"})
try:
    print(json.dumps(Bird().render_file(file, json.load(sys.stdin))))
except Failure as failure:
    print(json.dumps(f"fails: {failure}"))`;
  expect(python(program, secret)).toBe(expected);
});
