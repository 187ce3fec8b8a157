import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment, SERVERS, type Settings, UNCHANGED } from "./deployment.js";
import { WHOAMI } from "./dns-server.js";
import { timed } from "./times.js";
import { lostByMove, nothingLost, pause, sentOf, VIRTUAL } from "./traffic.js";
import { exposures, faultsOfUnits } from "./units.js";

/** Milliseconds: 10,000 queries, and a little more. */
const LONG = 25_500;
const FURTHER = "10.0.0.54";
/** What removal says, which is part of the stack here and must not happen. */
const REMOVED = "this host is no node any more";

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open({ settings: { END: "stop" } });
  await timed("a pair on two bare machines", () => deployment.deploy());
  await deployment.settled();
}, 300_000);

afterAll(async () => {
  await deployment?.close();
});

test.each(["lb1", "lb2"])("every unit on %s is hardened, and systemd finds no fault with it", async (name) => {
  const machine = deployment.site.machine(name);
  const found = await exposures(machine);
  console.log(found.map(({ unit, exposure }) => `${unit}: ${exposure}`).join(", "));
  expect(found).toHaveLength(7);
  for (const { unit, exposure } of found) expect(exposure, unit).toBeLessThanOrEqual(3);
  expect(await faultsOfUnits(machine)).toBe("");
});

/** What the app is told beside the rest. */
let further: Settings = {};

/** Changes that restart daemons, so that the addresses move meanwhile. */
const RESTARTS = { unit: "another unit of a daemon", hardening: "other hardening of all units" } as const;
const doesRestart = (kind: string) => Object.values<string>(RESTARTS).includes(kind);

/** Each begins with what the one before it has left. */
const CHANGES: Readonly<Record<string, () => Promise<void> | void>> = {
  "a server more": () => {
    deployment.servers = SERVERS;
  },
  "another certificate": () => deployment.renewCertificate(),
  "a virtual address more": () => {
    further = { VIRTUAL: FURTHER };
  },
  "a virtual address less": () => {
    further = {};
  },
  "another agent": () => deployment.upgrade("lib/node/agent/dnslb_agent/errors.py"),
  [RESTARTS.unit]: () => deployment.upgrade("lib/platforms/host/files/units/dns-lb-haproxy.service"),
  [RESTARTS.hardening]: () => deployment.upgrade("lib/platforms/host/files/hardening.conf"),
};

test("a server dies", async () => {
  await deployment.site.server("resolver2").kill();
  await pause(8_000);
});

test.each(Object.entries(CHANGES))(
  "%s costs no more than it may while a server is dead, and a second deployment changes nothing",
  async (kind, change) => {
    await change();
    let said = "";
    const reports = await deployment.traffic(
      async () => {
        said = await timed(kind, () => deployment.deploy(further));
      },
      { atLeast: LONG },
    );
    console.log(`${kind}: ${sentOf(reports)} queries`);
    expect(said).not.toContain(UNCHANGED);
    expect(said).not.toContain(REMOVED);
    expect(sentOf(reports)).toBeGreaterThan(9_900);
    if (doesRestart(kind)) lostByMove(reports);
    else nothingLost(reports);
    expect(await deployment.deploy(further)).toContain(UNCHANGED);
    await deployment.settled();
    const { status } = await deployment.client.query(WHOAMI.resolver, "TXT", { server: FURTHER });
    expect(status === "NOERROR", status).toBe("VIRTUAL" in further);
  },
);

test("a node that leaves the app serves on until it is uninstalled, and the other then serves alone", async () => {
  const [alone = "", ...rest] = deployment.pair.map(({ name }) => name);
  const [left = ""] = rest;
  lostByMove(await deployment.traffic(() => timed("a node leaves", () => deployment.deploy({ LEFT: left }))));
  expect(await deployment.leader()).toBe(left);
  expect((await deployment.site.machine(alone).mustExec(["ip", "-o", "address"])).stdout).not.toContain(`${VIRTUAL}/`);
  const server = deployment.site.machine(alone).address;
  nothingLost(
    await deployment.traffic(
      async () => {
        await deployment.site.machine(left).mustExec(["dns-lb-agent", "uninstall"]);
        expect(await deployment.deploy({ LEFT: left })).toContain(UNCHANGED);
      },
      { server },
    ),
  );
  expect((await deployment.agent(alone, "ready")).code).toBe(0);
});
