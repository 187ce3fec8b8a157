import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endTraffic, type Flow, type FlowReport, startFlow, WAYS } from "../e2e/drill/flows.js";
import { type RunResult, until } from "../e2e/run.js";
import type { Workspace } from "../e2e/workspace.js";
import { WHOAMI } from "./dns-server.js";
import type { KnownMachine } from "./pair-app.js";
import { Site } from "./site.js";
import { timed } from "./times.js";

const TLS_NAME = "dns.example.com";
const VIRTUAL = "10.0.0.53";
const PASSWORD = randomBytes(18).toString("hex");
const RELEASE = { lb1: 13, lb2: 12 } as const;
const SERVERS = ["10.0.0.10", "10.0.0.11", "10.0.0.12"];
/** Queries in a second, each way. */
const RATE = 80;
/* Milliseconds. */
const TAKEOVER = 1_500;

let site: Site;
let workspace: Workspace;
let servers = SERVERS.slice(0, 2);

beforeAll(async () => {
  site = await Site.open({
    machines: [
      { name: "lb1", suite: "trixie", number: 2 },
      { name: "lb2", suite: "bookworm", number: 3, certified: true },
    ],
    servers: SERVERS.map((_, index) => ({ name: `resolver${index + 1}`, number: 10 + index, role: "resolver" })),
    favoured: true,
  });
  await site.start();
  workspace = site.workspace();
  workspace.write("password", PASSWORD);
  await renewCertificate();
});

afterAll(async () => {
  workspace?.remove();
  await site?.close();
});

async function renewCertificate(): Promise<void> {
  workspace.write("dot.pem", (await site.authority.issue([TLS_NAME])).pem);
}

function known(): readonly KnownMachine[] {
  return site.machines.map((machine) => {
    const certified = machine.identity.hostKey.certificate !== undefined;
    const hostKey = certified ? site.keys.authority : machine.identity.hostKey.known;
    const { name, id, address, address6 } = machine;
    return { name, id, address, address6, certified, hostKey, debian: RELEASE[name as keyof typeof RELEASE] };
  });
}

async function cdktf(command: "deploy" | "destroy", more: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  const words = [command, "*", "--auto-approve", "--skip-provider-lock"];
  return workspace.cdktf("test/hosts/pair-app.ts", words, {
    MACHINES: JSON.stringify(known()),
    KEY: site.keys.client,
    SERVERS: servers.join(","),
    CERTIFICATE: join(workspace.directory, "dot.pem"),
    PASSWORD: join(workspace.directory, "password"),
    ...more,
  });
}

async function deployed(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await cdktf("deploy", more);
  expect(code, stdout + stderr).toBe(0);
  return stdout + stderr;
}

const agent = (name: string, ...words: readonly string[]) => site.machine(name).exec(["dns-lb-agent", ...words]);

async function leader(): Promise<string> {
  let found: readonly string[] = [];
  await until("one leader", 20, async () => {
    const holders = await Promise.all(
      site.machines
        .filter(({ runs }) => runs)
        .map(async (machine) => {
          const { stdout } = await machine.exec(["ip", "-o", "address", "show", "dev", "eth0"]);
          return stdout.includes(` ${VIRTUAL}/`) ? [machine.name] : [];
        }),
    );
    found = holders.flat();
    return found.length === 1;
  });
  return found[0] ?? "";
}

const otherThan = (name: string) => (name === "lb1" ? "lb2" : "lb1");

/** Asks all ways while something is done, and some time before and after. */
async function traffic(meanwhile: () => Promise<unknown>): Promise<readonly FlowReport[]> {
  const flows: Flow[] = [];
  const plan = { server: VIRTUAL, question: WHOAMI.resolver, answers: "resolver", rate: RATE, tlsName: TLS_NAME };
  for (const way of WAYS) flows.push(await startFlow(site.client(101), { name: way, way, retry: true, ...plan }));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await meanwhile();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const reports = await endTraffic(flows);
  for (const { way, sent, lost, wrong, longestGap } of reports) {
    console.log(`${way}: ${lost} of ${sent} lost, ${wrong} wrong, longest gap ${longestGap} ms`);
  }
  return reports;
}

const nothingLost = (reports: readonly FlowReport[]) =>
  expect(reports.map(({ way, lost, wrong }) => ({ way, lost, wrong }))).toEqual(
    WAYS.map((way) => ({ way, lost: 0, wrong: 0 })),
  );

/** What was made of Terraform's resources by an apply. */
const UNCHANGED = "No changes. Your infrastructure matches the configuration.";

test("two bare machines become a pair, which answers all ways", async () => {
  const said = await timed("a pair on two bare machines", () => deployed());
  expect(said).toContain("(remote-exec): ready ");
  nothingLost(await traffic(async () => {}));
}, 300_000);

test("a second deployment changes nothing", async () => {
  expect(await timed("a deployment without changes", () => deployed())).toContain(UNCHANGED);
});

