import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Lab } from "../../../lib/testing/index.js";
import { ADDRESS, CLIENT, leaderOf, otherThan, productionModel, sleep, startProduction } from "./stack.js";

const MOVES = 6;
/* What planned moves may cost. */
const QUERIES = 4_000;
const COST = 2;

const ASKED = [
  [CLIENT.inside, ADDRESS.internal],
  [CLIENT.inside6, ADDRESS.internal6],
  [CLIENT.world, ADDRESS.public],
  [CLIENT.world6, ADDRESS.public6],
] as const;

let lab: Lab;

beforeAll(async () => {
  lab = await startProduction("move", withoutRateLimits(productionModel()));
});
afterAll(() => lab?.stop());

/* More new connections at once than a client may make. */
function withoutRateLimits(model: LoadBalancer): LoadBalancer {
  return { ...model, frontends: model.frontends.map(({ rateLimit, ...frontend }) => frontend) };
}

function hostOf(client: string): string {
  return `client-${client.replaceAll(":", "-")}`;
}

/** Runs `ip` on the host of a client. */
function ip(client: string, ...words: string[]): string {
  return execFileSync("ip", ["-n", `dnslb-${lab.name}-${hostOf(client)}`, ...words], { encoding: "utf8" });
}

/** Where the host of a client sends what is for an address. */
function neighbour(client: string, address: string): string | undefined {
  return / lladdr (\S+)/.exec(ip(client, "neigh", "show", "to", address, "dev", "eth0"))?.[1];
}

async function macOf(node: string): Promise<string> {
  const { stdout } = await lab.node(node).exec(["cat", "/sys/class/net/eth0/address"]);
  return stdout.trim();
}

test("planned moves lose nothing but what is under way on a connection at that moment", async () => {
  const running = await Promise.all(
    ASKED.flatMap(([client, server]) =>
      (["udp", "tcp"] as const).map((transport) =>
        lab.client(client).load({ name: "www.example.com", server, transport, rate: 60 }),
      ),
    ),
  );
  for (let move = 0; move < MOVES; move += 1) {
    await sleep(1_000);
    const leader = await leaderOf(lab);
    await lab.node(leader).agent("drain");
    await sleep(1_000);
    expect(await leaderOf(lab)).toBe(otherThan(lab, leader));
    await lab.node(leader).agent("undrain");
  }
  await sleep(1_000);
  const reports = await Promise.all(running.map((load) => load.stop()));
  const sum = (of: "sent" | "lost") => reports.reduce((total, report) => total + report[of], 0);
  expect(sum("sent")).toBeGreaterThan(QUERIES);
  expect(sum("lost")).toBeLessThanOrEqual(Math.floor((sum("sent") / QUERIES) * COST));
});

describe("a node that does not lead", () => {
  test.each(ASKED.slice(0, 2))("answers %s, which still takes it for %s", async (client, address) => {
    const other = otherThan(lab, await leaderOf(lab));
    const question = { server: address, timeout: "1s" } as const;
    await lab.client(client).query("www.example.com", "A", question);
    ip(client, "neigh", "replace", address, "lladdr", await macOf(other), "nud", "permanent", "dev", "eth0");
    try {
      for (const transport of ["udp", "tcp"] as const) {
        const answer = await lab.client(client).query("www.example.com", "A", { ...question, transport });
        expect(answer.status).toBe("NOERROR");
      }
      // The entry stood, so that it was this node who answered.
      expect(neighbour(client, address)).toBe(await macOf(other));
    } finally {
      ip(client, "neigh", "del", address, "dev", "eth0");
    }
  });

  test.each(ASKED.slice(0, 2))("is silent when %s asks who has %s", async (client, address) => {
    const leader = await leaderOf(lab);
    // The other one alone hears the question.
    await lab.node(leader).partition("both", { from: [hostOf(client)] });
    try {
      ip(client, "neigh", "flush", "to", address, "dev", "eth0");
      await lab.client(client).query("www.example.com", "A", { server: address });
      expect(neighbour(client, address)).toBeUndefined();
    } finally {
      await lab.node(leader).heal();
    }
    await lab.client(client).query("www.example.com", "A", { server: address, timeout: "3s" });
    expect(neighbour(client, address)).toBe(await macOf(leader));
  });
});
