import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { printBird } from "../../../lib/config/bird/index.js";
import type { Bgp } from "../../../lib/model/bgp.js";
import type { BgpAddresses, Manifest, WatchCheck } from "../../../lib/model/manifest.js";
import { compileBird } from "../../../lib/node/compile/bird.js";
import { AGENT, FakeNode, manifest, service } from "../../node/agent/fake-node.js";
import { type Generation, onBothGenerations } from "../generations.js";

/* An announcer, its BIRD and a router, each in a network namespace; the watch is the test. */

const NODE = { ipv4: "10.96.0.11", ipv6: "2001:db8:96::11" };
const ROUTER = { ipv4: "10.96.0.1", ipv6: "2001:db8:96::1" };
const SERVICE = { ipv4: "203.0.113.53", ipv6: "2001:db8:113::53" };
const ASN = 64_512;
const PASSWORD = "s3cret with spaces \\ and # marks";

const GROUP: Bgp = {
  asn: ASN,
  members: [
    {
      node: "a",
      communities: ["64500:310"],
      neighbors: [
        {
          ...{ address: ROUTER.ipv4, asn: 64_500, bfd: { interval: "100ms", multiplier: 3 } },
          password: { kind: "node-file", path: "/unused" },
        },
        { address: ROUTER.ipv6, asn: 64_500 },
      ],
    },
  ],
  defaultRoute: "static",
  whenSick: { daemon: "withdraw", pool: "prepend" },
};

/** A router: TCP MD5 on IPv4, BFD where the node wants it, and no time without a session after an error. */
const ROUTER_CONF = `
log stderr all;
router id ${ROUTER.ipv4};
protocol device {}
protocol bfd {}
template bgp nodes { error wait time 1, 2; connect delay time 1; connect retry time 1; ttl security on; }
protocol bgp node4 from nodes {
  local ${ROUTER.ipv4} as 64500;
  neighbor ${NODE.ipv4} as ${ASN};
  password "${PASSWORD}";
  bfd { min rx interval 100 ms; min tx interval 100 ms; multiplier 3; };
  ipv4 { import all; export none; };
}
protocol bgp node6 from nodes {
  local ${ROUTER.ipv6} as 64500;
  neighbor ${NODE.ipv6} as ${ASN};
  ipv6 { import all; export none; };
}
`;

const command = (...words: string[]) =>
  execFileSync(words[0] ?? "", words.slice(1), { encoding: "utf8", stdio: "pipe" });

/** BIRD of another release of Debian, with the libraries of that one. */
function program(root: string | undefined): string {
  if (root === undefined) return '#!/bin/sh\nexec /usr/sbin/bird "$@"\n';
  const libraries = `${root}/usr/lib/x86_64-linux-gnu`;
  return `#!/bin/sh\nexec ${root}/lib64/ld-linux-x86-64.so.2 --library-path ${libraries} ${root}/usr/sbin/bird "$@"\n`;
}

/** A node and its router. */
class Announced {
  readonly node: FakeNode;
  private readonly names = ["n", "r"].map((each) => `announcer-${process.pid}-${each}`);
  private readonly beats: NodeJS.Timeout;
  private router: ChildProcess | undefined;

  constructor(private readonly root: string | undefined) {
    const [own = "", router = ""] = this.names;
    command("ip", "netns", "add", own);
    command("ip", "netns", "add", router);
    command("ip", "link", "add", "eth0", "netns", own, "type", "veth", "peer", "name", "eth0", "netns", router);
    for (const [name, { ipv4, ipv6 }] of [
      [own, NODE],
      [router, ROUTER],
    ] as const) {
      for (const link of ["lo", "eth0"]) command("ip", "-n", name, "link", "set", link, "up");
      command("ip", "-n", name, "addr", "add", `${ipv4}/24`, "dev", "eth0");
      command("ip", "-n", name, "addr", "add", `${ipv6}/64`, "dev", "eth0", "nodad");
    }
    command("ip", "-n", own, "addr", "add", `${SERVICE.ipv4}/32`, "dev", "lo");
    command("ip", "-n", own, "addr", "add", `${SERVICE.ipv6}/128`, "dev", "lo");
    // The node's own folder is known when it is there, and the program that enters the namespace stands in it.
    this.node = new FakeNode(AGENT);
    // As a platform sets them, before an address of others is on lo.
    command(
      "ip",
      "netns",
      "exec",
      own,
      "sysctl",
      "-q",
      "net.ipv4.conf.all.arp_ignore=1",
      "net.ipv4.conf.all.arp_announce=2",
    );
    this.node.program("ip", '#!/bin/sh\nexec /usr/sbin/ip "$@"\n');
    this.node.program("agent", `#!/bin/sh\nexec ip netns exec ${own} ${AGENT} "$@"\n`);
    this.node.program("bird", program(root));
    mkdirSync(this.node.run, { mode: 0o750 });
    for (const check of ["dnsdist", "pool-a"]) this.fails(check, false);
    const beat = () =>
      writeFileSync(join(this.node.run, "watch"), readFileSync("/proc/uptime", "utf8").split(".")[0] ?? "");
    beat();
    this.beats = setInterval(beat, 200);
    this.startRouter();
  }

