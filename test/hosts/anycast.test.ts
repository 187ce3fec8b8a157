import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../e2e/run.js";
import { Deployment, UNCHANGED } from "./deployment.js";
import { WHOAMI } from "./dns-server.js";
import { OPERATOR } from "./network.js";
import { GROUP, type Router } from "./router.js";
import { timed } from "./times.js";
import { answersAgain, lostByMove, nothingLost, pause, traffic } from "./traffic.js";

const { ipv4, ipv6 } = GROUP.addresses;
/** By the last part of their addresses. */
const [FIRST, SECOND] = [2, 3];
/** The unit whose main process announces, and is the parent of BIRD. */
const ANNOUNCER = "dns-lb-bird";
const BOTH = { ipv4: [FIRST, SECOND], ipv6: [FIRST, SECOND] };

let deployment: Deployment;
let router: Router;

beforeAll(async () => {
  deployment = await Deployment.open({
    app: "test/hosts/group-app.ts",
    servers: ["10.0.0.10", "10.0.0.11"],
    settings: { END: "stop" },
  });
  router = await deployment.site.addRouter(deployment.pair, deployment.password);
  const lead = `ip route add ${ipv4} via ${OPERATOR[0]} && ip -6 route add ${ipv6} via ${OPERATOR[1]}`;
  await deployment.site.clients.run(deployment.client.address, ["sh", "-c", lead]);
});

afterAll(async () => {
  await deployment?.close();
});

/** Asks all ways while something is done. */
const under = (meanwhile: () => Promise<unknown>) => traffic(deployment.client, meanwhile, { server: ipv4 });

const routed = (nodes: typeof BOTH | object, seconds = 30) =>
  until(`routes to ${JSON.stringify(nodes)}`, seconds, async () => {
    return JSON.stringify(await router.nodes()) === JSON.stringify(nodes);
  });

const onLoopback = async (name: string) =>
  (await deployment.site.machine(name).mustExec(["ip", "-o", "address", "show", "dev", "lo"])).stdout;

test("two bare machines of both releases become a group, to which the router leads", async () => {
  await timed("a group on two bare machines", () => deployment.deploy());
  await routed(BOTH);
  expect((await router.ask("show", "bfd", "sessions")).match(/ Up /g)).toHaveLength(4);
  nothingLost(await under(async () => {}));
  const { answers } = await deployment.client.query(WHOAMI.resolver, "TXT", { server: ipv6, transport: "tcp" });
  expect(answers[0]).toMatch(/^resolver/);
  for (const { name } of deployment.pair) {
    expect(await onLoopback(name)).toContain(`${ipv4}/32 scope host`);
    expect((await deployment.site.machine(name).exec(["systemctl", "is-enabled", "bird"])).stdout).toBe("masked\n");
  }
  expect(await deployment.deploy()).toContain(UNCHANGED);
}, 400_000);

test("a node that is drained loses nothing, stays so over a reboot, and comes back", async () => {
  lostByMove(
    await under(() => timed("a drain", () => deployment.site.machine("lb1").mustExec(["dns-lb-agent", "drain"]))),
  );
  await routed({ ipv4: [SECOND], ipv6: [SECOND] });
  const machine = deployment.site.machine("lb1");
  await machine.stop();
  await machine.start();
  await until("the agent", 30, async () => (await deployment.agent("lb1", "ready")).code === 0);
  expect(await onLoopback("lb1")).toContain(ipv4);
  expect(await router.nodes()).toEqual({ ipv4: [SECOND], ipv6: [SECOND] });
  nothingLost(
    await under(async () => {
      await machine.mustExec(["dns-lb-agent", "undrain"]);
      await routed(BOTH);
    }),
  );
}, 200_000);

test("tells on both releases to whom it announces, and what it does", async () => {
  for (const { name } of deployment.pair) {
    const { code, stdout } = await deployment.agent(name, "top");
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("announcement: cost 0 of ") });
    for (const address of OPERATOR) expect(stdout).toContain(`${address} AS `);
    expect(stdout).toMatch(/^\S+\/resolver1 +up /m);
    expect(stdout).not.toMatch(/unknown|WARNING/);
  }
});

test("an announcer that stands still is replaced, in spite of what its unit forbids", async () => {
  const machine = deployment.site.machine("lb2");
  const announcer = async () =>
    (await machine.mustExec(["systemctl", "show", "--property=MainPID", "--value", ANNOUNCER])).stdout.trim();
  const stopped = await announcer();
  lostByMove(
    await under(async () => {
      await machine.mustExec(["kill", "-STOP", stopped]);
      await timed("another announcer", () =>
        until("another announcer", 20, async () => ![stopped, "0"].includes(await announcer())),
      );
      await routed(BOTH, 60);
    }),
  );
  const { stdout } = await machine.mustExec(["journalctl", "--no-pager", "--unit", ANNOUNCER]);
  expect(stdout).toContain("the announcer shows no sign of life for 4 s, and is killed");
}, 200_000);

test("a machine that is switched off in order hands its clients over, and has its addresses after the next boot", async () => {
  const machine = deployment.site.machine("lb2");
  lostByMove(await under(() => timed("switched off", () => machine.stop())));
  expect(await router.nodes()).toEqual({ ipv4: [FIRST], ipv6: [FIRST] });
  nothingLost(
    await under(async () => {
      await machine.start();
      await timed("from SSH to both routes", () => routed(BOTH, 60));
    }),
  );
}, 200_000);

test("the clients of a machine that loses its power are answered again in time", async () => {
  const reports = await under(async () => {
    await deployment.site.machine("lb1").kill();
    await pause(3_000);
  });
  answersAgain(reports);
  await deployment.site.machine("lb1").start();
  await routed(BOTH, 60);
}, 200_000);

test("nodes that are destroyed leave nothing of ours, addresses included", async () => {
  const { code, stdout, stderr } = await timed("destroyed", () => deployment.cdktf("destroy"));
  expect(code, stdout + stderr).toBe(0);
  await routed({ ipv4: [], ipv6: [] });
  for (const { name } of deployment.pair) {
    const machine = deployment.site.machine(name);
    expect(await onLoopback(name)).not.toMatch(/203\.0\.113|2001:db8/);
    expect((await machine.exec(["pgrep", "-x", "bird"])).code).toBe(1);
    expect((await machine.exec(["systemctl", "is-enabled", "bird"])).stdout).toBe("disabled\n");
    expect((await machine.exec(["ls", "/usr/libexec/dns-lb", "/var/lib/dns-lb"])).code).not.toBe(0);
  }
}, 200_000);
