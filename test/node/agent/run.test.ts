import { execFileSync } from "node:child_process";
import {
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Manifest, Service } from "../../../lib/model/manifest.js";
import { AGENT, FakeNode, manifest, service, until } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const root = userInfo().uid === 0;
const command = (pid: number | undefined) => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
const environment = (pid: number | undefined) => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").slice(0, -1);

function point(release: string): void {
  const fresh = join(node.state, "fresh");
  symlinkSync(join("releases", release), fresh);
  renameSync(fresh, join(node.state, "current"));
}

/** Waits until a service is the process that its command names. */
async function started(name: Service["name"], program = "sleep"): Promise<number> {
  await until(() => node.pid(name) !== undefined);
  await until(() => existsSync(`/proc/${node.pid(name)}`) && command(node.pid(name))[0] === program);
  return node.pid(name) ?? 0;
}

async function apply(part: Partial<Manifest>, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const outcome = await node.agent("apply", node.bundle(manifest(part), files));
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  return outcome.stdout.replace(/\d+ ms/, "N ms").replace(/[0-9a-f]{16}/, "ID");
}

describe("run", () => {
  test("ends with 0 when it is told to stop before there is a release", async () => {
    const { process: waiting, outcome } = node.start("run", "unbound");
    await until(() => command(waiting.pid).includes("unbound"));
    // It handles signals from here on.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    waiting.kill();
    expect(await outcome).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("waits for the first release that has the service, then becomes it", async () => {
    node.supervise("unbound");
    await apply({ services: [service({ name: "nsd" })] });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(node.pid("unbound")).toBeUndefined();

    await apply({ services: [service({ command: ["sleep", "1000", "{release}", "{state}", "{run}"].slice(0, 2) })] });
    const pid = await started("unbound");
    expect(command(pid)).toEqual(["sleep", "1000"]);
    expect(environment(pid).filter((entry) => entry.startsWith("DNSLB"))).toEqual([
      `DNSLB_RELEASE=${realpathSync(join(node.state, "current"))}`,
    ]);
    expect(environment(pid).join()).not.toContain("of the caller");
  });

  test("puts the node's folders into the command", async () => {
    await apply({ services: [service({ command: ["tail", "-f", "{release}/manifest.json", "{state}", "{run}"] })] });
    node.supervise("unbound");
    expect(command(await started("unbound", "tail"))).toEqual([
      ...["tail", "-f", join(node.state, "current/manifest.json"), node.state, node.run],
    ]);
  });

  const lowPorts = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8")) > 0;

  test.runIf(root).each([
    ["every right of root that it was given in a container's own network", "-net_bind_service", "0".repeat(16)],
    [
      "all but low ports, where these are a right that it was given",
      "+net_bind_service",
      lowPorts ? "0{13}400" : "0{16}",
    ],
  ])("gives up %s", async (_, ports, kept) => {
    await apply({ user: "nobody", services: [service({ user: "nobody" })] });
    const words = [AGENT, "--state", node.state, "--run", node.run, "run", "unbound"];
    node.background("setpriv", "--groups", "4,6", "--bounding-set", ports, ...words);
    const status = readFileSync(`/proc/${await started("unbound")}/status`, "utf8");
    const { uid, gid } = { uid: Number(/^nobody:x:(\d+)/m.exec(readFileSync("/etc/passwd", "utf8"))?.[1]), gid: 65534 };
    expect(status).toContain(`Uid:\t${[uid, uid, uid, uid].join("\t")}`);
    expect(status).toContain(`Gid:\t${[gid, gid, gid, gid].join("\t")}`);
    expect(status).toMatch(new RegExp(`^Groups:\\s*${gid}\\s*$`, "m"));
    expect(status).toMatch(new RegExp(`^CapPrm:\\s+${kept}$`, "m"));
  });

  test("makes dnsdist's key once and keepalived's switch", async () => {
    const services = [service({ name: "dnsdist" }), service({ name: "keepalived" })];
    await apply({ services });
    node.supervise("dnsdist");
    node.supervise("keepalived");
    await started("keepalived");
    const first = await started("dnsdist");
    const key = readFileSync(join(node.run, "dnsdist.key"), "utf8");
    expect(Buffer.from(key, "base64")).toHaveLength(32);
    expect((statSync(join(node.run, "dnsdist.key")).mode & 0o777).toString(8)).toBe("640");
    expect(readFileSync(join(node.run, "drain"), "utf8")).toBe("0\n");

    await node.agent("drain");
    expect(readFileSync(join(node.run, "drain"), "utf8")).toBe("1\n");
    for (const name of ["dnsdist", "keepalived"] as const) {
      const before = node.pid(name) ?? 0;
      process.kill(before);
      await until(() => node.pid(name) !== before);
    }
    await started("keepalived");
    expect(await started("dnsdist")).not.toBe(first);
    expect(readFileSync(join(node.run, "dnsdist.key"), "utf8")).toBe(key);
    expect(readFileSync(join(node.run, "drain"), "utf8")).toBe("1\n");
  });

  test("fails when the program does not exist", async () => {
    await apply({ services: [service({ command: ["no-such-daemon"] })] });
    const outcome = await node.agent("run", "unbound");
    expect(outcome).toEqual({
      status: 1,
      stdout: "",
      stderr: "dns-lb-agent: cannot run no-such-daemon: No such file or directory\n",
    });
  });

  test("waits while the service runs already, and takes its place when that ends", async () => {
    await apply({});
    node.background(AGENT, "--state", node.state, "--run", node.run, "run", "unbound");
    const first = await started("unbound");
    const { process: second, outcome } = node.start("run", "unbound");
    let said = "";
    second.stderr?.on("data", (data) => {
      said += data;
    });
    await until(() => said.includes("\n"));
    expect([second.exitCode, node.pid("unbound")]).toEqual([null, first]);
    process.kill(first);
    await until(() => node.pid("unbound") === second.pid);
    expect(await started("unbound")).toBe(second.pid);
    second.kill();
    expect((await outcome).stderr).toBe(
      `unbound already runs as process ${first}; it is started again when that process ends\n`,
    );
  });
});

describe("a running service", () => {
  test("is restarted for another command", async () => {
    await apply({});
    node.supervise("unbound");
    const before = await started("unbound");
    expect(await apply({ services: [service({ command: ["sleep", "2000"] })] })).toBe(
      "validated N ms\nunbound restarted\nready ID\n",
    );
    const after = await started("unbound");
    expect(after).not.toBe(before);
    expect(command(after)).toEqual(["sleep", "2000"]);
  });

  test("is stopped by a release without it", async () => {
    await apply({});
    node.supervise("unbound");
    const pid = await started("unbound");
    expect(await apply({ services: [] })).toBe("validated N ms\nunbound stopped\nready ID\n");
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  test("gets its signal", async () => {
    const trap = 'trap "echo $1 >>$JOURNAL_FILE" HUP; while :; do sleep 0.05; done';
    const listening = service({
      name: "watch",
      command: ["bash", "-c", trap.replace("$JOURNAL_FILE", "{state}/../journal"), "bash", "hung-up"],
    });
    await apply({ services: [listening] });
    node.supervise("watch");
    await started("watch", "bash");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await apply({ services: [listening] }, { v: "2" })).toContain("watch reloaded\n");
    expect(node.journal()).toEqual(["hung-up"]);
  });

  test("is not told before it listens", async () => {
    const late = 'echo begun >>$1; sleep 0.6; trap "echo told >>$1" HUP; while :; do sleep 0.05; done';
    const services = [service({ name: "watch", command: ["bash", "-c", late, "bash", "{state}/../journal"] })];
    await apply({ services });
    node.supervise("watch");
    await until(() => node.journal().length > 0);
    expect(await apply({ services }, { v: "2" })).toContain("watch reloaded\n");
    expect(node.journal()).toEqual(["begun", "told"]);
  });

  test("begins with the release that became live while it read another", async () => {
    await apply({}, { v: "1" });
    const first = node.current() ?? "";
    await apply({}, { v: "2" });
    const second = node.current() ?? "";
    point(first);
    const path = join(node.state, "releases", first, "manifest.json");
    const text = readFileSync(path);
    unlinkSync(path);
    execFileSync("mkfifo", [path]);
    node.supervise("unbound");
    const pipe = await open(path, "w");
    point(second);
    await pipe.writeFile(text);
    await pipe.close();
    const pid = await started("unbound");
    expect(environment(pid)).toContain(`DNSLB_RELEASE=${realpathSync(join(node.state, "releases", second))}`);
    expect(readFileSync(join(node.run, "unbound.pid"), "utf8").split("\n")[3]).toBe(second);
  });

  test("fails when it dies of its signal", async () => {
    const services = [
      service({ name: "watch", command: ["bash", "-c", 'trap "exit 1" HUP; while :; do sleep 0.05; done'] }),
    ];
    await apply({ services });
    node.supervise("watch");
    await started("watch", "bash");
    const outcome = await node.agent("apply", node.bundle(manifest({ services }), { v: "2" }), "--timeout", "0.5");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(
      "watch ended when it reloaded the release; see its log\ndns-lb-agent: rolled back to",
    );
  });

  test("is another process when its pid was given away", async () => {
    await apply({});
    writeFileSync(join(node.run, "unbound.pid"), `${process.pid}\n1\nmark\n`);
    const status = JSON.parse((await node.agent("status", "--json")).stdout);
    expect(status.services).toEqual([{ name: "unbound", running: false, pid: null, uptime: null, outdated: null }]);
  });
});
