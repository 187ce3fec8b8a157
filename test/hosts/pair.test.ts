import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../e2e/run.js";
import { Deployment, otherThan, SERVERS, UNCHANGED } from "./deployment.js";
import { timed } from "./times.js";
import { answersAgain, lostOf, nothingLost, pause } from "./traffic.js";
import { leftOn } from "./units.js";

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open();
});

afterAll(async () => {
  await deployment?.close();
});

/** Asks all ways while something is done. */
const under = (meanwhile: () => Promise<unknown>) => deployment.traffic(meanwhile);

test("two bare machines become a pair, which answers all ways", async () => {
  const said = await timed("a pair on two bare machines", () => deployment.deploy());
  expect(said).toContain("(remote-exec): ready ");
  nothingLost(await under(async () => {}));
}, 300_000);

test("a second deployment changes nothing", async () => {
  expect(await timed("a deployment without changes", () => deployment.deploy())).toContain(UNCHANGED);
});

test("no secret is in the plan, the state, what is said, or in a file that everybody may read", async () => {
  const { stdout: state } = await deployment.workspace.terraform("-chdir=cdktf.out/stacks/dns", "show", "-json");
  const secrets = [
    deployment.password,
    /-----BEGIN[^-]*PRIVATE KEY-----\n(.{40})/.exec(
      readFileSync(join(deployment.workspace.directory, "dot.pem"), "utf8"),
    )?.[1] ?? "none",
  ];
  for (const secret of secrets) expect(state).not.toContain(secret);
  for (const machine of deployment.site.machines) {
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
  await deployment.site.server("resolver2").kill();
  await pause(8_000);
  deployment.servers = SERVERS;
  nothingLost(await under(() => timed("a server more", () => deployment.deploy())));
  await deployment.site.server("resolver2").start();
}, 180_000);

test("a deployment says when no server of a pool passes its health checks, and is done all the same", async () => {
  const servers = SERVERS.map((_, index) => deployment.site.server(`resolver${index + 1}`));
  for (const server of servers) await server.kill();
  await pause(8_000);
  deployment.servers = SERVERS.slice(0, 2);
  try {
    const said = await timed("a server less, while none answers", () => deployment.deploy());
    expect(said.match(/warning: pool-resolvers: no server passes its health checks/g)).toHaveLength(2);
  } finally {
    for (const server of servers) await server.start();
  }
  deployment.servers = SERVERS;
  await pause(8_000);
  expect(await deployment.deploy()).not.toContain("no server passes");
}, 180_000);

test("a certificate is renewed under load without a lost query", async () => {
  await deployment.renewCertificate();
  nothingLost(await under(() => timed("another certificate", () => deployment.deploy())));
});

test("a release that a node refuses fails in the agent's words, loses nothing, and does not reach the second node", async () => {
  const before = await Promise.all(["lb1", "lb2"].map((name) => deployment.release(name)));
  const holder = "import socket,time; s=socket.create_server(('',8853)); time.sleep(600)";
  await deployment.site.machine("lb1").mustExec(["systemd-run", "--quiet", "--unit=holder", "python3", "-c", holder]);
  nothingLost(
    await under(async () => {
      const started = performance.now();
      const { code, stdout, stderr } = await deployment.cdktf("deploy", { PORT: "8853" });
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain("cannot bind");
      expect(stdout + stderr).toContain("could not listen; nothing was changed");
      const seconds = (performance.now() - started) / 1000;
      console.log(`a release that is refused: ${seconds.toFixed(1)} s`);
      expect(seconds).toBeLessThan(15);
    }),
  );
  expect(await Promise.all(["lb1", "lb2"].map((name) => deployment.release(name)))).toEqual(before);
  await deployment.site.machine("lb1").mustExec(["systemctl", "stop", "holder"]);
  nothingLost(await under(() => timed("the next one, which is good", () => deployment.deploy())));
});

test("the addresses of a machine that is killed answer again in time", async () => {
  const name = await deployment.leader();
  const reports = await under(async () => {
    await deployment.site.machine(name).kill();
    await pause(3_000);
  });
  answersAgain(reports);
  expect(await deployment.leader()).toBe(otherThan(name));
});

test("a node out of service keeps nobody from changing the other, and is filled when it is back", async () => {
  const [away = ""] = deployment.site.machines.filter(({ runs }) => !runs).map((machine) => machine.name);
  deployment.servers = SERVERS.slice(1);
  await timed("a change while a node is off", () => deployment.deploy({ AWAY: away }));
  const machine = deployment.site.machine(away);
  await machine.rebuild();
  await machine.start();
  nothingLost(await under(() => timed("a machine that was rebuilt becomes a node again", () => deployment.deploy())));
  // Its servers have yet to pass their health checks.
  await until("the node without failed checks", 15, async () =>
    (await deployment.agent(away, "status")).stdout.includes("failed checks: none"),
  );
}, 180_000);

test("a machine that is switched off hands its addresses over first, and serves soon when it is on again", async () => {
  const name = await deployment.leader();
  const reports = await under(() => timed("switched off", () => deployment.site.machine(name).stop()));
  expect(lostOf(reports)).toBeLessThanOrEqual(2);
  await deployment.site.machine(name).start();
  const started = performance.now();
  await until(
    "the node is ready",
    20,
    async () => (await deployment.agent(name, "ready", "--timeout", "1")).code === 0,
  );
  console.log(`ready ${((performance.now() - started) / 1000).toFixed(1)} s after SSH answered`);
  expect(await deployment.leader()).toBe(otherThan(name));
});

test("a pair that is destroyed stops, and leaves nothing of ours", async () => {
  await deployment.deploy({ END: "stop" });
  const { code, stdout, stderr } = await timed("destroyed", () => deployment.cdktf("destroy", { END: "stop" }));
  expect(code, stdout + stderr).toBe(0);
  for (const machine of deployment.pair) expect(await leftOn(machine), machine.name).toBe("");
});
