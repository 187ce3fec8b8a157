import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunResult, until } from "../e2e/run.js";
import { Deployment, otherThan, SERVERS, UNCHANGED } from "./deployment.js";
import type { Machine } from "./machine.js";
import { timed } from "./times.js";
import { lostByMove, lostOf, nothingLost, pause, sentOf } from "./traffic.js";

/** Seconds: from power on to ready. */
const BOOT = 10;
/** Seconds: Terraform waits two minutes for a host that does not answer any more. */
const CUT_OFF = 150;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open();
});

afterAll(async () => {
  await deployment?.close();
});

const first = () => deployment.site.machine("lb1");

/** Deploys, and does something as soon as a command line of the host matches. The seconds are those from then on. */
async function deployUntil(pattern: string, machine: Machine, action: () => Promise<unknown>): Promise<RunResult> {
  const deploying = deployment.cdktf("deploy");
  let done = false;
  void deploying.then(() => {
    done = true;
  });
  await until(`a process like ${pattern}`, 120, async () => {
    if (done) throw new Error(`the deployment was over before it: ${JSON.stringify(await deploying)}`);
    return (await machine.exec(["pgrep", "-f", pattern])).code === 0;
  });
  const acted = performance.now();
  await action();
  return { ...(await deploying), seconds: (performance.now() - acted) / 1000 };
}

/** Cuts the power of a machine, and switches it on again. */
async function cutPower(machine: Machine): Promise<void> {
  await machine.kill();
  await machine.start();
}

test("a host that loses its power while its packages are installed is made a node by the next deployment", async () => {
  const { code, stdout } = await timed("cut while packages are installed", () =>
    deployUntil("dpkg .*--unpack", first(), () => cutPower(first())),
  );
  expect(code, stdout).not.toBe(0);
  await timed("the next deployment", () => deployment.deploy());
  await deployment.settled();
  nothingLost(await deployment.traffic(async () => {}));
}, 300_000);

test("a host that loses its power while it takes a release is repaired by the next deployment", async () => {
  const before = await deployment.release("lb2");
  deployment.servers = SERVERS;
  const { code, stdout } = await timed("cut while a release is applied", () =>
    deployUntil("dns-lb-agent submit", first(), () => cutPower(first())),
  );
  expect(code, stdout).not.toBe(0);
  expect(await deployment.release("lb2")).toBe(before);
  await until(
    "lb1 is ready with what it had, or has",
    20,
    async () => (await deployment.agent("lb1", "ready")).code === 0,
  );
  nothingLost(await deployment.traffic(() => timed("the next deployment", () => deployment.deploy())));
  expect(await deployment.deploy()).toContain(UNCHANGED);
  await deployment.settled();
}, 300_000);

test("a host that loses its power while its daemons are restarted is repaired by the next deployment", async () => {
  deployment.upgrade("lib/platforms/host/files/hardening.conf");
  const { code, stdout } = await timed("cut while daemons are restarted", () =>
    deployUntil("dns-lb-agent drain", first(), () => cutPower(first())),
  );
  expect(code, stdout).not.toBe(0);
  lostByMove(await deployment.traffic(() => timed("the next deployment", () => deployment.deploy())));
  expect(await deployment.deploy()).toContain(UNCHANGED);
  await deployment.settled();
}, 300_000);

test("a host that is cut off while it takes a release fails the deployment in time, and not the other node", async () => {
  const before = await deployment.release("lb2");
  deployment.servers = SERVERS.slice(1);
  const { code, stdout, seconds } = await deployUntil("dns-lb-agent submit", first(), () => first().setCarrier(false));
  console.log(`the deployment fails ${seconds.toFixed(0)} s after the cut`);
  try {
    expect(code, stdout).not.toBe(0);
    expect(seconds).toBeLessThan(CUT_OFF);
    expect(await deployment.release("lb2")).toBe(before);
    nothingLost(await deployment.traffic(async () => {}));
  } finally {
    await first().setCarrier(true);
  }
  await deployment.settled();
  nothingLost(await deployment.traffic(() => timed("the next deployment", () => deployment.deploy())));
  await deployment.settled();
}, 300_000);

test.each([1, 2])(
  "each node hands over what it has when it is switched off, and serves soon when it is on again (%i)",
  async () => {
    const name = await deployment.leader();
    const machine = deployment.site.machine(name);
    const reports = await deployment.traffic(() => machine.stop(), { atLeast: 10_500 });
    const led = await deployment.leader();
    const started = performance.now();
    await machine.powerOn();
    await until(
      `${name} is ready`,
      BOOT,
      async () => (await deployment.agent(name, "ready", "--timeout", "1")).code === 0,
    );
    console.log(`${name}: ready ${((performance.now() - started) / 1000).toFixed(1)} s after power on`);
    await machine.untilReachable();
    await deployment.settled();
    // At the end, so that what comes after has both nodes in any case.
    expect(sentOf(reports)).toBeGreaterThan(4_000);
    expect(lostOf(reports)).toBeLessThanOrEqual(2);
    expect(led).toBe(otherThan(name));
  },
);

test("both nodes after a power cut serve again without a deployment", async () => {
  await Promise.all(deployment.pair.map((machine) => machine.kill()));
  await Promise.all(deployment.pair.map((machine) => machine.start()));
  await deployment.settled();
  await pause(1_000);
  nothingLost(await deployment.traffic(async () => {}));
  expect(await deployment.deploy()).toContain(UNCHANGED);
});
