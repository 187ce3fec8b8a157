import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { imageFiles } from "../../../../lib/platforms/docker/image/files.js";

/** A folder that stands for the root of an image, with programs that only note how they were called. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dns-lb-image-"));
  for (const { path, content } of imageFiles()) {
    const target = join(root, "usr/libexec/dns-lb", path.replace("node/agent/", "").replace("platforms/docker/", ""));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content.replaceAll(/(?<!#!)\/(usr\/(libexec|local)|run\/dns-lb-services)/g, `${root}/$1`));
    chmodSync(target, 0o606);
  }
  for (const folder of ["usr/local/bin", "run", "bin"]) mkdirSync(join(root, folder), { recursive: true });
  for (const name of ["sv", "setpriv", "python3"]) fake(join("bin", name), "");
  fake("bin/runsvdir", "exec sleep 100");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Puts a program there that notes its name and words, without the root. */
function fake(path: string, more: string): void {
  const words = `echo "$(basename "$0") $*" | sed 's#${root}##g' >>${root}/journal`;
  writeFileSync(join(root, path), `#!/bin/sh\n${words}\n${more}\n`);
  chmodSync(join(root, path), 0o755);
}

const journal = () =>
  existsSync(join(root, "journal")) ? readFileSync(join(root, "journal"), "utf8").split("\n") : [];

