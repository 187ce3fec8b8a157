import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AGENT, FakeNode, ME, manifest, service, until } from "./fake-node.js";

/* Releases of the schema before: the manifests in schema-1/ are those of the examples when schema 2 came. */

const fixture = (name: string) => JSON.parse(readFileSync(join(__dirname, "schema-1", name), "utf8"));

const PROGRAM = `
import json, sys
from dnslb_agent import reader

def plain(value):
    if hasattr(value, "_asdict"):
        return {key: plain(each) for key, each in value._asdict().items()}
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value

print(json.dumps(plain(reader.read(sys.argv[1]))))`;

/** A manifest as the agent understands it. */
function understood(name: string) {
  const folder = join(dirname(AGENT), name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(fixture(name)));
  const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
  return JSON.parse(execFileSync("/usr/bin/python3", ["-B", "-c", PROGRAM, folder], options));
}

describe("a manifest of schema 1", () => {
  test("of a pair means what it meant", () => {
    const { services, compose, ready, pools, mobility, watch, ...others } = understood("pair.json");
    expect(others).toEqual({
      ...{ schema: 2, workload: "load-balancer", node: "lb1", user: "dns-lb" },
      configuration: fixture("pair.json").configuration,
      ...{ out_of_service: null, tls: null, frontends: null, node_files: null },
    });
    expect(services.map(({ name }: { name: string }) => name)).toEqual(["haproxy", "dnsdist", "watch", "keepalived"]);
    expect(services[1]).toMatchObject({
      restart_on: ["dnsdist/dnsdist.conf", "dnsdist/runtime.lua"],
      settings: { console: "127.0.0.1:5199", key: "{run}/dnsdist.key", client: "{run}/dnsdist-client.conf" },
      reload: [],
      listeners: [],
    });
    expect(compose[0]).toEqual({
      ...{ kind: "service", service: "haproxy", path: "haproxy/credentials.cfg" },
      ...{ secret: "secrets/statistics-password", settings: { userlist: "statistics", user: "ops" } },
    });
    expect(compose[1]).toEqual({
      ...{ kind: "release-metric", path: "haproxy/release.prom", restart_due: null, live: null },
    });
    expect(ready[0]).toMatchObject({ address: "127.0.0.1", proxy_protocol: false, name: "alive.dns-lb.invalid." });
    expect(pools[0].servers[0]).toMatchObject({
      name: "auth1",
      names: {
        haproxy: { authoritative: "authoritative/auth1" },
        dnsdist: { udp: "authoritative/auth1", tcp: "authoritative:tcp/auth1" },
      },
    });
    expect(mobility).toEqual({ kind: "vrrp", service: "keepalived", virtual_addresses: [] });
    expect(watch.checks[2]).toMatchObject({
      ...{ kind: "pool", name: "pool-resolvers", peers: ["10.0.0.3"], patience: 6400 },
      alive: { service: "dnsdist", port: 53, name: "resolvers.pool.dns-lb.invalid.", address: "127.0.0.1" },
      // health.example.com A with RD, and OPT with the option 65001.
      proof: expect.stringMatching(
        /^[0-9a-f]{4}01000001000000000001066865616c7468076578616d706c6503636f6d000001000100002904d0000000000004fde90000$/,
      ),
    });
  });

  test("of a server means what it meant", () => {
    const { services, compose, mobility, watch } = understood("server.json");
    expect(services).toHaveLength(1);
    expect(services[0]).toMatchObject({
      name: "nsd",
      reload: fixture("server.json").services[0].reload.command,
      keeps_data: true,
      start_settings: fixture("server.json").services[0].startSettings,
    });
    expect(
      compose.every(({ kind, service }: { kind: string; service: string }) => kind === "service" && service === "nsd"),
    ).toBe(true);
    expect([mobility.kind, watch.checks]).toEqual(["fixed", []]);
  });
});