test("no secret is in the plan, the state, what is said, or in a file that everybody may read", async () => {
  const { stdout: state } = await workspace.terraform("-chdir=cdktf.out/stacks/dns", "show", "-json");
  const secrets = [
    PASSWORD,
    /-----BEGIN[^-]*PRIVATE KEY-----\n(.{40})/.exec(readFileSync(join(workspace.directory, "dot.pem"), "utf8"))?.[1] ??
      "none",
  ];
  for (const secret of secrets) expect(state).not.toContain(secret);
  for (const machine of site.machines) {
    const search = `find / -xdev -type f -perm -o+r -not -path '/proc/*' -exec grep -lF -- "$1" {} + ; find /run /tmp /home -type f -exec grep -lF -- "$1" {} +`;
    for (const secret of secrets) {
      const { stdout } = await machine.exec(["sh", "-c", search, "sh", secret]);
      expect(stdout).toBe("");
    }
    const { stdout: journal } = await machine.exec(["journalctl", "--no-pager"]);
    for (const secret of secrets) expect(journal).not.toContain(secret);
  }
});

test("servers change under load, one being dead, without a lost query", async () => {
  await site.server("resolver2").kill();
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  servers = SERVERS;
  nothingLost(await traffic(() => timed("a server more", () => deployed())));
  await site.server("resolver2").start();
}, 180_000);

test("a certificate is renewed under load without a lost query", async () => {
  await renewCertificate();
  nothingLost(await traffic(() => timed("another certificate", () => deployed())));
});

test("a release that a node refuses fails in the agent's words, loses nothing, and does not reach the second node", async () => {
  const before = await Promise.all(["lb1", "lb2"].map(release));
  const holder = "import socket,time; s=socket.create_server(('',8853)); time.sleep(600)";
  await site.machine("lb1").mustExec(["systemd-run", "--quiet", "--unit=holder", "python3", "-c", holder]);
  nothingLost(
    await traffic(async () => {
      const started = performance.now();
      const { code, stdout, stderr } = await cdktf("deploy", { PORT: "8853" });
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain("cannot bind");
      expect(stdout + stderr).toContain("could not listen; nothing was changed");
      const seconds = (performance.now() - started) / 1000;
      console.log(`a release that is refused: ${seconds.toFixed(1)} s`);
      expect(seconds).toBeLessThan(15);
    }),
  );
  expect(await Promise.all(["lb1", "lb2"].map(release))).toEqual(before);
  await site.machine("lb1").mustExec(["systemctl", "stop", "holder"]);
  nothingLost(await traffic(() => timed("the next one, which is good", () => deployed())));
});

async function release(name: string): Promise<string> {
  return JSON.parse((await agent(name, "status", "--json")).stdout).release;
}

test("the addresses of a machine that is killed answer again in time", async () => {
  const name = await leader();
  const reports = await traffic(async () => {
    await site.machine(name).kill();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  });
  for (const { way, longestGap } of reports) expect(longestGap, way).toBeLessThan(TAKEOVER);
  expect(await leader()).toBe(otherThan(name));
});

test("a node out of service keeps nobody from changing the other, and is filled when it is back", async () => {
  const [away = ""] = site.machines.filter(({ runs }) => !runs).map((machine) => machine.name);
  servers = SERVERS.slice(1);
  await timed("a change while a node is off", () => deployed({ AWAY: away }));
  const machine = site.machine(away);
  await machine.rebuild();
  await machine.start();
  nothingLost(await traffic(() => timed("a machine that was rebuilt becomes a node again", () => deployed())));
  expect((await agent(away, "status")).stdout).toContain("failed checks: none");
}, 180_000);

test("a machine that is switched off hands its addresses over first, and serves soon when it is on again", async () => {
  const name = await leader();
  const reports = await traffic(() => timed("switched off", () => site.machine(name).stop()));
  expect(reports.reduce((sum, { lost }) => sum + lost, 0)).toBeLessThanOrEqual(2);
  await site.machine(name).start();
  const started = performance.now();
  await until("the node is ready", 20, async () => (await agent(name, "ready", "--timeout", "1")).code === 0);
  console.log(`ready ${((performance.now() - started) / 1000).toFixed(1)} s after SSH answered`);
  expect(await leader()).toBe(otherThan(name));
});

test("a pair that is destroyed stops, and leaves nothing of ours", async () => {
  await deployed({ END: "stop" });
  const { code, stdout, stderr } = await timed("destroyed", () => cdktf("destroy", { END: "stop" }));
  expect(code, stdout + stderr).toBe(0);
  for (const machine of site.machines) {
    const { stdout: units } = await machine.exec(["systemctl", "list-units", "--all", "--no-legend", "dns-lb-*"]);
    expect(units).toBe("");
    expect(
      (await machine.exec(["ls", "/usr/libexec/dns-lb", "/var/lib/dns-lb", "/etc/sysctl.d/60-dns-lb.conf"])).code,
    ).not.toBe(0);
  }
});
