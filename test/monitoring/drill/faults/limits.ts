import { ADDRESS, CLIENT } from "../../../lab/production/stack.js";
import type { Fault } from "../fault.js";
import { COLLECTION, RATE_WINDOW } from "../settings.js";

const seconds = (text: string) => Number.parseInt(text, 10);

/** Clients that want more than they may have. */
export const limits: readonly Fault[] = [
  {
    ...{ alerts: ["DnsLbLimitsBite"], fault: "a client that nobody lets in insists" },
    shows: COLLECTION + seconds(RATE_WINDOW),
    make: async ({ lab }) => {
      const load = await lab.client(CLIENT.outsider).load({
        ...{ name: "www.example.com", server: ADDRESS.internal, transport: "tcp", rate: 30, connections: "new" },
      });
      return () => load.stop();
    },
  },
  {
    ...{ alerts: ["DnsLbConnectionsNearShare"], fault: "clients hold connections", shows: COLLECTION + 5 },
    make: async ({ lab }) => {
      const load = await lab.client(CLIENT.world).load({
        ...{ name: "www.example.com", server: ADDRESS.public, transport: "tcp", rate: 440 },
        ...{ connections: "persistent", concurrency: 220 },
      });
      return () => load.stop();
    },
  },
];
