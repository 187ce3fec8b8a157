import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CloudInit } from "../../lib/index.js";
import type { FlowReport } from "../e2e/drill/flows.js";
import { until } from "../e2e/run.js";
import { removeAbandoned } from "../e2e/temporary.js";
import type { Workspace } from "../e2e/workspace.js";
import type { KnownMachine } from "./app-hosts.js";
import { bootReport } from "./boot-report.js";
import { WHOAMI } from "./dns-server.js";
import { type Guest, prepareGuests } from "./guest.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { Site } from "./site.js";
import { timed } from "./times.js";
import { lostOf, TLS_NAME, traffic, VIRTUAL } from "./traffic.js";

/** Queries in a second, each way: a processor that is computed has little to spare. */
const RATE = 5;
/** How long clients wait: such a processor takes a while for a TLS handshake. */
const PATIENCE = "5s";
const SERVERS = ["10.0.0.10", "10.0.0.11"];
/** Milliseconds: three adverts, and what a slow processor adds. */
const TAKEOVER = 6_000;
/** The share of queries that a reboot may cost: what was under way to a processor that has to end all else meanwhile. */
const REBOOT = 0.02;
/** Seconds. */
const READY = 60;
const NODE_UNITS = ["dns-lb-agent", "dns-lb-watch", "dns-lb-drain"];
const PAIR_UNITS = [...NODE_UNITS, "dns-lb-haproxy", "dns-lb-dnsdist", "dns-lb-keepalived"];
/** What no unit of ours may say in a boot; that a check fails until its daemon runs is none. */
const FAULT = /traceback|permission|not permitted|read-only file|cannot|failed with result|status=[1-9]/i;
const RELEASE = { trixie: 13, bookworm: 12 } as const;

let site: Site;
let workspace: Workspace;
let guests: readonly Guest[] = [];

