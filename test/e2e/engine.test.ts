import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { provideBaseImage, provideImageWith } from "./base-image.js";
import { type Engine, startEngine } from "./engine.js";
import { until } from "./run.js";
import { sweep } from "./sweep.js";
import { removeAbandoned } from "./temporary.js";

let engine: Engine;
let image: string;

beforeAll(async () => {
  engine = await startEngine({ alwaysOwn: true });
  image = (await provideBaseImage(engine)).tag;
});

afterAll(async () => {
  await engine?.stop();
});

/** A container that answers with `docker exec` and comes back by itself. */
async function startContainer(name: string) {
  const container = await engine.docker.createContainer({
    name,
    Image: image,
    Cmd: ["sleep", "infinity"],
    HostConfig: { RestartPolicy: { Name: "unless-stopped" }, Init: true },
  });
  await container.start();
  return container;
}

const startedAt = async (name: string) => {
  const { State: state } = await engine.docker.getContainer(name).inspect();
  return state.Running ? state.StartedAt : "";
};

describe("an engine of our own", () => {
  test("builds images with packages from this machine's mirror", async () => {
    const { tag } = await provideImageWith(engine, image, ["netbase"], "dnslb-e2e-netbase:1");
    await expect(engine.docker.getImage(tag).inspect()).resolves.toBeDefined();
  });

  test("fails to build an image with a package that does not exist, in apt's words", async () => {
    const built = provideImageWith(engine, image, ["no-such-package"], "dnslb-e2e-none:1");
    await expect(built).rejects.toThrow("Unable to locate package no-such-package");
  });

  test.each([
    ["its daemon was stopped", (own: NonNullable<Engine["own"]>) => own.stopDaemon()],
    ["everything was killed", (own: NonNullable<Engine["own"]>) => own.crash()],
    ["its power was cut", (own: NonNullable<Engine["own"]>) => own.powerCut()],
  ])("comes back with its containers after %s", async (_, end) => {
    await startContainer("dnslb-e2e-back");
    const before = await startedAt("dnslb-e2e-back");
    const { own } = engine;
    if (own === undefined) throw new Error("not our own engine");
    await end(own);
    await own.startDaemon();
    await until("the container", 30, async () => !["", before].includes(await startedAt("dnslb-e2e-back")));
    expect(await sweep(engine.docker, "dnslb-e2e-back")).toEqual(["container dnslb-e2e-back"]);
  });
});

describe("an aborted run", () => {
  let child: ChildProcess;

  test("takes its engine with it, and the next one removes the rest", async () => {
    const tsx = join(__dirname, "..", "..", "node_modules", "tsx", "dist", "loader.mjs");
    child = spawn(process.execPath, ["--import", tsx, join(__dirname, "engine", "stay.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until("the other engine", 60, () => said.includes("\n"));
    const socket = said.trim().slice("unix://".length);
    expect(existsSync(socket)).toBe(true);
    child.kill("SIGKILL");
    await until("its end", 10, () => child.exitCode !== null || child.signalCode !== null);
    const directory = socket.slice(0, socket.lastIndexOf("/"));
    await until("the removal", 10, () => removeAbandoned().includes(directory) || !existsSync(directory));
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(engine.host.slice("unix://".length))).toBe(true);
  });

  afterAll(() => {
    child?.kill("SIGKILL");
  });
});