function start(program: string, words: string[] = [], env: Record<string, string> = {}, cwd = root) {
  const path = join(root, "usr/libexec/dns-lb/image", program);
  const child = spawn("/bin/sh", [path, ...words], {
    cwd,
    env: { PATH: `${root}/bin:${process.env["PATH"]}`, ...env },
    detached: true,
  });
  // As in a container, nothing outlives the first process.
  child.on("exit", () => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // Nothing did.
    }
  });
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const outcome = new Promise<{ status: number | null; stderr: string }>((resolve) =>
    child.on("close", (status) => resolve({ status, stderr })),
  );
  return { child, outcome };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 8_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`this did not come true: ${holds}; ${journal().join("; ")}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const DIRECTORIES = "--state /var/lib/dns-lb --run /run/dns-lb";

/** An image whose installation has run, with an agent that only notes how it was called. */
async function installed(daemons: string): Promise<void> {
  expect(await start("install", ["services"], { DAEMONS: daemons }).outcome).toEqual({ status: 0, stderr: "" });
  fake("usr/libexec/dns-lb/dns-lb-agent", "");
  rmSync(join(root, "journal"), { force: true });
}

describe("install services", () => {
  test("has a service for the agent, for its watch and for each daemon", async () => {
    await installed("nsd unbound");
    const services = join(root, "usr/libexec/dns-lb/image/services");
    const programs = readdirSync(services).map((name) => [name, readlinkSync(join(services, name, "run"))]);
    const image = join(root, "usr/libexec/dns-lb/image");
    expect(programs).toEqual([
      ["agent", join(image, "agent")],
      ["nsd", join(image, "daemon")],
      ["unbound", join(image, "daemon")],
      ["watch", join(image, "daemon")],
    ]);
    for (const [name = ""] of programs) expect(statSync(join(services, name, "run")).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(root, "usr/local/bin/dns-lb-agent"))).toBe(join(image, "../dns-lb-agent"));
  });

  test("leaves writing to root alone, as keepalived demands of its check", async () => {
    await installed("keepalived");
    const folder = join(root, "usr/libexec/dns-lb");
    const modes = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) =>
      statSync(join(folder, path)),
    );
    expect(modes.every(({ mode }) => (mode & 0o022) === 0 && (mode & 0o044) === 0o044)).toBe(true);
    expect(statSync(join(folder, "check")).mode & 0o777).toBe(0o755);
  });

  test("fails when it is told to do something else", async () => {
    expect((await start("install", ["everything"], { DAEMONS: "nsd" }).outcome).status).not.toBe(0);
    expect((await start("install", ["services"]).outcome).status).not.toBe(0);
  });
});

describe("run programs", () => {
  test.each([
    ["daemon", "haproxy", "run haproxy"],
    ["daemon", "keepalived", "run keepalived"],
    ["agent", "agent", "serve /run/dns-lb-agent/socket"],
    ["health", "anything", "ready --timeout 2"],
  ])("%s in %s calls the agent", async (program, folder, words) => {
    await installed("haproxy");
    mkdirSync(join(root, folder));
    await start(program, [], {}, join(root, folder)).outcome;
    expect(journal()).toEqual([`dns-lb-agent ${DIRECTORIES} ${words}`, ""]);
  });

  test("fail when the agent fails", async () => {
    await installed("haproxy");
    fake("usr/libexec/dns-lb/dns-lb-agent", "exit 3");
    for (const program of ["daemon", "agent", "health"]) expect((await start(program).outcome).status).toBe(3);
  });
});

describe("start", () => {
  const BEGIN = [`dns-lb-agent ${DIRECTORIES} recover --wait 1`, "runsvdir -P /run/dns-lb-services"];
  const KILL = ["dns-lb", "dns-lb-watch"].map(
    (user) => `setpriv --reuid ${user} --regid ${user} --clear-groups sh -c kill -TERM -1`,
  );
  const services = ["agent", "haproxy", "watch"].map((name) => `/run/dns-lb-services/${name}`).join(" ");

  test("recovers, supervises, and in the end drains before it stops anything", async () => {
    await installed("haproxy");
    const { child, outcome } = start("start");
    await until(() => journal().some((line) => line.startsWith("runsvdir")));
    child.kill();
    expect(await outcome).toEqual({ status: 0, stderr: "" });
    expect(journal()).toEqual([
      ...BEGIN,
      `dns-lb-agent ${DIRECTORIES} drain --for-now --wait 1`,
      `sv exit ${services}`,
      ...KILL,
      `sv -w 1 shutdown ${services}`,
      `dns-lb-agent ${DIRECTORIES} clear`,
      "",
    ]);
    expect(readlinkSync(join(root, "run/dns-lb-services/haproxy/run"))).toContain("/image/daemon");
  });

  test("lets routers leave the node before it stops what answers them", async () => {
    await installed("bird dnsdist");
    const { child, outcome } = start("start");
    await until(() => journal().some((line) => line.startsWith("runsvdir")));
    child.kill();
    expect(await outcome).toEqual({ status: 0, stderr: "" });
    const stops = journal().filter((line) => line.startsWith("sv "));
    expect(stops[0]).toBe("sv -w 4 shutdown /run/dns-lb-services/bird");
    expect(stops[1]).toMatch(/^sv exit .*dnsdist/);
  });

  test("first names interfaces where it is told how, and goes no further where that fails", async () => {
    await installed("haproxy");
    const words = ["--gateway=10.0.0.1", "eth0=10.0.0.2", "eth1=203.0.113.2"];
    const { child, outcome } = start("start", words);
    await until(() => journal().some((line) => line.startsWith("runsvdir")));
    expect(journal().slice(0, 3)).toEqual([`dns-lb-agent ${DIRECTORIES} interfaces ${words.join(" ")}`, ...BEGIN]);
    child.kill();
    await outcome;

    rmSync(join(root, "journal"));
    fake("usr/libexec/dns-lb/dns-lb-agent", "exit 1");
    expect((await start("start", words).outcome).status).toBe(1);
    expect(journal()).toEqual([`dns-lb-agent ${DIRECTORIES} interfaces ${words.join(" ")}`, ""]);
  });

  test("stops without a hand-over too, and tells daemons again that do not end", async () => {
    await installed("haproxy");
    fake("usr/libexec/dns-lb/dns-lb-agent", "exit 1");
    for (const name of ["sv", "setpriv"]) fake(join("bin", name), "exit 1");
    const { child, outcome } = start("start");
    await until(() => journal().some((line) => line.startsWith("runsvdir")));
    child.kill();
    expect(await outcome).toEqual({ status: 0, stderr: "not all daemons ended in time\n" });
    expect(journal().filter((line) => KILL.includes(line))).toEqual([...KILL, ...KILL, ...KILL]);
  });

  test("fails when the supervisor ends, so that the container is started again", async () => {
    await installed("haproxy");
    for (const more of ["exit 0", "kill -9 $$"]) {
      fake("bin/runsvdir", more);
      rmSync(join(root, "run/dns-lb-services"), { recursive: true, force: true });
      expect(await start("start").outcome).toEqual({ status: 1, stderr: expect.stringContaining("supervisor ended") });
    }
  });
});
