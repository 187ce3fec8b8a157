/*
 * A site of a provider: three load balancer nodes that announce the addresses of the resolvers to two routers by BGP
 * (anycast). README.md says what to prepare on the nodes and on the routers.
 *
 *   npx cdktf deploy '*'
 *   ssh debian@10.9.0.11 sudo dns-lb-agent status
 *   dig @192.0.2.53 www.example.com            from a network of `allowFrom`
 *   dig @192.0.2.53 CH TXT id.server +short    which host that was
 *   npx cdktf destroy '*'
 */
import { App, TerraformStack } from "cdktf";
import { AnycastGroup, MonitoringFiles, ResolverPool, Secret, SshHostKey, SshNode } from "cdktf-dns-lb";

const app = new App();
const stack = new TerraformStack(app, "dns");

/** A host on the network of both routers. */
function host(number: number): SshNode {
  return new SshNode(stack, `Ams${number}`, {
    address: `10.9.0.${number}`,
    address6: `fd09::${number}`,
    interface: "eth0",
    ssh: {
      user: "debian",
      hostKey: SshHostKey.authority(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP3iPbyNCC9CmuSm9ZLhNoCvqrvRNOQKO2yqlnBbXDUQ authority of the site",
      ),
    },
  });
}

/** The routers, of AS 64500, which have the same password for every session. */
const password = Secret.fromLocalFile("secrets/bgp");
const neighbors = ["10.9.0.1", "10.9.0.2", "fd09::1", "fd09::2"].map((address) => ({ address, asn: 64500, password }));

const site = new AnycastGroup(stack, "Ams", {
  asn: 64512,
  addresses: ["192.0.2.53", "2001:db8:53::53"],
  members: [11, 12, 13].map((number) => ({ node: host(number), neighbors, communities: ["64500:310"] })),
  // Clients may ask which of them they have reached.
  identity: true,
  // Each host tells its metrics at its own address, to the network of the hosts alone.
  statistics: {
    user: "ops",
    password: Secret.fromLocalFile("secrets/statistics"),
    allowFrom: ["10.9.0.0/24"],
  },
});

site.addDnsFrontend("Subscribers", {
  pool: new ResolverPool(stack, "Resolvers", {
    servers: [
      { name: "resolver1", address: "10.9.1.10" },
      { name: "resolver2", address: "10.9.1.11" },
    ],
  }),
  allowFrom: ["100.64.0.0/10", "2001:db8:1000::/36"],
});

/** What Prometheus and Grafana need, in cdktf.out/stacks/dns/monitoring. */
new MonitoringFiles(stack, "Monitoring", { loadBalancers: [site] });

app.synth();
