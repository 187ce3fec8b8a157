import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import {
  AnycastGroup,
  Certificate,
  DotListener,
  ResolverPool,
  Secret,
  SshHostKey,
  SshNode,
} from "../../../lib/index.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { LabSecret, type LabSecrets, loadBalancersOf } from "../../../lib/testing/index.js";

export const TLS_NAME = "dns.example.com";
export const NODES = ["lb1", "lb2", "lb3"] as const;
export const ROUTERS = ["router1", "router2"] as const;

/** What the group announces, each with a client that is behind the routers. */
export const SIDES = [
  { family: "IPv4", address: "203.0.113.53", client: "100.64.0.10" },
  { family: "IPv6", address: "2001:db8:113::53", client: "2001:db8:1000::10" },
] as const;

const CERTIFICATE = "certs/dns.example.com.pem";
const PASSWORD = "secrets/routers";

/** What the secret files are in the lab. */
export const SECRETS: LabSecrets = {
  [CERTIFICATE]: LabSecret.certificate(TLS_NAME),
  [PASSWORD]: "only-for-the-lab",
};

/** Three nodes behind two routers, as an app declares them. */
function addGroup(app: App): void {
  const stack = new TerraformStack(app, "dns");
  const hostKey = SshHostKey.authority(
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP3iPbyNCC9CmuSm9ZLhNoCvqrvRNOQKO2yqlnBbXDUQ authority of the site",
  );
  const nodes = NODES.map((name, index) => {
    const number = 11 + index;
    return new SshNode(stack, name, {
      ...{ address: `10.9.0.${number}`, address6: `fd09::${number}`, interface: "eth0" },
      ssh: { user: "debian", hostKey },
    });
  });
  const group = new AnycastGroup(stack, "Dns", {
    asn: 64_512,
    addresses: SIDES.map(({ address }) => address),
    defaultRoute: "bgp",
    members: nodes.map((node) => ({
      node,
      neighbors: ["10.9.0.1", "fd09::1", "10.9.0.2", "fd09::2"].map((address) => ({
        ...{ address, asn: 64_500, password: Secret.fromLocalFile(PASSWORD) },
      })),
    })),
  });
  const frontend = group.addDnsFrontend("Subscribers", {
    pool: new ResolverPool(stack, "Resolvers", {
      servers: [
        { name: "resolver1", address: "192.168.1.10" },
        { name: "resolver2", address: "192.168.1.11" },
      ],
    }),
    allowFrom: ["100.64.0.0/10", "2001:db8:1000::/36"],
  });
  new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromLocalFile(CERTIFICATE) });
}

/** The group as plain data. */
export function groupModel(): LoadBalancer {
  const outdir = mkdtempSync(join(tmpdir(), "dns-lb-app-"));
  try {
    const app = new App({ outdir });
    addGroup(app);
    const [loadBalancer] = loadBalancersOf(app);
    if (loadBalancer === undefined) throw new RangeError("the app has no load balancer");
    return loadBalancer;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
