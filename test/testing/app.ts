import type { App } from "cdktf";
import { Certificate } from "../../lib/dns/certificate.js";
import { DotListener } from "../../lib/dns/dot-listener.js";
import { Secret } from "../../lib/dns/secret.js";
import { TrustStore } from "../../lib/dns/trust-store.js";
import { AnycastGroup } from "../../lib/ha/anycast-group.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { FakeNode, newApp, newStack, resolverPool } from "../constructs.js";

/** An app with a group, whose sessions have passwords. */
export function appWithGroup(): App {
  const app = newApp();
  const stack = newStack("prod", app);
  const password = Secret.fromNodeFile("/etc/dns-lb/bgp");
  const group = new AnycastGroup(stack, "Ams", {
    ...{ asn: 64_512, addresses: ["192.0.2.53", "2001:db8::53"], defaultRoute: "bgp" },
    members: [11, 12].map((place) => ({
      node: new FakeNode(stack, `Ams${place}`, [`10.0.0.${place}`, `fd53::${place}`]),
      neighbors: ["10.0.0.1", "fd53::1"].map((address) => ({ address, asn: 64_500, password })),
    })),
  });
  group.addDnsFrontend("Subscribers", { pool: resolverPool(stack), allowFrom: ["100.64.0.0/10"] });
  return app;
}

/** An app with a pair that has everything a daemon's checker looks at. */
export function appWithPair(): App {
  const app = newApp();
  const stack = newStack("prod", app);
  const lb = new HaPair(stack, "Dns", {
    nodes: [new FakeNode(stack, "Lb1", ["10.0.0.2", "fd53::2"]), new FakeNode(stack, "Lb2", ["10.0.0.3", "fd53::3"])],
    virtualAddresses: [{ address: "10.0.0.53" }, { address: "fd53::53", interface: "eth1" }],
    virtualRouterId: 53,
    statistics: { user: "ops", password: Secret.fromNodeFile("/etc/password") },
  });
  const frontend = lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
  new DotListener(stack, "Dot", {
    frontend,
    certificate: Certificate.fromLocalFile("certs/dns.pem"),
    clientAuth: { trust: TrustStore.fromLocalFile("certs/ca.pem") },
  });
  return app;
}