  startRouter(): void {
    const conf = join(this.node.dir, "router.conf");
    writeFileSync(conf, ROUTER_CONF);
    const words = ["bird", "-f", "-c", conf, "-s", this.socket, "-P", join(this.node.dir, "router.pid")];
    this.router = spawn("ip", ["netns", "exec", this.names[1] ?? "", ...words], { stdio: "ignore" });
  }

  /** Runs the agent in the namespace of the node. */
  agent(...words: string[]) {
    return this.node.startProgram(join(this.node.dir, "bin/agent"), words).outcome;
  }

  supervise(): void {
    const words = ["--state", this.node.state, "--run", this.node.run, "run", "bird"];
    const loop = 'while :; do "$@"; sleep 0.2; done';
    const start = `export PATH=${this.node.dir}/bin:$PATH; ${loop}`;
    this.node.background("bash", "-c", start, "supervisor", join(this.node.dir, "bin/agent"), ...words);
  }

  fails(check: string, failing = true): void {
    writeFileSync(join(this.node.run, `check-${check}`), failing ? "1\n" : "0\n");
  }

  apply(password = PASSWORD, note = ""): ReturnType<FakeNode["agent"]> {
    const { node } = this;
    const costFile = join(node.run, "private/announcement.conf");
    const addresses = Object.values(SERVICE);
    const work = {
      bgp: GROUP,
      node: { name: "a", addresses: Object.values(NODE), interface: "eth0" },
      addresses,
      costFile,
    };
    const conf = printBird(compileBird({ ...work, namesAuthentication: this.root !== undefined }));
    const files = { "bird/bird.conf": `${conf}# ${note}\n`, "secrets/bird-router1": `${password}\n` };
    return this.agent("apply", node.bundle(releaseOf(), files), "--timeout", "5");
  }

  /** How long the path of the node is for the router, and its communities; undefined if it is not announced. */
  seen(family: keyof typeof SERVICE): { readonly length: number; readonly communities: string } | undefined {
    const prefix = family === "ipv4" ? `${SERVICE.ipv4}/32` : `${SERVICE.ipv6}/128`;
    let text: string;
    try {
      text = command("birdc", "-s", this.socket, `show route for ${prefix} all`);
    } catch {
      return undefined;
    }
    const path = /BGP\.as_path: (.*)/.exec(text)?.[1];
    if (path === undefined) return undefined;
    return { length: path.trim().split(" ").length, communities: /BGP\.community: (.*)/.exec(text)?.[1]?.trim() ?? "" };
  }

