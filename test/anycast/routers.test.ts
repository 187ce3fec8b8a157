import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onBothGenerations } from "../lab/generations.js";
import { ADDRESS, NODES, TLS_NAME, WHOAMI } from "./model.js";
import { Site } from "./site.js";

/* The routers of the lab, as tests see them. */

const CLIENT = "100.64.0.10";
const CLIENT6 = "2001:db8:1000::10";
/** Connections of a client: each node gets some. */
const CONNECTIONS = 60;

onBothGenerations(({ name, options }) => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.start(`routers_${name}`, {}, options);
  });
  afterAll(() => site?.lab.stop());

  test("routers hear all nodes by sessions with a password and BFD, and are found by name and address", async () => {
    const { lab } = site;
    expect(lab.routers.map((router) => router.name)).toEqual(["router1", "router2", "upstream"]);
    expect(lab.router("fd09::2").name).toBe("router2");
    for (const router of ["router1", "router2"]) {
      const sessions = await lab.router(router).sessions();
      expect(sessions).toHaveLength(2 * NODES.length);
      for (const session of sessions) expect(session).toMatchObject({ established: true, bfd: true });
    }
    expect(() => lab.router("router9")).toThrowErrorMatchingInlineSnapshot(
      `[LabError: the lab has no router "router9"; it has router1, router2, upstream]`,
    );
  });

  test.each([
    [CLIENT, ADDRESS.ipv4],
    [CLIENT6, ADDRESS.ipv6],
  ])("a client at %s reaches %s through them, over all transports", async (client, server) => {
    for (const transport of ["udp", "tcp", "dot"] as const) {
      const asked = { server, transport, tlsName: TLS_NAME } as const;
      const { status } = await site.lab.client(client).query(WHOAMI, "TXT", asked);
      expect(status).toBe("NOERROR");
    }
    expect(await site.lab.router("router1").nodes(server)).toEqual(NODES);
    expect(await site.lab.router("upstream").nodes(server)).toEqual(["router1", "router2"]);
  });

  test("a node that is cut off from one router alone stays at the other one", async () => {
    const [node = ""] = NODES;
    const { lab } = site;
    await lab.router("router1").partition("both", { from: [node] });
    await lab.waitFor(async () => !(await lab.router("router1").nodes(ADDRESS.ipv4)).includes(node));
    expect(await lab.router("router2").nodes(ADDRESS.ipv4)).toEqual(NODES);
    await lab.router("router1").heal();
    await site.settle();
  });

  test("a router that is stopped gives its clients to the other one, and takes them back", async () => {
    const { lab } = site;
    const [first, upstream] = [lab.router("router1"), lab.router("upstream")];
    await first.bird.stop();
    await lab.waitFor(async () => (await upstream.nodes(ADDRESS.ipv6)).join() === "router2");
    expect((await first.sessions()).some(({ established }) => established)).toBe(false);
    await first.start();
    await site.settle();
  });
});

describe.each(["plain", "resilient"] as const)("%s ECMP", (ecmp) => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.start(`ecmp_${ecmp}`, {}, { ecmp });
  });
  afterAll(() => site?.lab.stop());

  test("connections to other nodes stay when one leaves only if flows do", async () => {
    const { lab } = site;
    const [leaving = ""] = NODES;
    const load = await lab.client(CLIENT).load({
      ...{ server: ADDRESS.ipv4, name: WHOAMI, type: "TXT", transport: "tcp", rate: 200, retry: true },
      ...{ connections: "persistent", concurrency: CONNECTIONS },
    });
    await lab.waitFor(async () => (await load.report()).answered > 2 * CONNECTIONS);
    const own = await connectionsOf(site, leaving);
    await site.agent(leaving, "drain");
    const { broken, lost } = await load.stop();
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThan(CONNECTIONS);
    expect(lost).toBe(0);
    if (ecmp === "resilient") expect(broken).toBe(own);
    else expect(broken).toBeGreaterThan(own);
  });
});

test("a kernel that refuses a resilient group is told of, and not taken for plain ECMP", async () => {
  const [node = ""] = NODES;
  const site = await Site.start("ecmp_refused", {}, { ecmp: "resilient" });
  try {
    const router = site.lab.router("router1");
    // A next hop that is no group has the number of one.
    for (const words of ["delete id 1000", "add id 1000 blackhole"]) {
      await router.exec(["ip", "nexthop", ...words.split(" ")]);
    }
    await router.partition("both", { from: [node] });
    const left = async () => !(await router.nodes(ADDRESS.ipv4)).includes(node);
    await expect(site.lab.waitFor(left)).rejects.toThrow(/^ip -n \S+ -batch - failed with \d+:\n/);
  } finally {
    await site.lab.stop();
  }
});

/** The connections that a node has of the client. */
async function connectionsOf(site: Site, node: string): Promise<number> {
  const { stdout } = await site.node(node).exec(["ss", "-Htn", "state", "established", "dst", CLIENT]);
  return stdout.trim().split("\n").filter(Boolean).length;
}
