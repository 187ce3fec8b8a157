import { Balance } from "../../lib/index.js";
import { processors, SERVER_NAME, Site, type Surroundings, serverAddresses } from "./site.js";
import { dnsdistByHand } from "./subjects/dnsdist.js";
import { haproxyOfArticle } from "./subjects/haproxy.js";
import { nginxByHand } from "./subjects/nginx.js";
import { straight } from "./subjects/server.js";
import type { Shipping } from "./subjects/shipped.js";

const servers = serverAddresses().map((address, index) => ({ name: `auth${index + 1}`, address }));
const weighted = servers.map((server, index) => ({ ...server, weight: index + 1 }));

/** The answers that a cache holds: more than there are names. */
const CACHE_ENTRIES = 100_000;

/** Nodes as the library makes them: with all defaults, and with what the bounds ask for. */
const SHIPPED: readonly Shipping[] = [
  { name: "shipped", title: "shipped", address: "10.0.0.2", pool: { servers }, tls: true },
  {
    ...{ name: "native", title: "shipped, a policy of dnsdist itself", address: "10.0.0.3" },
    pool: { servers, balance: Balance.random() },
  },
  {
    ...{ name: "cache", title: "shipped, with a cache", address: "10.0.0.6" },
    pool: { servers, cache: { entries: CACHE_ENTRIES } },
  },
  { name: "weighted", title: "shipped, with weights", address: "10.0.0.4", pool: { servers: weighted } },
  {
    ...{ name: "inspected", title: "shipped, TCP inspected", address: "10.0.0.5", pool: { servers } },
    frontend: { tcpPath: "inspected" },
  },
];

/** The subjects of the quick form. */
const QUICK = ["shipped"];

/** Starts the load balancer in several ways, and what people run instead, before the same servers. */
export async function startPeers(around: Surroundings, quick = false): Promise<Site> {
  const site = await Site.start(quick ? SHIPPED.filter(({ name }) => QUICK.includes(name)) : SHIPPED, around);
  try {
    const [server] = site.lab.servers;
    if (server === undefined) throw new RangeError("the lab has no server");
    site.add(straight(server));
    const tuning = { servers: site.servers, processors, certificate: await site.lab.certificate(SERVER_NAME) };
    site.add(dnsdistByHand(await site.machine("10.0.0.12"), tuning));
    site.add(haproxyOfArticle(await site.machine("10.0.0.14"), tuning));
    if (!quick) {
      site.add(dnsdistByHand(await site.machine("10.0.0.13"), { ...tuning, cache: CACHE_ENTRIES }));
      site.add(nginxByHand(await site.machine("10.0.0.15"), tuning));
    }
    await site.answers();
    site.rest();
    return site;
  } catch (error) {
    await site.stop();
    throw error;
  }
}
