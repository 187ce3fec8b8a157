import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Manifest } from "../../../lib/model/manifest.js";
import { AGENT, FakeNode, manifest, service, until } from "./fake-node.js";

/* What operators do on a node, with daemons that are played; test/real and test/lab have the true ones. */

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const status = async () => JSON.parse((await node.agent("status", "--json")).stdout);
const drain = () => readFileSync(join(node.run, "drain"), "utf8");

async function applied(part: Partial<Manifest>, files: Readonly<Record<string, string>> = {}): Promise<string> {
  expect(await node.agent("apply", node.bundle(manifest(part), files))).toMatchObject({ status: 0, stderr: "" });
  return node.current() ?? "";
}

describe("the metric of a release", () => {
  const compose = [{ kind: "release-metric", path: "haproxy/release.prom" }] as const;
  const metric = () => readFileSync(join(node.state, "current/haproxy/release.prom"), "utf8");

  test("tells its name, which does not depend on it", async () => {
    const part = { compose, workload: 'a"\\\n', configuration: "c0" };
    const first = await applied(part, { v: "1" });
    expect(metric().split("\n").slice(1)).toEqual([
      "# TYPE dns_lb_release_info gauge",
      `dns_lb_release_info{load_balancer="a\\"\\\\\\n",node="a",release="${first}",configuration="c0"} 1`,
      "",
    ]);
    const bundle = node.bundle(manifest(part), { v: "1", "haproxy/release.prom": "smuggled" });
    node.supervise("unbound");
    expect((await node.agent("apply", bundle)).stdout).toBe(`unchanged ${first}\n`);
    expect(metric()).toContain(first);
    expect(await applied(part, { v: "2" })).not.toBe(first);
    await node.agent("rollback");
    expect(metric()).toContain(`release="${first}"`);
  });
});

describe("a drained node", () => {
  // It is ready when its pid files are there, and is told by a signal.
  const ready =
    'trap : HUP; : >"$1/private/keepalived-main.pid"; : >"$1/private/keepalived-vrrp.pid"; while :; do sleep 0.05; done';
  const keepalived = service({ name: "keepalived", command: ["bash", "-c", ready, "bash", "{run}"], reload: [] });
  const mobility = {
    ...({ kind: "vrrp", service: "keepalived" } as const),
    virtualAddresses: [{ address: "192.0.2.53", interface: "eth0", onLoopback: false }],
  };
  const pair = (seconds: number) => ({
    services: [service({ command: ["sleep", `${seconds}`] }), keepalived],
    mobility,
  });

  async function runningPair(): Promise<void> {
    await applied(pair(1000));
    for (const name of ["unbound", "keepalived"]) node.supervise(name);
    await until(() => existsSync(join(node.run, "drain")) && node.pid("unbound") !== undefined);
  }

  /** Kills an agent that restarts a daemon behind a drain; nobody starts the daemon again. */
  async function cutShort(): Promise<void> {
    await applied(pair(1000));
    node.background(AGENT, ...directories(), "run", "unbound");
    node.supervise("keepalived");
    await until(() => existsSync(join(node.run, "drain")) && node.pid("unbound") !== undefined);
    const { process, outcome } = node.start("apply", node.bundle(manifest(pair(2000))));
    await until(() => drain() === "1\n");
    expect(await status()).toMatchObject({ drained: true, drainedBy: "change", change: "under way" });
    expect((await node.agent("status")).stdout).toMatch(/^lb a \(drained by a change\)\n.*\na change is under way\n/);
    process.kill("SIGKILL");
    await outcome;
    expect(await status()).toMatchObject({ drained: true, drainedBy: "change", change: "cut short" });
  }
  const directories = () => ["--state", node.state, "--run", node.run];

  test("takes part again after a change that was cut short, with the next that is done to it", async () => {
    await cutShort();
    expect((await node.agent("status")).stdout).toContain("\na change was cut short: roll back, or apply again\n");
    expect((await node.agent("recover")).stdout).toMatch(/^node takes part again\n/);
    expect(drain()).toBe("0\n");
  });

  test("takes part again after a change that was cut short, when keepalived is started", async () => {
    await cutShort();
    process.kill(node.pid("keepalived") ?? 0);
    await until(() => drain() === "0\n");
  });

  test("takes part again after a change that was cut short, when the agent that takes bundles is started", async () => {
    await cutShort();
    const { process, outcome } = node.start("serve", join(node.dir, "inbox/socket"));
    await until(() => drain() === "0\n");
    process.kill();
    await outcome;
  });

  test("stays so over changes, recovery and a restart of the node, as its operator wants it", async () => {
    await runningPair();
    expect((await node.agent("drain")).stdout).toBe("node drained\n");
    await applied(pair(2000));
    await node.agent("recover");
    expect(drain()).toBe("1\n");
    expect(await status()).toMatchObject({ drained: true, drainedBy: "operator", change: null });
    const before = node.pid("keepalived") ?? 0;
    rmSync(join(node.run, "drain"));
    process.kill(before);
    await until(() => existsSync(join(node.run, "drain")) && node.pid("keepalived") !== before);
    expect(drain()).toBe("1\n");
    expect((await node.agent("undrain")).stdout).toBe("node undrained\n");
    expect([drain(), await status()]).toMatchObject(["0\n", { drained: false, drainedBy: null }]);
  });

  test("is one that leaves its pair, before a daemon takes the release without the addresses", async () => {
    await runningPair();
    const alone = manifest({
      services: [service({ command: ["sleep", "1000"], reload: ["touch", "{run}/reloaded"] })],
    });
    const { status: code, stdout } = await node.agent("apply", node.bundle(alone));
    expect(code).toBe(0);
    expect(stdout).toMatch(/node drained\nunbound reloaded\nkeepalived stopped\n[\s\S]*node takes part again\n/);
    expect(await status()).toMatchObject({ drained: false });
  });

  test("is not remembered where it drains for now, as a container that stops does", async () => {
    await runningPair();
    await node.agent("drain", "--for-now");
    expect(drain()).toBe("1\n");
    rmSync(join(node.run, "drain"));
    const before = node.pid("keepalived") ?? 0;
    process.kill(before);
    await until(() => existsSync(join(node.run, "drain")) && node.pid("keepalived") !== before);
    expect(drain()).toBe("0\n");
    expect(await node.agent("drain", "s1", "--for-now")).toMatchObject({ status: 2 });
  });

  test("is said to be of unknown VRRP state where keepalived does not tell", async () => {
    await runningPair();
    expect((await node.agent("status")).stdout).toContain("\nvirtual addresses here: none\nVRRP: unknown\n");
  });
});

