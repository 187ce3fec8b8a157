import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { provideBaseImage } from "../base-image.js";
import { MERGED } from "../engine/settings.js";
import { type Engine, startEngine } from "../engine.js";
import { Workspace } from "../workspace.js";
import { type RunningProvider, startProvider } from "./start.js";

let engine: Engine;
let provider: RunningProvider;
let image: string;
let workspace: Workspace;

beforeAll(async () => {
  engine = await startEngine({ alwaysOwn: true });
  provider = await startProvider();
  image = (await provideBaseImage(engine)).tag;
});

afterAll(async () => {
  provider?.stop();
  await engine?.stop();
});

beforeEach(() => {
  workspace = new Workspace(provider.environment);
});

afterEach(async () => {
  try {
    workspace.configure(configuration());
    const destroyed = await workspace.terraform("destroy", "-auto-approve");
    expect(destroyed.stdout + destroyed.stderr).toContain("Destroy complete!");
    expect(await leftInEngine()).toEqual([]);
  } finally {
    workspace.remove();
  }
});

async function leftInEngine(): Promise<readonly string[]> {
  const containers = await engine.docker.listContainers({ all: true });
  const networks = await engine.docker.listNetworks({ filters: { type: ["custom"] } });
  const { Volumes: volumes } = await engine.docker.listVolumes();
  return [
    ...containers.flatMap(({ Names }) => Names),
    ...networks.map(({ Name }) => Name),
    ...volumes.map(({ Name }) => Name),
  ];
}

/** The resources of a node, in the provider's own words. */
function configuration(resource?: object, rest: object = {}): object {
  return {
    terraform: { required_providers: { docker: { source: "kreuzwerker/docker", version: "3.6.2" } } },
    provider: { docker: { host: engine.host } },
    ...(resource === undefined ? {} : { resource }),
    ...rest,
  };
}

function loader(name: string, content: string, more: object = {}): object {
  return {
    name,
    image,
    command: ["sh", "-c", "grep good /in/config > /state/config || { echo REFUSED: $(cat /in/config) >&2; exit 3; }"],
    attach: true,
    logs: true,
    must_run: false,
    restart: "no",
    tty: true,
    upload: { file: "/in/config", content },
    volumes: { volume_name: "$" + "{docker_volume.state.name}", container_path: "/state" },
    lifecycle: {
      postcondition: {
        condition: "$" + "{self.exit_code == 0}",
        error_message: "refused: $" + "{self.container_logs}",
      },
    },
    ...more,
  };
}

const idle = { command: ["sleep", "infinity"], init: true };

async function apply(resource: object, rest: object = {}) {
  workspace.configure(configuration(resource, rest));
  const result = await workspace.terraform("apply", "-auto-approve");
  return { code: result.code, text: result.stdout + result.stderr };
}

async function plan() {
  const result = await workspace.terraform("plan", "-detailed-exitcode");
  return { code: result.code, text: result.stdout + result.stderr };
}

const state = async (name: string): Promise<unknown> => {
  const { stdout } = await workspace.terraform("show", "-json");
  const { values } = JSON.parse(stdout);
  const found: { address: string; values: unknown }[] = values.root_module.resources;
  return found.find(({ address }) => address === name)?.values;
};

