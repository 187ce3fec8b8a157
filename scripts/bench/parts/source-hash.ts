import { Balance } from "../../../lib/index.js";
import type { Results } from "../results.js";
import { processors, SERVER_NAME, Site, type Surroundings } from "../site.js";
import { dnsdistByHand } from "../subjects/dnsdist.js";
import { manyServers } from "./many-servers.js";
import type { OwnPart } from "./part.js";
import { throughput } from "./throughput.js";

const COUNTS = [2, 100];
/* Each address has a server of its own; so many are spread over both of two. */
const SOURCES = Array.from({ length: 8 }, (_, index) => `10.0.0.${101 + index}`);

/** Servers by the client's address, against the nearest that dnsdist has itself: by the name that is asked for. */
export const sourceHash: OwnPart = {
  ...{ name: "source-hash", title: "servers by client", among: "own" },
  bounds: COUNTS.map((count) => ({
    ...{ of: `source-hash/shipped-${count}:chashed-${count}`, limit: { atLeast: 0.8 } },
    title: `UDP, by client, ${count} servers / dnsdist's chashed`,
  })),
  measure,
};

async function measure(around: Surroundings): Promise<Results> {
  const pools = COUNTS.map((count, index) => ({ count, servers: manyServers(count), last: index + 2 }));
  const site = await Site.start(
    pools.map(({ count, servers, last }) => ({
      ...{ name: `shipped-${count}`, title: `shipped, by client, ${count} servers`, address: `10.0.0.${last}` },
      pool: { servers, balance: Balance.sourceHash() },
      loadBalancer: { outstandingQueries: 1_000 },
    })),
    around,
  );
  try {
    await site.client.addAddresses(SOURCES);
    const certificate = await site.lab.certificate(SERVER_NAME);
    for (const { count, servers, last } of pools) {
      const machine = await site.machine(`10.0.0.${10 + last}`);
      const addresses = servers.map(({ address, port }) => `${address}:${port}`);
      const byHand = dnsdistByHand(machine, { servers: addresses, processors, certificate, policy: "chashed" });
      site.add({ ...byHand, name: `chashed-${count}`, title: `dnsdist by hand, chashed, ${count} servers` });
    }
    await site.answers();
    site.rest();
    return await throughput(site, around, {
      name: "source-hash",
      pairs: COUNTS.map((count) => [`shipped-${count}`, `chashed-${count}`] as const),
      sending: { transport: "udp", sources: SOURCES },
    });
  } finally {
    await site.stop();
  }
}
