import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { ManifestPool } from "../../../lib/model/manifest.js";
import { FakeNode, manifest, service, until } from "./fake-node.js";
import { installAgent } from "./install.js";

/* A daemon comes to the agent by one file and its lines in the list: nothing else of the agent is touched. */

const agent = installAgent(mkdtempSync(join(inject("scratch"), "imaginary-")));
const daemons = join(dirname(agent), "dnslb_agent/daemons");
copyFileSync(join(__dirname, "imaginary.py"), join(daemons, "imaginary.py"));
const list = join(daemons, "__init__.py");
const lines = readFileSync(list, "utf8")
  .replace("from .nsd import Nsd\n", "from .imaginary import Imaginary\nfrom .nsd import Nsd\n")
  .replace("    Nsd(),\n", "    Nsd(),\n    Imaginary(),\n");
writeFileSync(list, lines);
// The list was compiled without it.
rmSync(join(daemons, "__pycache__"), { recursive: true });

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode(agent);
  writeFileSync(servers(), "pool:s1 up\npool:s2 down\n");
});
afterEach(() => node.close());

const servers = () => join(node.dir, "servers");
const pools: readonly ManifestPool[] = [
  {
    name: "pool",
    servers: ["s1", "s2"].map((name) => ({
      ...{ name, address: "192.0.2.1", port: 53 },
      names: { imaginary: { all: `pool:${name}` } },
    })),
  },
];

const bundle = (files: Readonly<Record<string, string>>, says = "all is well", command = ["sleep", "1000"]) => {
  const settings = { servers: servers(), journal: join(node.dir, "journal") };
  const imaginary = service({ name: "imaginary", command, check: ["echo", says], reload: [], settings });
  return node.bundle(manifest({ services: [imaginary], pools }), files);
};

async function running(): Promise<string> {
  expect(await node.agent("apply", bundle({ v: "1" }))).toMatchObject({ status: 0, stderr: "" });
  node.supervise("imaginary");
  await until(() => node.pid("imaginary") !== undefined);
  return node.current() ?? "";
}

test("is prepared, checked, reloaded and thanked", async () => {
  await running();
  expect(node.journal()).toEqual(["prepared"]);
  const outcome = await node.agent("apply", bundle({ v: "2" }));
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  expect(outcome.stdout).toContain("imaginary reloaded\n");
  expect(node.journal()).toEqual(["prepared", "reloaded", "proved"]);
});

test("is restarted for another command", async () => {
  await running();
  const before = node.pid("imaginary");
  const outcome = await node.agent("apply", bundle({ v: "2" }, "all is well", ["sleep", "2000"]));
  expect(outcome.stdout).toContain("imaginary restarted\n");
  expect(node.pid("imaginary")).not.toBe(before);
});

test("fails when its checker says anything else, or it does not take the release", async () => {
  const first = await running();
  expect((await node.agent("apply", bundle({ v: "2" }, "all is not well"))).stderr).toBe(
    "imaginary: all is not well\ndns-lb-agent: refused by imaginary; nothing was changed\n",
  );
  expect((await node.agent("apply", bundle({ bitter: "2" }))).stderr).toBe(
    `imaginary spits the release out\ndns-lb-agent: rolled back to ${first}\n`,
  );
});

test("shows its servers, and sends nothing to those that are drained", async () => {
  await running();
  expect((await node.agent("drain", "s1")).stdout).toBe("pool/s1 drained\n");
  expect(readFileSync(servers(), "utf8")).toBe("pool:s1 drained\npool:s2 down\n");
  const { stdout } = await node.agent("status");
  expect(stdout).toContain("\npool/s1 (drained): imaginary all drained\npool/s2: imaginary all down\n");
  // Not forgotten with a start, as daemons do that have servers.
  writeFileSync(servers(), "pool:s1 up\npool:s2 down\n");
  process.kill(node.pid("imaginary") ?? 0);
  await until(() => readFileSync(servers(), "utf8").includes("pool:s1 drained"));
  expect((await node.agent("undrain", "s1")).stdout).toBe("pool/s1 undrained\n");
  expect(readFileSync(servers(), "utf8")).toBe("pool:s1 up\npool:s2 down\n");
});

test("is asked by a command of its name", async () => {
  await running();
  expect((await node.agent("imaginary", "hello", "there")).stdout).toBe("you said hello there\n");
});
