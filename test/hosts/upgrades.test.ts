import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../e2e/run.js";
import { BundledPair } from "./bundled-pair.js";
import { PackageRepository } from "./package-repository.js";
import { Site } from "./site.js";
import { timed } from "./times.js";
import { lostByMove, TLS_NAME, traffic, VIRTUAL } from "./traffic.js";

const PASSWORD = randomBytes(18).toString("hex");
const RELEASE = { lb1: 13, lb2: 12 } as const;
const PAIR = ["lb1", "lb2"] as const;
const DAEMONS = ["haproxy", "dnsdist", "keepalived"] as const;
const SERVER = "10.0.0.10";

let site: Site;
let pair: BundledPair;
let repositories: Record<(typeof PAIR)[number], PackageRepository>;

beforeAll(async () => {
  site = await Site.open({
    machines: [
      { name: "lb1", suite: "trixie", number: 2 },
      { name: "lb2", suite: "bookworm", number: 3 },
    ],
    servers: [{ name: "resolver1", number: 10, role: "resolver" }],
    favoured: true,
  });
  await site.start();
  const certificate = (await site.authority.issue([TLS_NAME])).pem;
  pair = await timed("a pair", () =>
    BundledPair.create({
      ...{ directory: site.directory, machines: site.machines, debian: RELEASE, virtualAddress: VIRTUAL },
      ...{ servers: [SERVER], certificate, password: PASSWORD },
    }),
  );
  const [lb1, lb2] = await Promise.all(PAIR.map((name) => PackageRepository.create(site.machine(name))));
  if (lb1 === undefined || lb2 === undefined) throw new Error("there are two");
  repositories = { lb1, lb2 };
  await timed("packages", () => offered(1));
}, 300_000);

afterAll(async () => {
  await site?.close();
});

/** Offers both machines newer packages. */
async function offered(version: number): Promise<void> {
  await Promise.all(
    PAIR.map(async (name) => {
      for (const daemon of DAEMONS) await repositories[name].add(daemon, version);
    }),
  );
}

const agent = (name: string, ...words: readonly string[]) => site.machine(name).exec(["dns-lb-agent", ...words]);

async function upgraded(name: string, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await timed(`${name}: upgrade`, () => agent(name, "upgrade", ...words));
  expect(code, stdout + stderr).toBe(0);
  return stdout + stderr;
}

interface ServiceState {
  readonly name: string;
  readonly pid: number | null;
  readonly outdated: readonly string[] | null;
}

async function status(name: string) {
  return JSON.parse((await agent(name, "status", "--json")).stdout) as {
    readonly drained: boolean;
    readonly drainedBy: string | null;
    readonly failedChecks: readonly string[];
    readonly services: readonly ServiceState[];
  };
}

const processes = async (name: string) => (await status(name)).services.map(({ pid }) => pid);
const outdated = async (name: string) =>
  Object.fromEntries((await status(name)).services.map((each) => [each.name, each.outdated]));

async function versions(name: string): Promise<readonly string[]> {
  const words = ["dpkg-query", "-W", "-f", "${Version}\n", ...DAEMONS];
  return (await site.machine(name).mustExec(words)).stdout.trim().split("\n");
}

const NOTHING = { haproxy: [], dnsdist: [], keepalived: [], watch: [] };

/** What the node tells Prometheus, of which each value is the last word. */
async function metric(name: string): Promise<Record<string, string>> {
  const url = `http://${site.machine(name).address}:8404/metrics/node`;
  const script = `import base64, sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Authorization": "Basic " + base64.b64encode(sys.argv[2].encode()).decode()})
print(urllib.request.urlopen(request).read().decode())`;
  const { stdout } = await site.machine(name).mustExec(["python3", "-c", script, url, `ops:${PASSWORD}`]);
  const found = stdout.matchAll(/^dns_lb_restart_due\{service="(\w+)"\} (\S+)$/gm);
  return Object.fromEntries([...found].map(([, service = "", value = ""]) => [service, value]));
}

/** Expects no more to be lost than planned moves may cost while something is done. */
const underLoad = async (meanwhile: () => Promise<unknown>) => lostByMove(await traffic(site.client(101), meanwhile));

test.each(PAIR)(
  "what is installed on %s restarts no daemon of ours, and status and a metric say that a restart is due",
  async (name) => {
    const machine = site.machine(name);
    expect(await outdated(name)).toEqual(NOTHING);
    const before = await processes(name);
    const install = `apt-get -q update; apt-get -qy install ${DAEMONS.join(" ")}`;
    const { stdout } = await timed(`${name}: apt-get install`, () => machine.mustExec(["sh", "-ec", install]));
    // What its package would do.
    for (const daemon of DAEMONS)
      expect(stdout).toMatch(new RegExp(`^${daemon}[.]service is a disabled or a static unit`, "m"));
    expect(await versions(name)).toEqual(DAEMONS.map(() => expect.stringMatching(/\+v1$/)));
    expect(await processes(name)).toEqual(before);
    const replaced = { ...NOTHING, haproxy: ["haproxy"], dnsdist: ["dnsdist"], keepalived: ["keepalived"] };
    expect(await outdated(name)).toEqual(replaced);
    expect((await agent(name, "status")).stdout).toContain("RESTART DUE, older than installed: keepalived\n");
    // It looks once a minute, and when it starts.
    await machine.mustExec(["systemctl", "restart", "dns-lb-agent"]);
    const due = { haproxy: "1", dnsdist: "1", keepalived: "1", watch: "0" };
    await expect.poll(() => metric(name), { timeout: 15_000 }).toEqual(due);
  },
);

