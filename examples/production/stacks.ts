import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { type App, TerraformStack } from "cdktf";
import {
  AuthoritativePool,
  Balance,
  Certificate,
  DnsFrontend,
  DockerNetwork,
  DockerNode,
  DotListener,
  HaPair,
  HealthCheck,
  type INode,
  PublicResolver,
  RateLimit,
  ResolverPool,
  Secret,
  TrustStore,
} from "cdktf-dns-lb";
import type { Construct } from "constructs";

/** Two nodes: a DockerNode each, an SshNode each, or one of both. */
type Nodes = readonly [INode, INode];

/** Adds the whole of the production stack to an app, on Docker hosts or on other nodes: nothing else depends on these. */
export function addProductionStacks(app: App, nodes: Nodes = dockerNodes(app)): void {
  new ProductionDns(app, "dns", nodes);
}

/** A stack for each node, so that a new image reaches one at a time. */
function dockerNodes(app: App): Nodes {
  const lb1 = new LoadBalancerNode(app, "lb1", {
    host: "ssh://root@lb1.example.com",
    internal: { address: "10.0.0.2", address6: "fd53::2" },
    public: { address: "203.0.113.2", address6: "2001:db8:113::2" },
  });
  const lb2 = new LoadBalancerNode(app, "lb2", {
    host: "ssh://root@lb2.example.com",
    internal: { address: "10.0.0.3", address6: "fd53::3" },
    public: { address: "203.0.113.3", address6: "2001:db8:113::3" },
  });
  return [lb1.dockerNode, lb2.dockerNode];
}

interface LoadBalancerNodeProps {
  readonly host: string;
  readonly internal: Addresses;
  readonly public: Addresses;
}

/** What a node is called in a network. */
interface Addresses {
  readonly address: string;
  readonly address6: string;
}

/** A Docker host and the node that runs on it. */
class LoadBalancerNode extends TerraformStack {
  readonly dockerNode: DockerNode;

  constructor(scope: Construct, id: string, props: LoadBalancerNodeProps) {
    super(scope, id);
    this.dockerNode = new DockerNode(this, "Node", {
      provider: new DockerProvider(this, "docker", { host: props.host }),
      ...props.internal,
      network: DockerNetwork.macvlan({
        parent: "eth0",
        subnet: "10.0.0.0/24",
        gateway: "10.0.0.1",
        subnet6: "fd53::/64",
        gateway6: "fd53::1",
      }),
      interfaces: [
        {
          name: "eth1",
          ...props.public,
          network: DockerNetwork.macvlan({
            parent: "eth1",
            subnet: "203.0.113.0/24",
            gateway: "203.0.113.1",
            subnet6: "2001:db8:113::/64",
            gateway6: "2001:db8:113::1",
          }),
        },
      ],
    });
  }
}

/** What the nodes serve. */
class ProductionDns extends TerraformStack {
  constructor(scope: Construct, id: string, nodes: Nodes) {
    super(scope, id);

    // The article adds the public resolvers as backup servers in the clear, under the same probe. Here they are a pool
    // of their own, asked over TLS with their names verified. They do not know private names: leave the fallback out
    // where a wrong "no such name" is worse than no answer.
    const publicResolvers = new ResolverPool(this, "PublicResolvers", {
      servers: [PublicResolver.CLOUDFLARE, PublicResolver.QUAD9],
    });

    const resolvers = new ResolverPool(this, "Resolvers", {
      servers: [
        { name: "resolver1", address: "192.168.1.10" },
        { name: "resolver2", address: "192.168.1.11" },
        { name: "resolver3", address: "192.168.1.12" },
      ],
      fallback: publicResolvers,
      // The article balances UDP by round robin and TCP by least connections, which `balance: { udp, tcp }` would say.
      // By least connections for both, a server that has become slow gets fewer queries over UDP, too.
      balance: Balance.leastConnections(),
      // The article's `check` only connects: a hung or refusing server passes. This one asks.
      healthCheck: HealthCheck.query({ name: "health.example.com", type: "A", interval: "3s", fall: 3, rise: 2 }),
      whenAllDown: "try-all",
    });

    const authoritative = new AuthoritativePool(this, "Authoritative", {
      zones: ["example.com"],
      servers: [
        { name: "auth1", address: "192.168.1.20" },
        { name: "auth2", address: "192.168.1.21" },
        { name: "auth3", address: "192.168.1.22" },
      ],
      // The article gives everybody longer timeouts "for zone transfers", and no rule on who may transfer.
      zoneTransfer: { primary: "auth1", allowFrom: ["198.51.100.0/24"] },
    });

    const loadBalancer = new HaPair(this, "LoadBalancer", {
      nodes,
      // IPv6 stands beside each of the article's addresses; both families always move together.
      virtualAddresses: [
        { address: "10.0.0.53", interface: "eth0" },
        { address: "fd53::53", interface: "eth0" },
        { address: "203.0.113.53", interface: "eth1", gateway: "203.0.113.1" },
        { address: "2001:db8:113::53", interface: "eth1", gateway: "2001:db8:113::1" },
      ],
      // The article's unequal priorities fail back for nothing, and `killall -0` does not see a hung daemon. Its
      // VRRP password is gone: version 3 has none; unicast peers and the check of their addresses take its place.
      virtualRouterId: 53,
      // The article's `option tcplog`, a line for each connection, is `connectionLog: ConnectionLog.local()`: it is left
      // out, because under a flood it writes as much as it serves. What its `global` and `defaults` set beside it has
      // one value here that is right for DNS; docs/daemons.md lists all of it.
      // The article: every address, password "changeme", and metrics without any.
      statistics: {
        address: "10.0.0.53",
        port: 8404,
        user: "ops",
        // By path and hash: it stands in no state file. A variable would have to cross from this stack to the nodes'.
        password: Secret.fromLocalFile("secrets/statistics-password"),
      },
    });

    const internal = new DnsFrontend(this, "Internal", {
      loadBalancer,
      addresses: ["10.0.0.53", "fd53::53"],
      pool: resolvers,
      // The article lets anybody use its resolvers.
      allowFrom: ["10.0.0.0/8", "192.168.0.0/16", "fd53::/64"],
      // The article's limit on TCP. Its limit on UDP counts nothing, because nothing increments its counter.
      rateLimit: RateLimit.perClient({ connections: "30/10s" }),
    });

    const certificate = Certificate.fromLocalFile("certs/dns.example.com.pem");

    // The article offers the protocol "dns"; clients ask for "dot". It binds every address and serves all of them from
    // the resolvers; here each frontend has a listener of its own, with the frontend's pool, access and limits.
    new DotListener(this, "Dot", {
      frontend: internal,
      certificate,
      clientAuth: { trust: TrustStore.fromLocalFile("certs/ca.pem"), mode: "optional" },
    });

    const publicFrontend = new DnsFrontend(this, "Public", {
      loadBalancer,
      addresses: ["203.0.113.53", "2001:db8:113::53"],
      pool: authoritative,
      // HAProxy sees connections; limits on queries and rules on transfers need dnsdist to see TCP as well.
      tcpPath: "inspected",
      // The article's 50 queries and 20 connections in 10 s are less than one busy resolver sends. These stop a flood
      // and let resolvers work; who is beyond is sent to TCP, which a forged source cannot follow.
      rateLimit: RateLimit.perClient({ queries: "5000/10s", exceeded: "truncate", connections: "500/10s" }),
    });
    // Secondaries may transfer over TLS, too, which needs TLS 1.3 (RFC 9103).
    new DotListener(this, "PublicDot", { frontend: publicFrontend, certificate, minimumTlsVersion: "1.3" });
  }
}
