import { join } from "node:path";
import type { Lab } from "../../../../lib/testing/index.js";
import { command } from "../../../../lib/testing/lab/command.js";
import { labDirectory, namespaceName } from "../../../../lib/testing/lab/names.js";
import { sleep } from "../../../lab/production/stack.js";
import type { Fault } from "../fault.js";
import { COLLECTION } from "../settings.js";

/** Until the quick probes of the lab have found a server dead, in seconds. */
const DETECTION = 4;
const SERVERS = ["resolver1", "resolver2", "resolver3"];
/** What the probes of the resolvers ask for. */
const PROBED = "health.example.com.";

/** Has a resolver, an unbound, say of a name that it does not exist. */
async function denyName(lab: Lab, server: string, name: string): Promise<void> {
  const configuration = join(labDirectory(lab.name), "servers", `${server}.unbound`, "unbound.conf");
  const words = ["unbound-control", "-c", configuration, "local_zone", name, "always_nxdomain"];
  await command(["ip", "netns", "exec", namespaceName(lab.name, server), ...words]);
}

const all = (work: (name: string) => Promise<void>) => Promise.all(SERVERS.map(work));

/** Servers and what they answer. */
export const pools: readonly Fault[] = [
  {
    ...{ alerts: ["DnsLbPoolDegraded"], fault: "a server dies", shows: COLLECTION + DETECTION, short: true },
    make: async ({ lab }) => {
      await lab.server("resolver1").kill();
      return () => lab.server("resolver1").start();
    },
  },
  {
    ...{ alerts: ["DnsLbServerFlapping"], fault: "a server dies three times", shows: COLLECTION + DETECTION },
    make: async ({ lab }, begins) => {
      const server = lab.server("resolver2");
      for (let time = 0; time < 2; time += 1) {
        await server.kill();
        await sleep(1_000 * (DETECTION + 4));
        await server.start();
        await sleep(1_000 * (DETECTION + 4));
      }
      await begins();
      await server.kill();
      return () => server.start();
    },
  },
  {
    ...{ alerts: ["DnsLbPoolDown", "DnsLbFallbackActive"], fault: "all servers of a pool die" },
    shows: COLLECTION + DETECTION,
    make: async ({ lab }) => {
      await all((name) => lab.server(name).kill());
      return () => all((name) => lab.server(name).start());
    },
  },
  {
    ...{ alerts: ["DnsLbContentFault"], fault: "the name that probes ask for is gone from all servers" },
    shows: COLLECTION + DETECTION,
    make: async ({ lab }) => {
      await all((name) => denyName(lab, name, PROBED));
      return async () => {
        // They begin with what they know.
        for (const name of SERVERS) {
          await lab.server(name).stop();
          await lab.server(name).start();
        }
      };
    },
  },
];