function guest(name: string): Guest {
  const found = guests.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no guest ${name}`);
  return found;
}

async function cdktf(command: "deploy" | "destroy", app: string, more: Readonly<Record<string, string>>) {
  const machines = guests.map(
    ({ name, id, addresses: [address, address6], hostKey, plan }): KnownMachine => ({
      ...{ name, id, address, address6, debian: RELEASE[plan.suite], hostKey: hostKey.known, certified: false },
    }),
  );
  const words = [command, "*", "--auto-approve", "--skip-provider-lock"];
  const environment = { MACHINES: JSON.stringify(machines), KEY: site.keys.client, TIMEOUT: "60s", ...more };
  const { code, stdout, stderr } = await workspace.cdktf(`test/hosts/${app}`, words, environment);
  expect(code, stdout + stderr).toBe(0);
  return stdout + stderr;
}

const pair = (command: "deploy" | "destroy") =>
  cdktf(command, "pair-app.ts", {
    SERVERS: SERVERS.join(","),
    CERTIFICATE: `${workspace.directory}/dot.pem`,
    PASSWORD: `${workspace.directory}/password`,
    END: "stop",
  });

async function leader(): Promise<Guest> {
  let found: readonly Guest[] = [];
  await until("one leader", 60, async () => {
    const all = guests.filter(({ runs }) => runs);
    const shown = await Promise.all(all.map((each) => each.ssh(["ip", "-o", "address", "show", "dev", "eth0"])));
    found = all.filter((_, index) => shown[index]?.stdout.includes(` ${VIRTUAL}/`));
    return found.length === 1;
  });
  return found[0] as Guest;
}

const otherThan = (one: Guest) => guest(one.name === "lb1" ? "lb2" : "lb1");

const asking = (meanwhile: () => Promise<unknown>) =>
  traffic(site.client(101), meanwhile, { rate: RATE, timeout: PATIENCE });

/** Queries without an answer, and with one that is none of the resolvers'. */
const lost = (reports: readonly FlowReport[]) => lostOf(reports) + reports.reduce((sum, { wrong }) => sum + wrong, 0);

/** Waits until the node serves by itself. */
async function ready(node: Guest): Promise<void> {
  await timed(`${node.name} is ready after SSH`, () =>
    until(`${node.name} to be ready`, READY, async () => {
      const { code } = await node.exec(["dns-lb-agent", "ready", "--timeout", "10"]);
      return code === 0;
    }),
  );
}

/** What every boot of a node must be like. */
async function expectGoodBoot(node: Guest, units: readonly string[]): Promise<void> {
  const report = await bootReport(node);
  const at = (name: string) => report.starts.get(name) ?? { began: Number.NaN, done: Number.NaN };
  for (const name of units) {
    expect(at(name).began, `${name} after recover`).toBeGreaterThanOrEqual(at("dns-lb-recover").done);
    expect(at(name).began, `${name} after sysctls`).toBeGreaterThanOrEqual(at("systemd-sysctl").done);
    expect(at(name).began, `${name} after the network`).toBeGreaterThanOrEqual(at("network.target").done);
  }
  if (units.includes("dns-lb-keepalived")) {
    expect(at("dns-lb-keepalived").began).toBeGreaterThanOrEqual(at("network-online.target").done);
    expect(report.sysctls).toBe("1\n2");
  }
  expect(report.failed).toBe("");
  expect(report.complaints).toEqual([]);
  expect(report.said.filter((line) => FAULT.test(line))).toEqual([]);
  for (const [name, { began, done }] of report.starts)
    console.log(`${node.name}: ${name} ${began / 1e6} ${done / 1e6}`);
}

beforeAll(() => timed("QEMU and the images of guests", prepareGuests), 900_000);

describe("two guests with kernels of their own", () => {
  beforeAll(async () => {
    site = await Site.open({
      machines: [],
      servers: SERVERS.map((_, index) => ({ name: `resolver${index + 1}`, number: 10 + index, role: "resolver" })),
      favoured: true,
    });
    const plans = [
      { name: "lb1", suite: "trixie", number: 2 },
      { name: "lb2", suite: "bookworm", number: 3 },
    ] as const;
    const userData = CloudInit.userData();
    guests = await timed("two guests, off", () =>
      Promise.all(plans.map((plan) => site.addGuest({ ...plan, userData }))),
    );
    await timed("both guests from power on to SSH", () => Promise.all(guests.map((each) => each.start())));
    await timed("their packages, by cloud-init", () => Promise.all(guests.map((each) => each.untilSetUp())));
    workspace = site.workspace();
    workspace.write("password", randomBytes(18).toString("hex"));
    workspace.write("dot.pem", (await site.authority.issue([TLS_NAME])).pem);
  }, 900_000);

  afterAll(async () => {
    workspace?.remove();
    await site?.close();
    expect(leftovers(site.directory)).toEqual(NOTHING);
  });

  test("have what their user data says: packages, and none of their daemons", async () => {
    for (const each of guests) {
      const names = ["haproxy", "dnsdist", "keepalived"];
      const { stdout } = await each.exec(["systemctl", "is-enabled", ...names]);
      expect(stdout).toBe("masked\n".repeat(names.length));
      await each.mustExec(["dpkg-query", "-W", ...names, "nftables"]);
      expect((await each.mustExec(["cat", "/sys/module/apparmor/parameters/enabled"])).stdout).toBe("Y\n");
    }
  });

  test("become a pair, which answers all ways", async () => {
    const said = await timed("a pair on two guests", () => pair("deploy"));
    expect(said).toContain("(remote-exec): ready ");
    expect(lost(await asking(async () => {}))).toBe(0);
  }, 400_000);

  test("keep or move their addresses when systemd-networkd is restarted", async () => {
    const one = await leader();
    const reports = await asking(async () => {
      await one.mustExec(["systemctl", "restart", "systemd-networkd"]);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      await one.mustExec(["netplan", "apply"]);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
    });
    console.log(`${one.name} led, now ${(await leader()).name}`);
    // For each of the two, a connection that is being made while its address goes.
    expect(lost(reports)).toBeLessThanOrEqual(2);
  });

  test("hand addresses over for a reboot, and serve again without a deployment", async () => {
    for (const each of guests) await ready(each);
    const one = await leader();
    const reports = await asking(() => timed(`${one.name} from reboot to SSH`, () => one.reboot()));
    const sent = reports.reduce((sum, report) => sum + report.sent, 0);
    expect(lost(reports)).toBeLessThanOrEqual(REBOOT * sent);
    await ready(one);
    await expectGoodBoot(one, PAIR_UNITS);
    await leader();
  }, 400_000);

  test("take over when the leader loses its power, which serves again when it is back", async () => {
    for (const each of guests) await ready(each);
    const one = await leader();
    const reports = await asking(async () => {
      await one.kill();
      await new Promise((resolve) => setTimeout(resolve, 8_000));
    });
    for (const { way, longestGap } of reports) expect(longestGap, way).toBeLessThan(TAKEOVER);
    expect(await leader()).toBe(otherThan(one));
    const back = await asking(() => timed(`${one.name} from power on to SSH`, () => one.start()));
    expect(lost(back)).toBe(0);
    await ready(one);
    await expectGoodBoot(one, PAIR_UNITS);
  }, 400_000);

  test("are left as they were, when the pair is destroyed", async () => {
    await timed("a pair destroyed", () => pair("destroy"));
    for (const each of guests) {
      const { stdout } = await each.mustExec(["systemctl", "list-units", "--all", "--no-legend", "dns-lb-*"]);
      expect(stdout).toBe("");
      expect((await each.mustExec(["sysctl", "-n", "net.ipv4.conf.all.arp_ignore"])).stdout).toBe("0\n");
    }
  });

  test("are resolvers under AppArmor, also after a reboot", async () => {
    const deploy = (answer: string) => cdktf("deploy", "resolvers-app.ts", { ANSWER: answer });
    const answers = async (answer: string) => {
      for (const { name, address } of guests) {
        const { answers: given } = await site
          .client(101)
          .query(WHOAMI.resolver, "TXT", { server: address, timeout: "5s" });
        expect(given.join()).toContain(`${answer} ${name}`);
      }
    };
    await timed("a resolver on each guest", () => deploy("first"));
    await answers("first");
    await timed("another release for both", () => deploy("second"));
    await answers("second");
    for (const each of guests) {
      const { stdout } = await each.mustExec(["sh", "-c", "cat /proc/$(pidof unbound)/attr/current"]);
      expect(stdout).toMatch(/unbound \(enforce\)/);
    }
    await timed("both rebooted", () => Promise.all(guests.map((each) => each.reboot())));
    for (const each of guests) {
      await ready(each);
      await expectGoodBoot(each, [...NODE_UNITS, "dns-lb-unbound"]);
    }
    await answers("second");
  }, 600_000);
});

test("nothing is left of a guest whose site was aborted", async () => {
  const tsx = join(__dirname, "..", "..", "node_modules", "tsx", "dist", "loader.mjs");
  const child = spawn(process.execPath, ["--import", tsx, join(__dirname, "stay.ts"), "guest"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until("the other site", 60, () => said.includes("\n"));
    const directory = said.trim();
    expect(leftovers(directory).inGroups.length).toBeGreaterThan(0);
    child.kill("SIGKILL");
    await until("its end", 10, () => child.exitCode !== null || child.signalCode !== null);
    removeAbandoned();
    await expect.poll(() => leftovers(directory)).toEqual(NOTHING);
  } finally {
    child.kill("SIGKILL");
  }
});