test("a node is created, stays as it is, is replaced for a changed file, and goes", async () => {
  const node = (content: string) => ({
    docker_network: {
      net: {
        name: "e2e-net",
        ipv6: true,
        ipam_config: [
          { subnet: "10.88.0.0/24", gateway: "10.88.0.1" },
          { subnet: "fd00:88::/64", gateway: "fd00:88::1" },
        ],
        labels: { label: "purpose", value: "e2e" },
      },
    },
    docker_volume: { state: { name: "e2e-state" } },
    docker_container: {
      node: {
        name: "e2e-node",
        image,
        command: ["sleep", "infinity"],
        init: true,
        read_only: true,
        tmpfs: { "/run": "mode=755,exec" },
        restart: "unless-stopped",
        destroy_grace_seconds: 2,
        memory: 64,
        memory_swap: 64,
        user: "5353:5353",
        group_add: ["53"],
        env: ["A=1"],
        labels: { label: "node", value: "a" },
        sysctls: { "net.ipv4.ip_nonlocal_bind": "1" },
        security_opts: ["no-new-privileges"],
        capabilities: { add: ["CAP_NET_ADMIN"], drop: ["ALL"] },
        ulimit: { name: "nofile", soft: 1024, hard: 2048 },
        mounts: { type: "volume", source: "$" + "{docker_volume.state.name}", target: "/state", read_only: true },
        networks_advanced: {
          name: "$" + "{docker_network.net.id}",
          ipv4_address: "10.88.0.11",
          ipv6_address: "fd00:88::11",
        },
        healthcheck: { test: ["CMD", "true"], interval: "1s", timeout: "1s", retries: 3 },
        wait: true,
      },
      loader: loader("e2e-loader", content, { depends_on: ["docker_container.node"] }),
    },
  });
  workspace.configure(configuration(node("good 1")));
  expect((await workspace.terraform("init")).code).toBe(0);
  expect((await workspace.terraform("validate")).stdout).toContain("The configuration is valid.");

  expect((await apply(node("good 1"))).text).toContain("4 added, 0 changed, 0 destroyed");
  expect(await state("docker_container.loader")).toMatchObject({ exit_code: 0, container_logs: "" });
  const [found] = await engine.docker.listContainers({ filters: { name: ["e2e-node"] } });
  expect(found?.State).toBe("running");
  const inspected = await engine.docker.getContainer("e2e-node").inspect();
  expect(inspected.NetworkSettings.Networks).toMatchObject({
    "e2e-net": { IPAddress: "10.88.0.11", GlobalIPv6Address: "fd00:88::11" },
  });
  expect(inspected.HostConfig).toMatchObject({
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    CapAdd: ["CAP_NET_ADMIN"],
    Memory: 64 * 1024 * 1024,
    GroupAdd: ["53"],
  });
  expect(await plan()).toMatchObject({ code: 0, text: expect.stringContaining("No changes.") });

  const replaced = await apply(node("good 2"));
  expect(replaced.text).toContain("1 added, 0 changed, 1 destroyed");
  expect(replaced.text).not.toContain("docker_container.node: Destroying");
  expect((await plan()).code).toBe(0);
});

test("a refused configuration fails the apply in the loader's words, and never reaches the second node", async () => {
  const pair = (content: string) => ({
    docker_volume: { state: { name: "e2e-state" } },
    docker_container: {
      first: loader("e2e-first", content),
      second: loader("e2e-second", content, { depends_on: ["docker_container.first"] }),
    },
  });
  expect((await apply(pair("good 1"))).text).toContain("3 added");
  expect((await plan()).code).toBe(0);

  const refused = await apply(pair("bad 2"));
  expect(refused.code).toBe(1);
  expect(refused.text).toContain("Resource postcondition failed");
  expect(refused.text).toContain("refused: REFUSED: bad 2");
  expect(refused.text).not.toContain("docker_container.second: Creating");

  // The same again fails before anything is done; what is good repairs both.
  const again = await apply(pair("bad 2"));
  expect(again.text).toContain("refused: REFUSED: bad 2");
  expect(again.text).not.toContain("Creating");
  expect((await apply(pair("good 3"))).text).toContain("2 added, 0 changed, 1 destroyed");
  expect((await plan()).code).toBe(0);
});

test("without a terminal the logs keep the headers of the engine's stream", async () => {
  const once = { name: "e2e-once", image, command: ["echo", "hello"], attach: true, logs: true, must_run: false };
  await apply({ docker_container: { once } });
  expect(await state("docker_container.once")).toMatchObject({
    container_logs: "\u0001\0\0\0\0\0\0\u0006hello\n",
    exit_code: 0,
  });
});

