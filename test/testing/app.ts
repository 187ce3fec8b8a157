import type { App } from "cdktf";
import { Certificate } from "../../lib/dns/certificate.js";
import { DotListener } from "../../lib/dns/dot-listener.js";
import { Secret } from "../../lib/dns/secret.js";
import { TrustStore } from "../../lib/dns/trust-store.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { FakeNode, newApp, newStack, resolverPool } from "../constructs.js";

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
