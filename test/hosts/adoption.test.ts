/** Hosts on which HAProxy and keepalived already serve, set up by hand, are taken over as docs/hosts.md says. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../e2e/run.js";
import { Deployment, UNCHANGED } from "./deployment.js";
import { WHOAMI } from "./dns-server.js";
import type { Machine } from "./machine.js";
import { timed } from "./times.js";
import { nothingLost, VIRTUAL } from "./traffic.js";

/* What Debian's packages are set up for here: TCP alone, since HAProxy knows no other, and beside the stub of systemd-resolved. */

const HAPROXY = `
defaults
  mode tcp
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend dns
  bind ${VIRTUAL}:53
  default_backend resolvers
backend resolvers
  server resolver1 10.0.0.10:53 check
`;

const keepalived = (priority: number) => `
vrrp_instance dns {
  state BACKUP
  interface eth0
  virtual_router_id 53
  priority ${priority}
  advert_int 1
  virtual_ipaddress {
    ${VIRTUAL}/32
  }
}
`;

/** The first node of the app is the one without the addresses. */
const PRIORITY: Readonly<Record<string, number>> = { lb1: 100, lb2: 150 };
const WAYS = ["tcp", "persistent-tcp"] as const;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open();
  await Promise.all(deployment.pair.map(setUpByHand));
}, 300_000);

afterAll(async () => {
  await deployment?.close();
});

async function setUpByHand(machine: Machine): Promise<void> {
  const script = `
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update
    apt-get -qy install --no-install-recommends haproxy keepalived
    sysctl -qw net.ipv4.ip_nonlocal_bind=1
    printf %s "$1" > /etc/haproxy/haproxy.cfg
    printf %s "$2" > /etc/keepalived/keepalived.conf
    systemctl restart haproxy keepalived`;
  await machine.mustExec(["sh", "-ec", script, "sh", HAPROXY, keepalived(PRIORITY[machine.name] ?? 0)]);
}

const serves = async (machine: Machine) =>
  (await machine.exec(["systemctl", "is-active", "haproxy", "keepalived"])).stdout;

/** The hosts that a client takes for the one with the virtual address, one after the other. */
async function holdersMeanwhile(action: () => Promise<unknown>): Promise<readonly string[]> {
  const seen: string[] = [];
  let over = false;
  const { address: client } = deployment.client;
  const look = async () => {
    while (!over) {
      const { stdout } = await deployment.site.clients.run(client, ["ip", "neighbour", "show", VIRTUAL]);
      const [, holder] = /lladdr (\S+)/.exec(stdout) ?? [];
      if (holder !== undefined && holder !== seen.at(-1)) seen.push(holder);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const looking = look();
  await action().finally(() => {
    over = true;
  });
  await looking;
  return seen;
}

test("fails when a host serves already, and leaves it as it is", async () => {
  await until("the address at lb2", 20, async () => (await deployment.leader()) === "lb2");
  const said = await deployment.failToDeploy();
  expect(said).toContain("Debian's own units serve here: haproxy keepalived; stop and disable them, or take this host");
  for (const machine of deployment.pair) expect(await serves(machine)).toBe("active\nactive\n");
  const { answers } = await deployment.client.query(WHOAMI.resolver, "TXT", { server: VIRTUAL, transport: "tcp" });
  expect(answers).toEqual(["resolver1"]);
});

test("fails when a host has another Debian than was said, and leaves it as it is", async () => {
  const machines = deployment.known().map((machine) => ({ ...machine, debian: machine.debian === 12 ? 13 : 12 }));
  const said = await deployment.failToDeploy({ ADOPT: "yes", MACHINES: JSON.stringify(machines) });
  expect(said).toContain("this host is Debian 13, and was said to be Debian 12");
  for (const machine of deployment.pair) expect(await serves(machine)).toBe("active\nactive\n");
});

test("a pair that was set up by hand is taken over under load, while its address moves once", async () => {
  const take = () => timed("two hosts are taken over", () => deployment.deploy({ ADOPT: "yes" }));
  const holders = await holdersMeanwhile(async () => {
    nothingLost(await deployment.traffic(take, { ways: WAYS }));
  });
  expect(holders).toHaveLength(2);
  expect(await deployment.leader()).toBe("lb1");
  await deployment.settled();
  for (const machine of deployment.pair) {
    expect((await machine.exec(["systemctl", "is-enabled", "haproxy", "keepalived"])).stdout).toBe("masked\nmasked\n");
  }
  nothingLost(await deployment.traffic(async () => {}));
}, 300_000);

test("without 'adopt' the pair stays what it is, and a reboot does not bring the old daemons back", async () => {
  await deployment.deploy();
  expect(await deployment.deploy()).toContain(UNCHANGED);
  const machine = deployment.site.machine("lb1");
  await machine.stop();
  await machine.start();
  await deployment.settled();
  expect(await serves(machine)).toBe("inactive\ninactive\n");
});