describe("a container that does not run", () => {
  test("fails when it ends at once and must run, and is removed", async () => {
    const failed = await apply({ docker_container: { node: { name: "e2e-node", image, command: ["false"] } } });
    expect(failed.text).toContain("Error: container exited immediately");
    expect(await leftInEngine()).toEqual([]);
  });

  test("is planned anew when it was stopped later", async () => {
    const node = { name: "e2e-node", image, ...idle };
    await apply({ docker_container: { node } });
    await engine.docker.getContainer("e2e-node").kill();
    expect(await plan()).toMatchObject({
      code: 2,
      text: expect.stringContaining("1 to add, 0 to change, 0 to destroy"),
    });
    expect(await leftInEngine()).toEqual([]);
  });

  test("fails when it does not become healthy, after the whole timeout, without its logs", async () => {
    const healthcheck = { test: ["CMD", "false"], interval: "1s", retries: 1 };
    const node = { name: "e2e-node", image, ...idle, healthcheck, wait: true, wait_timeout: 3 };
    expect((await apply({ docker_container: { node } })).text).toContain(
      "Error: container failed to be in healthy state",
    );
    expect((await plan()).text).toContain("is tainted, so must be replaced");
  });
});

test("a capability in another spelling is replaced for ever", async () => {
  const node = (add: string) => ({ name: "e2e-node", image, ...idle, capabilities: { add: [add] } });
  await apply({ docker_container: { node: node("NET_ADMIN") } });
  expect((await plan()).text).toContain("1 to add, 0 to change, 1 to destroy");
  await apply({ docker_container: { node: node("CAP_NET_ADMIN") } });
  expect((await plan()).code).toBe(0);
});

test("a line of 64 KiB in a log that is read ends the provider, one that is shorter does not", async () => {
  const once = (bytes: number) => {
    const command = ["sh", "-c", `head -c ${bytes} /dev/zero | tr '\\0' x; echo`];
    return {
      docker_container: { once: { name: "e2e-once", image, command, attach: true, logs: true, must_run: false } },
    };
  };
  // The head of a frame counts, too.
  expect((await apply(once(60_000))).code).toBe(0);
  expect((await apply(once(65_536))).text).toContain("token too long");
});

describe("what the provider plans but the engine never gets", () => {
  test.each<[string, object, object]>([
    ["a memory limit without one for swap", { memory: 64 }, { memory: 64 }],
    ["a health check's duration that Go writes otherwise", healthcheck("60s"), healthcheck("60s")],
    ["a changed tmpfs", { tmpfs: { "/a": "" } }, { tmpfs: { "/b": "" } }],
    ["a changed health check", healthcheck("1s"), healthcheck("2s")],
  ])("%s is an update for ever", async (_, first, second) => {
    await apply({ docker_container: { node: { name: "e2e-node", image, ...idle, ...first } } });
    expect(
      (await apply({ docker_container: { node: { name: "e2e-node", image, ...idle, ...second } } })).text,
    ).toContain("0 added, 1 changed, 0 destroyed");
    expect((await plan()).text).toContain("0 to add, 1 to change, 0 to destroy");
  });

  function healthcheck(interval: string): object {
    return { healthcheck: { test: ["CMD", "true"], interval, timeout: "1s" } };
  }

  test("volume_options fail on an engine older than API 1.45", async () => {
    const mounts = { type: "volume", source: "e2e-x", target: "/x", volume_options: { no_copy: true } };
    const { ApiVersion } = await engine.docker.version();
    const { text } = await apply({ docker_container: { node: { name: "e2e-node", image, ...idle, mounts } } });
    const refusal = "Setting VolumeOptions.Subpath requires docker version 1.45 or higher";
    if (ApiVersion < "1.45") expect(text).toContain(refusal);
    else expect(text).not.toContain(refusal);
    await engine.docker
      .getVolume("e2e-x")
      .remove()
      .catch(() => undefined);
  });
});