const CONFIGURATION = "/etc/needrestart/conf.d/dns-lb.conf";

test("needrestart, as unattended upgrades call it, leaves our daemons alone", async () => {
  const machine = site.machine("lb1");
  await machine.mustExec(["apt-get", "-qy", "--no-install-recommends", "install", "needrestart"]);
  const before = await processes("lb1");
  const deferred = async (mode: string) => {
    const { stdout } = await machine.exec(["needrestart", "-r", mode]);
    const [wanted = "", left = ""] = stdout.split("Service restarts being deferred:");
    return [wanted, left].map((part) => [...part.matchAll(/dns-lb-\w+/g)].map(([unit]) => unit).sort());
  };
  const ours = DAEMONS.map((name) => `dns-lb-${name}`).sort();
  expect(await deferred("a")).toEqual([[], ours]);
  expect(await processes("lb1")).toEqual(before);
  // Without our word it would.
  await machine.mustExec(["mv", CONFIGURATION, `${CONFIGURATION}.off`]);
  expect(await deferred("l")).toEqual([ours, []]);
  await machine.mustExec(["mv", `${CONFIGURATION}.off`, CONFIGURATION]);
});

test("an upgrade is refused while the other node does not serve", async () => {
  await site.machine("lb1").mustExec(["systemctl", "stop", "dns-lb-dnsdist"]);
  const before = await processes("lb2");
  const { code, stderr } = await timed("refused", () => agent("lb2", "upgrade"));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/the other node at 10\.0\.0\.2 does not serve: .*; nothing was changed; --force/),
  });
  expect(await processes("lb2")).toEqual(before);
  expect(await status("lb2")).toMatchObject({ drained: false });
  await site.machine("lb1").mustExec(["systemctl", "start", "dns-lb-dnsdist"]);
  await until("lb1 is ready", 20, async () => (await agent("lb1", "ready", "--timeout", "1")).code === 0);
  await until("its checks pass", 20, async () => (await status("lb1")).failedChecks.length === 0);
});

test("what was installed is restarted node by node, for the price of planned moves", async () => {
  await underLoad(async () => {
    // That of lb1 was started anew in the test before.
    expect(await upgraded("lb1")).toContain("restarted haproxy, keepalived");
    expect(await upgraded("lb2")).toContain("restarted haproxy, dnsdist, keepalived");
  });
  for (const name of PAIR) {
    expect(await outdated(name)).toEqual(NOTHING);
    expect(await metric(name)).toEqual({ haproxy: "0", dnsdist: "0", keepalived: "0", watch: "0" });
    expect(await status(name)).toMatchObject({ drained: false, failedChecks: [] });
  }
  expect(await upgraded("lb1")).toContain("nothing is newer, and no restart is due");
});

test("what a deployment with packages: upgrade runs installs and restarts node by node, for the price of planned moves", async () => {
  await offered(2);
  await underLoad(async () => {
    for (const name of PAIR) {
      const said = await timed(`${name}: bootstrap`, () => pair.bootstrap(site.machine(name), "--upgrade"));
      expect(said.code, said.stdout + said.stderr).toBe(0);
      expect(said.stdout).toMatch(/installs (\S+ \S+ -> \S+\+v2(, )?){3}\n/);
    }
  });
  for (const name of PAIR) {
    expect(await versions(name)).toEqual(DAEMONS.map(() => expect.stringMatching(/\+v2$/)));
    expect(await outdated(name)).toEqual(NOTHING);
    expect(await status(name)).toMatchObject({ drained: false, failedChecks: [] });
  }
});

const REFUSES = "#!/bin/sh\necho 'this haproxy takes nothing'\nexit 1\n";
const ENDS = "#!/bin/sh\ncase \"$*\" in *' -c '* | '-c '*) echo Configuration file is valid ;; *) exit 1 ;; esac\n";

test("a program that refuses the live release is not started, and the node serves on", async () => {
  const before = await processes("lb2");
  await repositories.lb2.add("haproxy", 3, REFUSES);
  await underLoad(async () => {
    const { code, stderr } = await agent("lb2", "upgrade");
    expect(code).toBe(1);
    expect(stderr).toContain("this haproxy takes nothing");
    expect(stderr).toContain("all daemons answer, and the node takes part as before");
  });
  expect(await processes("lb2")).toEqual(before);
  expect(await outdated("lb2")).toEqual({ ...NOTHING, haproxy: ["haproxy"] });
  expect(await status("lb2")).toMatchObject({ drained: false });
});

test("a node whose daemon does not come back stays drained until an operator undrains it", async () => {
  await repositories.lb2.add("haproxy", 4, ENDS);
  await underLoad(async () => {
    const { code, stderr } = await agent("lb2", "upgrade", "--timeout", "3");
    expect(code).toBe(1);
    expect(stderr).toContain("it stays drained; when it is ready again, say: dns-lb-agent undrain");
    // Not even a restart of what would end a drain of its own.
    await site.machine("lb2").mustExec(["systemctl", "restart", "dns-lb-agent"]);
  });
  expect(await status("lb2")).toMatchObject({ drained: true, drainedBy: "operator" });
  const { code, stderr } = await agent("lb1", "upgrade");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await repositories.lb2.add("haproxy", 5);
  await site.machine("lb2").mustExec(["sh", "-ec", "apt-get -q update; apt-get -qy install haproxy"]);
  await until("lb2 is ready", 20, async () => (await agent("lb2", "ready", "--timeout", "1")).code === 0);
  await underLoad(async () => expect((await agent("lb2", "undrain")).code).toBe(0));
});
