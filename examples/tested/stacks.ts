import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { type App, TerraformStack } from "cdktf";
import {
  Balance,
  Certificate,
  DockerNetwork,
  DockerNode,
  DotListener,
  HaPair,
  RateLimit,
  ResolverPool,
  type ResolverPoolProps,
  Secret,
} from "cdktf-dns-lb";

/** What differs between the sites of the company. */
export interface Site {
  readonly name: string;
  /** The second octet of the site's addresses. */
  readonly octet: number;
  readonly virtualRouterId: number;
  readonly resolvers: ResolverPoolProps["servers"];
  /** The networks that may ask. */
  readonly clients: readonly string[];
}

export const BERLIN: Site = {
  name: "berlin",
  octet: 1,
  virtualRouterId: 51,
  resolvers: [
    { name: "resolver1", address: "10.1.1.10" },
    { name: "resolver2", address: "10.1.1.11" },
  ],
  clients: ["10.1.0.0/16"],
};

/** Adds the DNS of a site: a stack for each of its two nodes, and one for what they serve. */
export function addSite(app: App, { name, octet, virtualRouterId, resolvers, clients }: Site): TerraformStack {
  const nodes = [node(app, name, octet, 1), node(app, name, octet, 2)] as const;
  const stack = new TerraformStack(app, `${name}-dns`);
  const pair = new HaPair(stack, "Dns", {
    nodes,
    virtualAddresses: [{ address: `10.${octet}.0.53` }],
    virtualRouterId,
    statistics: { user: "ops", password: Secret.fromLocalFile("secrets/statistics-password") },
  });
  const frontend = pair.addDnsFrontend("Clients", {
    pool: new ResolverPool(stack, "Resolvers", { servers: resolvers, balance: Balance.leastConnections() }),
    allowFrom: clients,
    rateLimit: RateLimit.perClient({ connections: "30/10s" }),
  });
  new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromLocalFile("certs/dns.example.com.pem") });
  return stack;
}

function node(app: App, site: string, octet: number, number: 1 | 2): DockerNode {
  const stack = new TerraformStack(app, `${site}-lb${number}`);
  return new DockerNode(stack, "Node", {
    name: `${site}-lb${number}`,
    provider: new DockerProvider(stack, "docker", { host: `ssh://root@lb${number}.${site}.example.com` }),
    address: `10.${octet}.0.${number + 1}`,
    network: DockerNetwork.macvlan({
      parent: "eth0",
      subnet: `10.${octet}.0.0/24`,
      gateway: `10.${octet}.0.1`,
    }),
  });
}