test("restart and memory change in place", async () => {
  const node = (more: object) => ({ docker_container: { node: { name: "e2e-node", image, ...idle, ...more } } });
  await apply(node({ restart: "no", memory: 64, memory_swap: 64 }));
  const before = (await engine.docker.getContainer("e2e-node").inspect()).Id;
  const changed = await apply(node({ restart: "always", memory: 96, memory_swap: 96 }));
  expect(changed.text).toContain("0 added, 1 changed, 0 destroyed");
  expect(await engine.docker.getContainer("e2e-node").inspect()).toMatchObject({
    Id: before,
    HostConfig: { RestartPolicy: { Name: "always" }, Memory: 96 * 1024 * 1024 },
  });
  expect((await plan()).code).toBe(0);
});

describe("an upload", () => {
  const upload = (blocks: readonly object[]) => ({
    docker_container: {
      once: {
        name: "e2e-once",
        image,
        command: ["sh", "-c", "stat -c '%a %u %n' /in/* && cat /in/*"],
        upload: blocks,
        attach: true,
        logs: true,
        must_run: false,
        tty: true,
      },
    },
  });

  test("comes from text, base64 or a file of this machine, with its mode, as root", async () => {
    const source = workspace.write("secret", "three\n");
    await apply(
      upload([
        { file: "/in/a", content: "one\n" },
        { file: "/in/b", content_base64: Buffer.from("two\n").toString("base64"), executable: true },
        { file: "/in/c", source, source_hash: "1", permissions: "0640" },
      ]),
    );
    expect(await state("docker_container.once")).toMatchObject({
      container_logs: "644 0 /in/a\n744 0 /in/b\n640 0 /in/c\none\ntwo\nthree\n",
    });
    const { stdout } = await workspace.terraform("state", "pull");
    expect(stdout).not.toContain('"content": "three');
  });

  test.each<[string, object, string]>([
    ["it has no content", {}, "one of 'content', 'content_base64', or 'source' must be set"],
    [
      "it has two",
      { content: "a", source: "/etc/hostname" },
      "only one of 'content', 'content_base64', or 'source' can be set",
    ],
    ["its file is missing", { source: "/missing" }, "could not read file: open /missing"],
    ["its mode is not one", { content: "a", permissions: "644" }, "'644' doesn't match the pattern '^0[0-7]{3}$'"],
    ["it is not base64", { content_base64: "!" }, "'!' is not base64 decodeable"],
  ])("fails when %s", async (_, block, words) => {
    const { code, text } = await apply(upload([{ file: "/in/a", ...block }]));
    expect(code).toBe(1);
    expect(text.replace(/\s*\n\s*/g, " ")).toContain(words);
  });
});

