import { DNS_PORT } from "../../../lib/model/dns-listener.js";
import { serverAddresses } from "../site.js";

const HOSTS = 2;

/** Servers at two addresses, each on a port of its own, so that as many processes serve few as serve many. */
export function manyServers(count: number) {
  const addresses = serverAddresses(HOSTS);
  return Array.from({ length: count }, (_, index) => ({
    name: `auth${index}`,
    address: addresses[index % HOSTS] ?? "",
    port: DNS_PORT + Math.floor(index / HOSTS),
  }));
}
