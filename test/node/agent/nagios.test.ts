import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Manifest } from "../../../lib/model/manifest.js";
import { FakeNode, ME, manifest, service, until } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const check = () => node.agent("ready", "--format", "nagios", "--timeout", "0.5");

async function running(part: Partial<Manifest> = {}): Promise<void> {
  expect(await node.agent("apply", node.bundle(manifest(part)))).toMatchObject({ status: 0, stderr: "" });
  node.supervise("unbound");
  await until(() => node.pid("unbound") !== undefined);
  await new Promise((resolve) => setTimeout(resolve, 400));
}

/** What the watch of the node would have written. */
function watched(failed: number): void {
  mkdirSync(join(node.run, "results"), { recursive: true });
  writeFileSync(join(node.run, "results", "check-front"), `${failed}\n`);
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  writeFileSync(join(node.run, "results", "watch"), `${Math.floor(uptime)}\n`);
}

const WATCH: Manifest["watch"] = {
  ...{ interval: 200, timeout: 400, fall: 2, rise: 2, results: { folder: "results", user: ME } },
  checks: [{ kind: "daemon", name: "front", check: { kind: "http", service: "unbound", port: 1, path: "/" } }],
};

test("is one line with figures, and 0, while all is well", async () => {
  await running();
  expect(await check()).toEqual({
    status: 0,
    stdout: `DNSLB OK - ready ${node.current()} | services=1;;;0;1 failed_checks=0;;0;0;0 drained=0;0;;0;1\n`,
    stderr: "",
  });
});

test("is a warning, and 1, while the node is drained", async () => {
  await running();
  await node.agent("drain");
  const { status, stdout } = await check();
  expect([status, stdout]).toEqual([1, expect.stringMatching(/^DNSLB WARNING - drained \| .* drained=1;0;;0;1\n$/)]);
});

test("is critical, and 2, while a daemon does not run, before there is a release, and while a check fails", async () => {
  expect(await check()).toEqual({ status: 2, stdout: "DNSLB CRITICAL - this node has no release yet\n", stderr: "" });
  await node.agent("apply", node.bundle(manifest({ services: [service()] })));
  const stopped = await check();
  expect([stopped.status, stopped.stdout]).toEqual([
    2,
    expect.stringMatching(/^DNSLB CRITICAL - .*unbound does not run \| services=0;;;0;1 /),
  ]);
  await running({ watch: WATCH });
  const unwatched = await check();
  expect([unwatched.status, unwatched.stdout]).toEqual([
    2,
    expect.stringContaining("CRITICAL - nobody makes the checks |"),
  ]);
  watched(1);
  const failing = await check();
  expect([failing.status, failing.stdout]).toEqual([2, expect.stringContaining("CRITICAL - failed checks: front |")]);
});

test("is unknown, and 3, when the release cannot be read, and has one line then, too", async () => {
  await running();
  writeFileSync(join(node.state, "current", "manifest.json"), '{"schema": 99}');
  const { status, stdout, stderr } = await check();
  expect([status, stderr]).toEqual([3, ""]);
  expect(stdout).toMatch(/^DNSLB UNKNOWN - [^\n|]*\n$/);
});
