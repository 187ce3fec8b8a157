import { TerraformVariable, Testing } from "cdktf";
import { expect, test } from "vitest";
import { ResolverPool } from "../../lib/dns/resolver-pool.js";
import { Secret } from "../../lib/dns/secret.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { DockerNode } from "../../lib/platforms/docker/docker-node.js";
import { DnsRecord } from "../../lib/servers/dns-record.js";
import { NsdServer } from "../../lib/servers/nsd-server.js";
import { Tsig } from "../../lib/servers/tsig.js";
import { UnboundServer } from "../../lib/servers/unbound-server.js";
import { Zone } from "../../lib/servers/zone.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, newStack, problemsAtSynthesis } from "../constructs.js";

interface Upload {
  readonly file: string;
  readonly content?: string;
}

test("DNSLB122: fails when a server has the default image, which has the daemons of load balancers", () => {
  const stack = newStack();
  const node = new DockerNode(stack, "ResolverNode", { address: "10.0.0.10" });
  new UnboundServer(stack, "Resolver1", { node, allowFrom: ["10.0.0.0/24"] });
  const auth = new DockerNode(stack, "AuthNode", { address: "10.0.0.20" });
  new NsdServer(stack, "Auth1", {
    node: auth,
    zones: [
      Zone.fromRecords({ name: "example.com", records: [DnsRecord.ns({ name: "@", target: "ns.example.net." })] }),
    ],
  });
  expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
    "[prod/ResolverNode] runs unbound, but its 'image' "dns-lb-node:debian-13", the default, has haproxy, dnsdist, keepalived; give it one such as \`new DockerNodeImage(this, "Image", { daemons: "unbound" })\` [DNSLB122]
    [prod/AuthNode] runs nsd, but its 'image' "dns-lb-node:debian-13", the default, has haproxy, dnsdist, keepalived; give it one such as \`new DockerNodeImage(this, "Image", { daemons: "nsd" })\` [DNSLB122]"
  `);
});

test("servers reach Docker by loaders of their own; a key's bytes are no rendered file", () => {
  const stack = newStack();
  const variable = new TerraformVariable(stack, "transfer", { type: "string", sensitive: true });
  const text = "$" + "{not_a_template}";
  new NsdServer(stack, "Auth1", {
    node: new DockerNode(stack, "AuthNode", { address: "10.0.0.20", image: "dns-lb-nsd:debian-13" }),
    zones: [
      Zone.fromRecords({
        name: "example.com",
        serial: 1,
        records: [DnsRecord.ns({ name: "@", target: "ns.example.net." }), DnsRecord.txt({ name: "@", text })],
      }),
    ],
    secondaries: [{ address: "192.0.2.1", key: Tsig.key({ name: "k.test", secret: Secret.fromVariable(variable) }) }],
  });
  new UnboundServer(stack, "Resolver1", {
    node: new DockerNode(stack, "ResolverNode", { address: "10.0.0.10", image: "dns-lb-unbound:debian-13" }),
    allowFrom: ["10.0.0.0/24"],
  });
  const { resource } = JSON.parse(Testing.synth(stack));
  const loaders = Object.values(resource.docker_container as Record<string, { upload?: Upload[]; name: string }>)
    .filter(({ upload }) => upload !== undefined)
    .map(({ name, upload = [] }) => [name, upload.map(({ file }) => file.replace(/^\/[^/]*\//, ""))]);
  expect(Object.fromEntries(loaders)).toEqual({
    "dns-lb-auth-node-loader": [
      ...["manifest.json", "nsd/alive.zone", "nsd/nsd.conf", "nsd/zones/example.com.zone", "secrets/tsig-k.test.key"],
    ],
    "dns-lb-resolver-node-loader": ["manifest.json", "unbound/unbound.conf"],
  });
  const uploads = Object.values(resource.docker_container as Record<string, { upload?: Upload[] }>).flatMap(
    ({ upload = [] }) => upload,
  );
  const of = (path: string) => uploads.find(({ file }) => file.endsWith(path))?.content;
  expect(of("tsig-k.test.key")).toBe("${sensitive(var.transfer)}");
  expect(of("example.com.zone")).toContain('TXT "$${not_a_template}"');
});

test("a load balancer in front of servers of the app, together in one app", () => {
  const stack = newStack();
  const resolver = new UnboundServer(stack, "Resolver1", {
    node: new FakeNode(stack, "ResolverNode", ["10.0.0.10"]),
    allowFrom: ["10.0.0.2/32"],
  });
  const lb = new StandaloneLoadBalancer(stack, "Dns", { node: new FakeNode(stack, "Lb", ["10.0.0.2"]) });
  const pool = new ResolverPool(stack, "Resolvers", {
    servers: [resolver, { name: "resolver2", address: "192.168.1.11" }],
  });
  lb.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
  const [balancer, server] = nodesOf(stack);
  expect(balancer?.haproxy.backend("resolvers").servers.map(({ name, address }) => [name, address])).toEqual([
    ["resolver1", "10.0.0.10"],
    ["resolver2", "192.168.1.11"],
  ]);
  expect(server?.server).toMatchObject({ kind: "unbound", name: "resolver1" });
  expect(() => server?.loadBalancer).toThrowErrorMatchingInlineSnapshot(
    `[TestingError: node "resolvernode" runs server "resolver1", no load balancer]`,
  );
  expect(() => balancer?.server).toThrowErrorMatchingInlineSnapshot(
    `[TestingError: node "lb" runs load balancer "dns", no server]`,
  );
});

test("fails when a pool names clients to a server that does not expect it, at synthesis", () => {
  const stack = newStack();
  const resolver = new UnboundServer(stack, "Resolver1", {
    node: new FakeNode(stack, "ResolverNode", ["10.0.0.10"]),
    allowFrom: ["192.168.0.0/16"],
  });
  const lb = new StandaloneLoadBalancer(stack, "Dns", { node: new FakeNode(stack, "Lb", ["10.0.0.2"]) });
  const pool = new ResolverPool(stack, "Resolvers", { servers: [resolver], clientAddress: "proxy-protocol" });
  lb.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
  expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
    "[prod/Dns] [prod/Dns/Internal] 'pool' leads to server "resolver1" of pool "resolvers" (of the construct id "Resolvers"), whose 'allowFrom' leaves out 10.0.0.0/8, which the frontend serves [DNSLB009]
    [prod/Dns] [prod/Dns/Internal] 'pool' leads to server "resolver1" of pool "resolvers" (of the construct id "Resolvers"), whose 'allowFrom' leaves out 10.0.0.2, from where the load balancer queries it [DNSLB009]
    [prod/Dns] [prod/Dns/Internal] 'pool' leads to server "resolver1" of pool "resolvers" (of the construct id "Resolvers"), whose clientAddress is "hidden" while the pool's is "proxy-protocol", so that every query would fail; set both to the same value [DNSLB008]"
  `);
});
