import { afterAll, beforeAll, expect, test } from "vitest";
import { provideBaseImage } from "../base-image.js";
import { type Engine, startEngine } from "../engine.js";
import { Workspace } from "../workspace.js";
import { type RunningProvider, startProvider } from "./start.js";

const APP = "test/e2e/provider/app/main.ts";

let engine: Engine;
let provider: RunningProvider;
let image: string;
let workspace: Workspace;

beforeAll(async () => {
  engine = await startEngine({ alwaysOwn: true });
  provider = await startProvider();
  image = (await provideBaseImage(engine)).tag;
  workspace = new Workspace(provider.environment);
});

afterAll(async () => {
  workspace?.remove();
  provider?.stop();
  await engine?.stop();
});

async function cdktf(command: "deploy" | "destroy", greeting: string) {
  const args = ["--auto-approve", "--skip-provider-lock"];
  const { code, stdout, stderr } = await workspace.cdktf(APP, [command, ...args], {
    ENGINE: engine.host,
    IMAGE: image,
    GREETING: greeting,
  });
  return { code, text: stdout + stderr };
}

test("cdktf deploys, changes nothing, fails in the loader's words, repairs, destroys", async () => {
  const first = await cdktf("deploy", "good 1");
  expect(first.text).toContain("4 added, 0 changed, 0 destroyed");
  expect(first.code).toBe(0);

  expect((await cdktf("deploy", "good 1")).text).toContain(
    "No changes. Your infrastructure matches the configuration.",
  );

  const refused = await cdktf("deploy", "bad 2");
  expect(refused.code).not.toBe(0);
  expect(refused.text).toContain("the node refused its configuration: refused: bad 2");
  expect((await engine.docker.getContainer("dnslb-e2e-tiny-node").inspect()).State.Running).toBe(true);

  expect((await cdktf("deploy", "good 3")).text).toContain("1 added, 0 changed, 1 destroyed");

  expect((await cdktf("destroy", "good 3")).text).toContain("4 destroyed");
  expect(await engine.docker.listContainers({ all: true })).toEqual([]);
  expect(await engine.docker.listNetworks({ filters: { type: ["custom"] } })).toEqual([]);
});