describe("the daemons' own words", () => {
  const secrets = { "secrets/key": "an example key\n" };

  test("come through without secrets", async () => {
    await applied({ services: [service({ name: "dnsdist" })] }, secrets);
    node.program(
      "dnsdist",
      '#!/bin/sh\necho "$4: an example key, $(cat $RUN/dnsdist.key)"\n'.replace("$RUN", node.run),
    );
    writeFileSync(join(node.run, "dnsdist.key"), "console\n");
    const outcome = await node.agent("dnsdist", "showServers()");
    expect(outcome).toEqual({ status: 0, stdout: "showServers(): (hidden), (hidden)\n", stderr: "" });
  });

  test.each([
    ["Error: [string]: no such thing", "dnsdist: [string]: no such thing"],
    ["Fatal error: connecting: Connection refused", "dnsdist does not answer"],
  ])("fails when dnsdist says %s", async (words, reason) => {
    await applied({ services: [service({ name: "dnsdist" })] });
    node.program("dnsdist", `#!/bin/sh\necho "${words}"\n`);
    expect(await node.agent("dnsdist", "x()")).toEqual({ status: 1, stdout: "", stderr: `dns-lb-agent: ${reason}\n` });
  });

  test("fails when haproxy does not answer", async () => {
    await applied({ services: [service({ name: "haproxy" })] });
    expect((await node.agent("haproxy", "show", "info")).stderr).toBe(
      "dns-lb-agent: haproxy does not answer: No such file or directory\n",
    );
  });
});

describe("check", () => {
  test("lets the daemons judge the live release", async () => {
    const services = [service({ check: ["sh", "-c", "cat {release}/complaint 2>/dev/null; true"] })];
    const first = await applied({ services });
    expect(await node.agent("check")).toEqual({ status: 0, stdout: `unbound would take ${first}\n`, stderr: "" });
  });

  test("fails when a daemon would not take it any more, or somebody edited it", async () => {
    const services = [service({ check: ["sh", "-c", "cat {state}/complaint 2>/dev/null; true"] })];
    const first = await applied({ services }, { v: "1" });
    writeFileSync(join(node.state, "complaint"), "certificate expired\n");
    expect((await node.agent("check")).stderr).toBe(
      "unbound: certificate expired\ndns-lb-agent: refused by unbound; nothing was changed\n",
    );
    writeFileSync(join(node.state, "current/v"), "2");
    expect((await node.agent("check")).stderr).toBe(
      `dns-lb-agent: the files of release ${first} were changed by hand; apply the bundle again\n`,
    );
  });
});

describe("query", () => {
  test.each([
    [["www.example.com", "XX", "@127.0.0.1"], "'XX' is not one of A, NS,"],
    [["www.example.com", "A", "@host"], "'host' does not appear to be an IPv4 or IPv6 address"],
    [[`${"x".repeat(64)}.example.com`, "A", "@127.0.0.1"], "is not a domain name"],
    [["www.example.com", "A", "@127.0.0.1#1", "--tcp"], "@127.0.0.1#1: no answer over tcp: Connection refused"],
  ])("fails when asked for %j", async (words, reason) => {
    const outcome = await node.agent("query", ...words);
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.stderr).toContain(reason);
  });
});
