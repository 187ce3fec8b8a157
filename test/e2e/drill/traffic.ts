import { type Flow, type Rates, startFlow, WAYS } from "./flows.js";
import { type Site, TLS_NAME } from "./site.js";

/* One client process for each side and kind, so that none is behind its schedule for another's sake. */
const CLIENTS = { internal: { udp: 101, streams: 102 }, public: { udp: 103, streams: 104 } } as const;

/** A client whose network no frontend serves. */
export const BANNED = 200;

/**
 * Asks all frontends, IPv4 and IPv6, all ways, for the name of the server that answers. Clients that `retry` ask again
 * what is open when a connection that was to stay is ended, within the same second; others count it as lost.
 */
export async function startTraffic(site: Site, rates: Rates, { retry = false } = {}): Promise<readonly Flow[]> {
  const { internal, public: open } = site.settings;
  const targets = [
    { side: "internal", addresses: internal.slice(0, 2), name: "whoami.home.arpa", answers: "resolver" },
    { side: "public", addresses: open.slice(0, 2), name: "whoami.example.com", answers: "authoritative" },
  ] as const;
  const planned = targets.flatMap(({ side, addresses, name, answers }) =>
    addresses.flatMap((server) => WAYS.map((way) => ({ side, server, name, answers, way }))),
  );
  return Promise.all(
    planned.map(async ({ side, server, name, answers, way }) => {
      const family = server.includes(":") ? "IPv6" : "IPv4";
      const client = site.client(CLIENTS[side][way === "udp" ? "udp" : "streams"]);
      const plan = { server, question: name, answers, way, rate: rates[way], tlsName: TLS_NAME, retry };
      return startFlow(client, { name: `${side} ${family}`, ...plan });
    }),
  );
}
