/*
 * A pair of load balancers and two resolvers behind it, on four Debian hosts that Terraform reaches over SSH: machines of
 * any provider, or bare metal. README.md says what to prepare.
 *
 *   npx cdktf deploy '*'
 *   ssh debian@10.0.0.2 sudo dns-lb-agent status
 *   dig @10.0.0.53 www.example.com
 *   npx cdktf destroy '*'
 */
import { App, TerraformStack } from "cdktf";
import {
  Certificate,
  DotListener,
  HaPair,
  ResolverPool,
  Secret,
  SshHostKey,
  SshNode,
  UnboundServer,
} from "cdktf-dns-lb";

const app = new App();
const stack = new TerraformStack(app, "dns");

/** A host, whose SSH host key the authority of the site has signed. */
function host(id: string, number: number): SshNode {
  return new SshNode(stack, id, {
    address: `10.0.0.${number}`,
    address6: `fd53::${number}`,
    interface: "eth0",
    ssh: {
      user: "debian",
      hostKey: SshHostKey.authority(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP3iPbyNCC9CmuSm9ZLhNoCvqrvRNOQKO2yqlnBbXDUQ authority of the site",
      ),
    },
  });
}

/** The load balancers alone ask the resolvers. */
const NODES = ["10.0.0.2/31", "fd53::2/127"];

const servers = [
  new UnboundServer(stack, "Resolver1", { node: host("Resolver1Host", 10), allowFrom: NODES }),
  new UnboundServer(stack, "Resolver2", { node: host("Resolver2Host", 11), allowFrom: NODES }),
];

const pair = new HaPair(stack, "Dns", {
  nodes: [host("Lb1", 2), host("Lb2", 3)],
  virtualRouterId: 53,
  virtualAddresses: [{ address: "10.0.0.53" }, { address: "fd53::53" }],
  statistics: {
    user: "ops",
    password: Secret.fromLocalFile("secrets/statistics"),
    address: "10.0.0.53",
    allowFrom: ["10.0.0.0/24"],
  },
});

const office = pair.addDnsFrontend("Office", {
  pool: new ResolverPool(stack, "Resolvers", { servers }),
  allowFrom: ["10.0.0.0/8", "fd53::/64"],
});
new DotListener(stack, "Dot", {
  frontend: office,
  certificate: Certificate.fromLocalFile("certs/dns.example.com.pem"),
});

app.synth();
