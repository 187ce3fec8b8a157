import { type App, TerraformResource, type TerraformStack } from "cdktf";
import { Certificate } from "../../../lib/dns/certificate.js";
import { DotListener } from "../../../lib/dns/dot-listener.js";
import { Secret } from "../../../lib/dns/secret.js";
import { HaPair } from "../../../lib/ha/ha-pair.js";
import { DnsRecord } from "../../../lib/servers/dns-record.js";
import { NsdServer } from "../../../lib/servers/nsd-server.js";
import { UnboundServer } from "../../../lib/servers/unbound-server.js";
import { Zone } from "../../../lib/servers/zone.js";
import { FakeNode, newApp, newStack, resolverPool } from "../../constructs.js";

/** An app with something for every matcher: nodes lb1 and lb2, resolver1, auth1 and auth2. */
export function appForMatchers(password = "/nowhere/password"): App {
  const app = newApp();
  const stack = newStack("prod", app);
  pair(stack, password);
  new UnboundServer(stack, "Resolver1", { node: new FakeNode(stack, "R1", ["10.0.0.10"]), allowFrom: ["10.0.0.0/8"] });
  zones(stack);
  for (const [id, image] of [
    ["One", "debian:12"],
    ["Two", "debian:13"],
  ] as const) {
    const resource = new TerraformResource(stack, id, { terraformResourceType: "docker_container" });
    resource.addOverride("image", image);
    resource.addOverride("ports", [{ internal: 53, protocol: "udp" }]);
  }
  return app;
}

function pair(stack: TerraformStack, password: string): void {
  const lb = new HaPair(stack, "Dns", {
    nodes: [new FakeNode(stack, "Lb1", ["10.0.0.2"]), new FakeNode(stack, "Lb2", ["10.0.0.3"])],
    virtualAddresses: [{ address: "10.0.0.53" }],
    virtualRouterId: 53,
    statistics: { user: "ops", password: Secret.fromLocalFile(password) },
  });
  const frontend = lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
  new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromLocalFile("certs/dns.pem") });
}

function zones(stack: TerraformStack): void {
  const records = [
    DnsRecord.ns({ name: "@", target: "ns1.example.net." }),
    DnsRecord.a({ name: "www", address: "192.0.2.80" }),
    DnsRecord.mx({ name: "@", preference: 10, exchange: "mail.example.com." }),
  ];
  const primary = new NsdServer(stack, "Auth1", {
    node: new FakeNode(stack, "A1", ["10.0.0.20"]),
    zones: [Zone.fromRecords({ name: "example.com", records, serial: 1 })],
  });
  new NsdServer(stack, "Auth2", { node: new FakeNode(stack, "A2", ["10.0.0.21"]), secondaryOf: { primary } });
}
