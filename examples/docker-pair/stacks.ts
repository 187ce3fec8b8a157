import { Network } from "@cdktf/provider-docker/lib/network";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { type App, TerraformStack } from "cdktf";
import {
  AccessRule,
  AuthoritativePool,
  Certificate,
  DnsFrontend,
  DnsRecord,
  DockerNetwork,
  DockerNode,
  DockerNodeImage,
  DotListener,
  HaPair,
  HealthCheck,
  NsdServer,
  RateLimit,
  ResolverPool,
  Secret,
  Tsig,
  UnboundServer,
  Zone,
} from "cdktf-dns-lb";
import type { Construct } from "constructs";
import { SETTINGS, type Settings } from "./settings";

const SUBNET = "172.30.53.0/24";
const SUBNET6 = "fd30:53::/64";

/** Every stack joins the network that the first of them makes. */
const NETWORK = DockerNetwork.existing({ name: "dns-pair", subnet: SUBNET, subnet6: SUBNET6 });

const ZONE = Zone.fromRecords({
  name: "example.com",
  serial: 1,
  records: [
    DnsRecord.ns({ name: "@", target: "ns1.example.com." }),
    DnsRecord.a({ name: "ns1", address: "172.30.53.54" }),
    DnsRecord.a({ name: "www", address: "203.0.113.80" }),
    DnsRecord.txt({ name: "whoami", text: "authoritative" }),
  ],
});

/** Signs what the authoritative servers tell each other. */
const KEY = Tsig.key({ name: "transfer.example.com", secret: Secret.fromLocalFile("secrets/transfer") });

/**
 * Adds the pair, the servers behind it and their network. The nodes of the pair, and each half of the servers, have a
 * stack of their own, so that a new image reaches one at a time.
 */
export function addDockerPairStacks(app: App, settings: Settings = SETTINGS): void {
  const network = new PairNetwork(app, "network", settings);
  const first = new Servers(app, "servers1", settings, 1);
  const second = new Servers(app, "servers2", settings, 2, first.authoritative);
  const nodes = [
    new LoadBalancerNode(app, "lb1", settings, "172.30.53.2", "fd30:53::2"),
    new LoadBalancerNode(app, "lb2", settings, "172.30.53.3", "fd30:53::3"),
  ] as const;
  first.addDependency(network);
  second.addDependency(first);
  for (const node of nodes) node.addDependency(second);
  new Dns(app, "dns", settings, [first, second], [nodes[0].dockerNode, nodes[1].dockerNode]);
}

/** The bridge that everything stands in. */
class PairNetwork extends TerraformStack {
  constructor(scope: Construct, id: string, { host }: Settings) {
    super(scope, id);
    new DockerProvider(this, "docker", { host });
    new Network(this, "Network", {
      name: "dns-pair",
      ipv6: true,
      // With its routers: engines choose what is left out, some of them only at their next start.
      ipamConfig: [
        { subnet: SUBNET, gateway: "172.30.53.1" },
        { subnet: SUBNET6, gateway: "fd30:53::1" },
      ],
    });
  }
}

/** A resolver and an authoritative server: the primary of the zone, or a secondary of another. */
class Servers extends TerraformStack {
  readonly resolver: UnboundServer;
  readonly authoritative: NsdServer;

  constructor(scope: Construct, id: string, { host, serverBase: base }: Settings, half: 1 | 2, primary?: NsdServer) {
    super(scope, id);
    new DockerProvider(this, "docker", { host });

    this.resolver = new UnboundServer(this, `Resolver${half}`, {
      node: new DockerNode(this, "ResolverNode", {
        name: `resolver${half}`,
        address: `172.30.53.1${half - 1}`,
        address6: `fd30:53::1${half - 1}`,
        network: NETWORK,
        image: new DockerNodeImage(this, "Unbound", { daemons: "unbound", base }),
      }),
      allowFrom: [SUBNET, SUBNET6],
      clientAddress: "proxy-protocol",
      localData: [
        DnsRecord.a({ name: "health.home.arpa", address: "192.0.2.1" }),
        DnsRecord.a({ name: "www.home.arpa", address: "192.0.2.80" }),
        DnsRecord.txt({ name: "whoami.home.arpa", text: `resolver${half}` }),
      ],
    });

    this.authoritative = new NsdServer(this, `Auth${half}`, {
      node: new DockerNode(this, "AuthNode", {
        name: `auth${half}`,
        address: `172.30.53.2${half - 1}`,
        address6: `fd30:53::2${half - 1}`,
        network: NETWORK,
        image: new DockerNodeImage(this, "Nsd", { daemons: "nsd", base }),
      }),
      clientAddress: "proxy-protocol",
      ...(primary === undefined ? { zones: [ZONE] } : { secondaryOf: { primary, key: KEY } }),
    });
  }
}

/** A node of the pair. */
class LoadBalancerNode extends TerraformStack {
  readonly dockerNode: DockerNode;

  constructor(scope: Construct, id: string, { host, base }: Settings, address: string, address6: string) {
    super(scope, id);
    new DockerProvider(this, "docker", { host });
    const image = new DockerNodeImage(this, "Image", { base });
    this.dockerNode = new DockerNode(this, "Node", { address, address6, network: NETWORK, image });
  }
}

/** What the pair serves. */
class Dns extends TerraformStack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    servers: readonly Servers[],
    nodes: readonly [DockerNode, DockerNode],
  ) {
    super(scope, id);
    const { internal, public: open, banned, connections } = settings;

    const loadBalancer = new HaPair(this, "Pair", {
      nodes,
      virtualAddresses: [...internal, ...open].map((address) => ({ address })),
      virtualRouterId: 53,
      statistics: { port: 8404, user: "ops", password: Secret.fromLocalFile("secrets/statistics") },
    });
    const certificate = Certificate.fromLocalFile("certs/dns.example.com.pem");
    const rateLimit = RateLimit.perClient({ connections });
    const accessRules = [AccessRule.refuse({ from: banned })];

    const inside = new DnsFrontend(this, "Internal", {
      loadBalancer,
      addresses: internal,
      pool: new ResolverPool(this, "Resolvers", {
        servers: [...servers.map(({ resolver }) => resolver), ...settings.otherResolvers],
        clientAddress: "proxy-protocol",
        healthCheck: probe("health.home.arpa", "A", settings),
      }),
      allowFrom: [SUBNET, SUBNET6],
      accessRules,
      rateLimit,
    });
    new DotListener(this, "InternalDot", { frontend: inside, certificate });

    const outside = new DnsFrontend(this, "Public", {
      loadBalancer,
      addresses: open,
      pool: new AuthoritativePool(this, "Authoritative", {
        zones: ["example.com"],
        servers: servers.map(({ authoritative }) => authoritative),
        clientAddress: "proxy-protocol",
        healthCheck: probe("example.com", "SOA", settings),
      }),
      // dnsdist sees every query on every transport.
      tcpPath: "inspected",
      accessRules,
      rateLimit,
    });
    new DotListener(this, "PublicDot", { frontend: outside, certificate });
  }
}

/** Servers in the same network answer soon, or not at all. */
function probe(name: string, type: "A" | "SOA", { probeInterval: interval }: Settings): HealthCheck {
  return HealthCheck.query({ name, type, interval, timeout: "250ms", fall: 2, rise: 1 });
}