  /** Waits until the router sees the node so, by both families; returns the milliseconds. */
  async sees(length: number | undefined, communities = "", limit = 15_000): Promise<number> {
    const begun = Date.now();
    for (;;) {
      const found = (["ipv4", "ipv6"] as const).map((family) => this.seen(family));
      if (found.every((each) => each?.length === length && (each?.communities ?? "").includes(communities))) {
        return Date.now() - begun;
      }
      if (Date.now() - begun > limit) throw new Error(`the router sees ${JSON.stringify(found)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  child(): number {
    return Number(readFileSync(join(this.node.run, "private/bird.pid"), "utf8"));
  }

  close(): void {
    clearInterval(this.beats);
    this.node.close();
    this.router?.kill("SIGKILL");
    for (const name of this.names) {
      for (const pid of command("ip", "netns", "pids", name).split("\n").filter(Boolean)) {
        process.kill(Number(pid), "SIGKILL");
      }
      command("ip", "netns", "del", name);
    }
  }

  private get socket(): string {
    return join(this.node.dir, "router.ctl");
  }
}

const ask = {
  kind: "dns",
  service: "dnsdist",
  port: 9,
  name: "a.",
  address: "127.0.0.1",
  proxyProtocol: false,
} as const;
const CHECKS: WatchCheck[] = [
  { kind: "daemon", name: "dnsdist", check: ask },
  { kind: "pool", name: "pool-a", alive: ask, peers: [], compared: false, proof: "00".repeat(17), patience: 100 },
];

function releaseOf(): Manifest {
  const mobility: BgpAddresses = {
    ...{ kind: "bgp", service: "bird", addresses: Object.values(SERVICE) },
    sessions: [
      { name: "router1", neighbor: ROUTER.ipv4, asn: 64_500, bfd: true, families: ["ipv4"] },
      { name: "router2", neighbor: ROUTER.ipv6, asn: 64_500, bfd: false, families: ["ipv6"] },
    ],
    ...{ peers: [{ name: "b", address: "10.96.0.12" }], words: { address: NODE.ipv4, port: 5_353 } },
    announcement: {
      checks: [
        { name: "dnsdist", cost: 4, whenFailing: "withdraw" },
        { name: "pool-a", cost: 2, whenFailing: "prepend" },
      ],
      ...{ staleCost: 1, staleAfter: 3_000, hold: 500, moves: 99, damping: 60_000, grace: 4_100 },
    },
  };
  const bird = service({
    ...{ name: "bird", user: "root", reload: [], check: ["bird", "-p", "-c", "{release}/bird/bird.conf"] },
    command: [
      ...["bird", "-f", "-c", "{state}/current/bird/bird.conf"],
      ...["-s", "{run}/private/bird.ctl", "-P", "{run}/private/bird.pid"],
    ],
    settings: {
      ...{ control: "{run}/private/bird.ctl", pid: "{run}/private/bird.pid" },
      announcement: "{run}/private/announcement.conf",
    },
  });
  return manifest({
    ...{ user: "root", services: [bird], mobility },
    compose: [
      {
        ...{ kind: "service", service: "bird", path: "bird/router1.conf", secret: "secrets/bird-router1" },
        settings: { define: "PASSWORD_1" },
      },
    ],
    watch: { interval: 200, timeout: 200, fall: 2, rise: 2, checks: CHECKS },
  });
}

onBothGenerations(announcerWithBird, { ownIfShort: true });

function announcerWithBird({ options: { root } }: Generation): void {
  let it: Announced;
  beforeAll(() => {
    it = new Announced(root);
  });
  afterAll(() => it?.close());

  test("announces the addresses of both families, with sessions that have a password and BFD", async () => {
    it.supervise();
    expect(await it.apply()).toMatchObject({ status: 0 });
    await it.sees(1, `(64500,310) (${ASN},0)`);
    const { stdout } = await it.agent("status", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      addresses: Object.values(SERVICE),
      announcement: { kind: "announce", cost: 0, taken: true },
      bgp: {
        sessions: [
          {
            name: "router1",
            neighbor: ROUTER.ipv4,
            asn: 64_500,
            state: "Established",
            bfd: "Up",
            announced: 1,
            error: null,
          },
          {
            name: "router2",
            neighbor: ROUTER.ipv6,
            asn: 64_500,
            state: "Established",
            bfd: null,
            announced: 1,
            error: null,
          },
        ],
      },
    });
    expect((await it.agent("ready")).status).toBe(0);
  });

  test("makes the path longer by what fails, and takes it back", async () => {
    it.fails("dnsdist");
    await it.sees(5, `(${ASN},4)`);
    it.fails("dnsdist", false);
    await it.sees(1);
  });

  test("takes a release while all sessions stay", async () => {
    const since = async () =>
      JSON.parse((await it.agent("status", "--json")).stdout).bgp.sessions.map((each: { since: string }) => each.since);
    const [before, daemon] = [await since(), it.child()];
    expect(await it.apply(PASSWORD, "another")).toMatchObject({ status: 0 });
    expect([await since(), it.child()]).toEqual([before, daemon]);
    expect(it.seen("ipv4")?.length).toBe(1);
  });

  test("goes back from a release by which a router does not have the node again", async () => {
    const before = it.node.current();
    const outcome = await it.apply("another password");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(`routers that had the node do not have it again: ${ROUTER.ipv4} is in state`);
    expect(outcome.stdout + outcome.stderr).not.toContain("another password");
    expect(it.node.current()).toBe(before);
    await it.sees(1);
  }, 120_000);

  test("asks the router to leave it, and withdraws, in a drain", async () => {
    const drained = it.agent("drain", "--force");
    await it.sees(1, "(65535,0)");
    expect(await drained).toMatchObject({ status: 0, stdout: "node drained\n" });
    expect([it.seen("ipv4"), it.seen("ipv6")]).toEqual([undefined, undefined]);
    await it.agent("undrain");
    await it.sees(1);
  });

  test("is left at once when the announcer or its BIRD is killed, and returns", async () => {
    for (const pid of [() => it.node.pid("bird") ?? 0, () => it.child()]) {
      process.kill(pid(), "SIGKILL");
      expect(await it.sees(undefined)).toBeLessThan(1_500);
      await it.sees(1);
    }
  });

  test("ends a BIRD that stands still", async () => {
    const daemon = it.child();
    process.kill(daemon, "SIGSTOP");
    await it.sees(undefined);
    await it.sees(1, "", 40_000);
    expect(it.child()).not.toBe(daemon);
  }, 90_000);
}