describe("an image", () => {
  const build = (context: string, more: object = {}) => ({
    docker_image: { built: { name: "e2e-built:1", build: { context, ...more } } },
    docker_container: {
      once: {
        name: "e2e-once",
        image: "$" + "{docker_image.built.image_id}",
        command: ["cat", "/word"],
        attach: true,
        logs: true,
        must_run: false,
        tty: true,
      },
    },
  });

  function context(lines: readonly string[]): string {
    const directory = join(workspace.directory, "context");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "Dockerfile"), `${lines.join("\n")}\n`);
    return directory;
  }

  test("is built from a context with arguments, is replaced with its users, and goes", async () => {
    const directory = context([
      "ARG BASE",
      "FROM ${BASE}",
      "ARG WORD",
      "RUN apt-get -qq update && echo ${WORD} > /word",
    ]);
    const args = (word: string) => ({ build_args: { BASE: image, WORD: word }, labels: { purpose: "e2e" } });
    await apply(build(directory, args("one")));
    expect(await state("docker_container.once")).toMatchObject({ container_logs: "one\n" });
    expect((await plan()).code).toBe(0);
    expect((await apply(build(directory, args("two")))).text).toContain("2 added, 0 changed, 2 destroyed");
    expect(await state("docker_container.once")).toMatchObject({ container_logs: "two\n" });
  });

  test("fails when its build fails, in the builder's words", async () => {
    const directory = context([`FROM ${image}`, "RUN exit 7"]);
    const { code, text } = await apply(build(directory));
    expect(code).toBe(1);
    expect(text).toContain("Error running legacy build");
    expect(text).toMatch(/exit code: 7|non-zero code: 7/);
  });

  test("by name is found in the engine and kept", async () => {
    await apply({ docker_image: { base: { name: image, keep_locally: true } } });
    expect(await state("docker_image.base")).toMatchObject({ image_id: expect.stringMatching(/^sha256:/) });
    await workspace.terraform("destroy", "-auto-approve");
    await expect(engine.docker.getImage(image).inspect()).resolves.toBeDefined();
  });

  test("fails when it is neither here nor to be had", async () => {
    const { text } = await apply({ docker_image: { base: { name: "localhost:1/none:1" } } });
    expect(text.replace(/\s*\n\s*/g, " ")).toContain("Unable to read Docker image into resource: unable to pull image");
  });
});

describe("what the bindings do not know", () => {
  test.each<[string, object, string]>([
    ["an attribute", { docker_container: { node: { name: "a", image: "i", pids_limit: 5 } } }, "pids_limit"],
    [
      "an attribute of a block",
      { docker_container: { node: { name: "a", image: "i", upload: { file: "/f", owner: "1" } } } },
      "owner",
    ],
    ["a resource", { docker_service: { s: { name: "a" } } }, "docker_service"],
  ])("fails when it is %s", async (_, resource, word) => {
    workspace.configure(configuration(resource));
    const { code, stdout, stderr } = await workspace.terraform("validate");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(word);
  });
});

test("two provider configurations at once keep apart", async () => {
  const host = "unix:///nonexistent/docker.sock";
  const { code, text } = await apply(
    { docker_volume: { here: { name: "e2e-here" }, there: { name: "e2e-there", provider: "docker.other" } } },
    { provider: { docker: [{ host: engine.host }, { alias: "other", host }] } },
  );
  expect(code).toBe(1);
  expect(text).toContain(`Error pinging Docker server, please make sure that ${host} is reachable`);
});

// The last, since the engine keeps its settings.
test("what an engine chooses at its start, or merges into containers, is planned anew unless it is said or ignored", async () => {
  const { own } = engine;
  if (own === undefined) throw new Error("not our own engine");
  const net = { name: "e2e-net", ipam_config: [{ subnet: "10.89.0.0/24" }] };
  const said = { name: "e2e-said", ipam_config: [{ subnet: "10.90.0.0/24", gateway: "10.90.0.1" }] };
  await apply({ docker_network: { net, said } });
  expect((await plan()).code).toBe(0);
  await own.stopDaemon();
  own.configure(MERGED);
  await own.startDaemon();
  const { text } = await plan();
  expect(text).toContain("1 to add, 0 to change, 1 to destroy");
  expect(text).toContain("docker_network.net must be replaced");

  const limit = { ulimit: { name: "nofile", soft: 20_000, hard: 20_000 } };
  const given = { name: "e2e-given", image, ...idle, ...limit, log_opts: { "max-size": "1m" } };
  const ignored = { ...given, name: "e2e-ignored", lifecycle: { ignore_changes: ["log_opts", "ulimit"] } };
  await apply({ docker_container: { given, ignored } });
  const again = await plan();
  expect(again.text).toContain("1 to add, 0 to change, 1 to destroy");
  expect(again.text).toContain("docker_container.given must be replaced");
});
