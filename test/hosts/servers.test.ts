import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment, UNCHANGED } from "./deployment.js";
import { WHOAMI } from "./dns-server.js";
import { timed } from "./times.js";
import { nothingLost, VIRTUAL } from "./traffic.js";

const ZONES = "10.0.0.54";

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open({
    app: "test/hosts/servers-app.ts",
    machines: [
      { name: "unbound", suite: "bookworm", number: 10 },
      { name: "nsd", suite: "trixie", number: 20 },
    ],
    servers: [],
    settings: { END: "stop" },
  });
});

afterAll(async () => {
  await deployment?.close();
});

/** What both servers say, asked through the pair over UDP and TCP. */
async function said(): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  for (const transport of ["udp", "tcp"] as const) {
    for (const [server, name] of [[VIRTUAL, WHOAMI.resolver] as const, [ZONES, WHOAMI.authoritative] as const]) {
      found.push((await deployment.client.query(name, "TXT", { server, transport })).answers);
    }
  }
  return found;
}

const both = (text: string) => [
  [`resolver ${text}`],
  [`authoritative ${text}`],
  [`resolver ${text}`],
  [`authoritative ${text}`],
];

test("unbound and NSD on bare machines answer through a pair", async () => {
  await timed("a pair and two servers on bare machines", () => deployment.deploy({ SAYS: "one" }));
  await deployment.settled();
  expect(await said()).toEqual(both("one"));
  expect(await deployment.deploy({ SAYS: "one" })).toContain(UNCHANGED);
}, 300_000);

test("records of both change under load without a lost query", async () => {
  const change = () => timed("records of both servers", () => deployment.deploy({ SAYS: "two" }));
  nothingLost(await deployment.traffic(change));
  expect(await said()).toEqual(both("two"));
});

test("servers that are switched off and on answer again as they did", async () => {
  const machines = ["unbound", "nsd"].map((name) => deployment.site.machine(name));
  for (const machine of machines) await machine.stop();
  for (const machine of machines) await machine.start();
  await expect.poll(() => said().catch(String), { timeout: 20_000 }).toEqual(both("two"));
});

test("servers that are destroyed stop, and leave nothing of ours", async () => {
  const { code, stdout, stderr } = await timed("destroyed", () => deployment.cdktf("destroy", { SAYS: "two" }));
  expect(code, stdout + stderr).toBe(0);
  for (const name of ["unbound", "nsd"]) {
    const machine = deployment.site.machine(name);
    const { stdout: units } = await machine.exec(["systemctl", "list-units", "--all", "--no-legend", "dns-lb-*"]);
    expect(units).toBe("");
    expect((await machine.exec(["pgrep", "-x", "unbound|nsd"])).code).toBe(1);
    expect((await machine.exec(["ls", "/usr/libexec/dns-lb", "/var/lib/dns-lb"])).code).not.toBe(0);
  }
});
