// What a user of the published package meets whose project holds some package twice: it works, or is refused with both
// places. scripts/check-package.mjs puts the copies into node_modules/<who>/node_modules.
import * as assert from "node:assert/strict";
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as bindings from "@cdktf/provider-docker/lib/provider/index.js";
import * as cdktf from "cdktf";
import * as own from "cdktf-dns-lb";
import { nodesOf } from "cdktf-dns-lb/testing";

const modules = realpathSync(join(process.cwd(), "node_modules"));

/** What a package of the project gets for a name. */
function gets<T>(who: string, name: string): T {
  return createRequire(join(modules, who, "index.js"))(name);
}

const second = gets<typeof own>("second", "cdktf-dns-lb");
const newer = gets<typeof own>("newer", "cdktf-dns-lb");
const newerTesting = gets<{ readonly nodesOf: typeof nodesOf }>("newer", "cdktf-dns-lb/testing");
const secondBindings = gets<typeof bindings>("second", "@cdktf/provider-docker/lib/provider/index.js");

const servers = [{ name: "resolver1", address: "192.168.1.10" }];
const newStack = ({ App, TerraformStack } = cdktf) => new TerraformStack(new App(), "dns");

/** What the message must hold, beside "installed twice". */
function refused(action: () => unknown, ...parts: readonly string[]): void {
  assert.throws(action, (error: Error) => {
    for (const part of ["installed twice: ", ...parts]) assert.ok(error.message.includes(part), error.message);
    return true;
  });
}

function loadBalancer(stack: cdktf.TerraformStack, provider?: bindings.DockerProvider): own.StandaloneLoadBalancer {
  const pool = new own.ResolverPool(stack, "Resolvers", { servers });
  const node = new own.DockerNode(stack, "Node", { address: "10.0.0.2", ...(provider && { provider }) });
  const dns = new own.StandaloneLoadBalancer(stack, "Dns", { node });
  dns.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
  return dns;
}

/** The places of a package, in the order of messages: the stranger's, ours. */
const places = (name: string, stranger: string) => [
  `${join(modules, stranger)} and `,
  ` at ${realpathSync(join(modules, name))};`,
];

// Values of the same version are the same values.
{
  const stack = newStack();
  const pool = new own.ResolverPool(stack, "Resolvers", {
    servers,
    balance: second.Balance.random(),
    healthCheck: second.HealthCheck.query({ name: "a.test", type: "A" }),
  });
  loadBalancer(newStack()).addDnsFrontend("Other", { pool, allowFrom: ["10.0.0.0/8"], address: "10.0.0.3" });
  assert.throws(
    () => new own.ResolverPool(stack, "Copy", { servers, balance: { ...second.Balance.random() } }),
    /'balance' must be /,
  );
}

// Values of another version may mean something else.
refused(
  () => new own.ResolverPool(newStack(), "Resolvers", { servers, balance: newer.Balance.random() }),
  "[dns/Resolvers] 'balance' comes from a second copy of cdktf-dns-lb",
  ...places("cdktf-dns-lb", "newer/node_modules/cdktf-dns-lb"),
  "npm ls cdktf-dns-lb",
);

// Constructs of a second copy are refused where they are given.
{
  const stack = newStack();
  const node = new second.DockerNode(stack, "Node", { address: "10.0.0.2" });
  const image = new second.DockerNodeImage(stack, "Image");
  const pool = new second.ResolverPool(stack, "Resolvers", { servers });
  const words = places("cdktf-dns-lb", "second/node_modules/cdktf-dns-lb");
  refused(() => new own.StandaloneLoadBalancer(stack, "Dns", { node }), "[dns/Dns] 'node' ", ...words);
  refused(() => new own.DockerNode(stack, "Own", { address: "10.0.0.3", image }), "[dns/Own] 'image' ", ...words);
  refused(() => new own.ResolverPool(stack, "P", { servers, fallback: pool }), "[dns/P] 'fallback' ", ...words);
  const dns = loadBalancer(newStack());
  refused(() => dns.addDnsFrontend("F", { pool, allowFrom: ["10.0.0.0/8"] }), "[dns/Dns/F] 'pool' ", ...words);
  const server = new second.UnboundServer(stack, "Server", { node, allowFrom: ["10.0.0.0/8"] });
  refused(() => new own.ResolverPool(stack, "Q", { servers: [server] }), "[dns/Q] 'servers[0]' ", ...words);
}

// Tests see what another copy of the same version has made, and say so if it is another version.
{
  const stack = newStack();
  const dns = loadBalancer(stack);
  assert.equal(nodesOf(stack).length, 1);
  refused(() => newerTesting.nodesOf(dns), "[dns/Dns] comes from a second copy of cdktf-dns-lb");
}

// Bindings of the Docker provider may be there twice: Terraform sees the same provider.
for (const given of [true, false]) {
  const stack = newStack();
  const provider = new secondBindings.DockerProvider(stack, "docker", {});
  assert.equal(provider instanceof bindings.DockerProvider, false);
  loadBalancer(stack, given ? provider : undefined);
  const json: { readonly provider: object; readonly resource: object } = JSON.parse(String(cdktf.Testing.synth(stack)));
  assert.deepEqual(json.provider, { docker: [{}] });
  assert.deepEqual(Object.keys(json.resource).sort(), [
    "docker_container",
    "docker_network",
    "docker_volume",
    "terraform_data",
  ]);
}

// Another cdktf is refused before anything breaks.
for (const { who, name, fix } of [
  { who: "native", name: "cdktn", fix: 'an alias in your package.json: "cdktf": "npm:cdktn@' },
  { who: "other", name: "cdktf", fix: "npm ls cdktf" },
]) {
  const stack = newStack(gets<typeof cdktf>(who, name));
  const path = join(modules, who, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const words = [`${name} ${version} at ${path} and cdktf `, ` at ${realpathSync(join(modules, "cdktf"))};`, fix];
  refused(() => new own.ResolverPool(stack, "Resolvers", { servers }), "[dns/Resolvers] ", ...words);
  refused(() => new own.DockerNode(stack, "Node", { address: "10.0.0.2" }), "[dns/Node] ", ...words);
  refused(() => new own.DockerNodeImage(stack, "Image"), "[dns/Image] ", ...words);
  const variable = new (gets<typeof cdktf>(who, name).TerraformVariable)(stack, "password", { sensitive: true });
  refused(() => own.Secret.fromVariable(variable), "'variable' ", ...words);
}