describe("on a node with a newer agent", () => {
  let node: FakeNode;
  beforeEach(() => {
    node = new FakeNode();
  });
  afterEach(() => node.close());

  /** As the agent of schema 1 had it. */
  const old = (command: readonly string[] = ["sleep", "1000"]) => ({
    ...{ schema: 1, loadBalancer: "lb", node: "a", user: ME, compose: [], ready: [], pools: [] },
    services: [{ name: "unbound", user: ME, command, check: ["true"], reload: { kind: "command", command: ["true"] } }],
  });
  // biome-ignore lint/suspicious/noExplicitAny: it is none of this version's
  const bundle = (text: any, v = "1") => node.bundle(text, { v });

  async function running(): Promise<string> {
    expect(await node.agent("apply", bundle(old()))).toMatchObject({ status: 0, stderr: "" });
    node.supervise("unbound");
    await until(() => node.pid("unbound") !== undefined);
    return node.current() ?? "";
  }

  test("a release of schema 1 runs, gives way to one of schema 2, and comes back", async () => {
    const first = await running();
    expect((await node.agent("status")).stdout).toContain("unbound: process");
    expect(await node.agent("apply", bundle(manifest()))).toMatchObject({ status: 0, stderr: "" });
    expect(node.current()).not.toBe(first);
    const outcome = await node.agent("rollback");
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(outcome.stdout).toContain("unbound reloaded\n");
    expect(node.current()).toBe(first);
    expect(await node.agent("apply", bundle(old()))).toMatchObject({ status: 0, stdout: `unchanged ${first}\n` });
  });

  test("a change to schema 2 that fails goes back to schema 1", async () => {
    const first = await running();
    const ready = [{ kind: "http", service: "unbound", port: 1, path: "/" }] as const;
    const outcome = await node.agent("apply", bundle(manifest({ ready })), "--timeout", "0.5");
    expect(outcome.stderr).toContain(`rolled back to ${first}\n`);
    expect(node.current()).toBe(first);
    expect((await node.agent("ready")).status).toBe(0);
  });

  test("a change to schema 2 does not ask for what a daemon of schema 1 listens on, whatever that is", async () => {
    await running();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const own = { address: "127.0.0.1", port, transport: "tcp", foreign: false, shared: false } as const;
    const services = [service({ listeners: [{ ...own, v6only: false, sockets: 1 }] })];
    expect(await node.agent("apply", bundle(manifest({ services })))).toMatchObject({ status: 0, stderr: "" });
    taken.close();
  });

  test("a change to schema 2 that was cut short is undone", async () => {
    const first = await running();
    await node.agent("apply", bundle(manifest()));
    writeFileSync(join(node.state, "changing"), first);
    expect((await node.agent("recover")).stdout).toBe(`back to ${first}, because a change was cut short\n`);
    expect(node.current()).toBe(first);
  });

  test("fails when it is no manifest of schema 1 for all that it says", async () => {
    const { services, ...others } = old();
    for (const part of [{}, { services: [{ ...services[0], reload: 1 }] }, { services: 7 }, { services, pools: [1] }]) {
      const outcome = await node.agent("apply", bundle({ ...others, ...part }));
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toMatch(/^dns-lb-agent: manifest\.json: is not a manifest of schema 1: /);
    }
  });
});

describe("a release of a schema that is newer than the agent", () => {
  let node: FakeNode;
  beforeEach(() => {
    node = new FakeNode();
  });
  afterEach(() => node.close());

  test("is replaced by the next one that is applied, and is nothing to go back to", async () => {
    await node.agent("apply", node.bundle(manifest(), { v: "1" }));
    const first = node.current();
    const newer = join(node.state, "releases/newer");
    mkdirSync(newer);
    writeFileSync(join(newer, "manifest.json"), JSON.stringify({ ...manifest(), schema: 3 }));
    execFileSync("ln", ["-sfn", "releases/newer", join(node.state, "current")]);
    node.supervise("unbound");
    const ready = [{ kind: "http", service: "unbound", port: 1, path: "/" }] as const;
    const failing = await node.agent("apply", node.bundle(manifest({ ready })), "--timeout", "0.5");
    expect(failing.stderr).toContain("there is no earlier release to return to\n");
    expect((await node.agent("recover")).stderr).toMatch(
      /^a change was cut short, and this agent cannot read release newer; [0-9a-f]{16} stays live\n$/,
    );
    execFileSync("ln", ["-sfn", `releases/${first}`, join(node.state, "previous")]);
    expect(await node.agent("rollback")).toMatchObject({ status: 0, stderr: "" });
    expect(node.current()).toBe(first);
    const outcome = await node.agent("apply", node.bundle(manifest(), { v: "2" }));
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    await until(() => node.pid("unbound") !== undefined);
    expect(existsSync(join(node.state, "changing"))).toBe(false);
    expect(readlinkSync(join(node.state, "current"))).not.toContain("newer");
  });

  test("is no reason to ask for what its daemons listen on, who run on", async () => {
    node.supervise("unbound");
    await node.agent("apply", node.bundle(manifest(), { v: "1" }));
    await until(() => node.pid("unbound") !== undefined);
    const path = join(node.state, "current/manifest.json");
    writeFileSync(path, JSON.stringify({ ...manifest(), schema: 3 }));
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const own = { address: "127.0.0.1", port, transport: "tcp", foreign: false, shared: false } as const;
    const services = [service({ listeners: [{ ...own, v6only: false, sockets: 1 }] })];
    expect((await node.agent("apply", node.bundle(manifest({ services })))).stderr).toBe("");
    taken.close();
  });
});
