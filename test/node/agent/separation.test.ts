import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { Manifest, Watch } from "../../../lib/model/manifest.js";
import { AGENT, FakeNode, manifest, service, until } from "./fake-node.js";

/* Users of every Debian system: that of the daemons, and that of the watch. */
const DAEMONS = "nobody";
const WATCH = "daemon";
const root = userInfo().uid === 0;
const passwd = (name: string) => {
  const [, , uid, gid] =
    new RegExp(`^${name}:.*$`, "m").exec(readFileSync("/etc/passwd", "utf8"))?.[0].split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
};

/* The agent with the capabilities that root has in the container of a node. */
const CONTAINED = join(inject("scratch"), "contained-agent");
beforeAll(() => {
  const kept = "-all,+net_admin,+net_raw,+setuid,+setgid";
  writeFileSync(CONTAINED, `#!/bin/sh\nexec setpriv --bounding-set ${kept} ${AGENT} "$@"\n`, { mode: 0o755 });
});

let node: FakeNode;
let daemon: Server;
let port: number;
beforeEach(async () => {
  node = new FakeNode(root ? CONTAINED : AGENT);
  daemon = createServer((_, response) => response.writeHead(200).end());
  await new Promise<void>((resolve) => daemon.listen(0, "127.0.0.1", resolve));
  port = (daemon.address() as AddressInfo).port;
});
afterEach(() => {
  node.close();
  daemon.closeAllConnections();
  daemon.close();
});

/** The release of a node whose watch is a user of its own, or, as before, that of the daemons. */
function release(user: string, results?: Watch["results"]): Manifest {
  const command = [AGENT, "--state", "{state}", "--run", "{run}", "watch"];
  return manifest({
    user: DAEMONS,
    services: [service({ user: DAEMONS }), service({ name: "watch", user, command, check: [], reload: [] })],
    watch: {
      ...{ interval: 50, timeout: 100, fall: 2, rise: 2 },
      checks: [{ name: "haproxy", kind: "daemon", check: { kind: "http", service: "haproxy", port, path: "/alive" } }],
      ...(results === undefined ? {} : { results }),
    },
  });
}
const SEPARATE = () => release(WATCH, { folder: "results", user: WATCH });
const BEFORE = () => release(DAEMONS);

async function apply(part: Manifest): Promise<string> {
  const outcome = await node.agent("apply", node.bundle(part, { "secrets/key": "key" }));
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  return outcome.stdout;
}

const written = (path: string) => (existsSync(join(node.run, path)) ? readFileSync(join(node.run, path), "utf8") : "");
const passes = (path: string) => until(() => written(path) === "0\n");
const modes = (path: string) => {
  const { uid, gid, mode } = statSync(path);
  return { uid, gid, mode: (mode & 0o7777).toString(8) };
};
const processStatus = (name: string) => readFileSync(`/proc/${node.pid(name)}/status`, "utf8");

/** What happens when a process of a user, with the user's groups, does something. */
function as(user: string, ...words: string[]) {
  const { uid, gid } = passwd(user);
  const argv = ["--reuid", `${uid}`, "--regid", `${gid}`, "--init-groups", ...words];
  const { status, stdout, stderr } = spawnSync("setpriv", argv, { encoding: "utf8", cwd: "/" });
  return { done: status === 0, said: stdout + stderr };
}
const REFUSED = { done: false, said: expect.stringMatching(/Permission denied|Operation not permitted/) };

describe.runIf(root)("the watch as a user of its own", () => {
  beforeEach(async () => {
    node.supervise("unbound");
    node.supervise("watch");
    await apply(SEPARATE());
    await passes("results/check-haproxy");
    await until(() => node.pid("unbound") !== undefined && processStatus("unbound").startsWith("Name:\tsleep"));
  });

  test("owns its results in a directory of root's, and is in no other group", async () => {
    const { uid, gid } = passwd(WATCH);
    expect(modes(join(node.run, "results"))).toEqual({ uid: 0, gid, mode: "771" });
    await until(() => existsSync(join(node.run, "results/watch")));
    for (const name of readdirSync(join(node.run, "results"))) {
      expect(modes(join(node.run, "results", name)), name).toEqual({ uid, gid, mode: "644" });
    }
    expect(readdirSync(node.run).filter((name) => name.startsWith("check-"))).toEqual([]);
    expect(processStatus("watch")).toContain(`Uid:\t${[uid, uid, uid, uid].join("\t")}\n`);
    expect(processStatus("watch")).toMatch(new RegExp(`^Groups:\\s*${gid}\\s*$`, "m"));
    const status = JSON.parse((await node.agent("status", "--json")).stdout);
    expect(status.failedChecks).toEqual([]);
    daemon.closeAllConnections();
    daemon.close();
    await until(() => written("results/check-haproxy") === "1\n");
    expect(JSON.parse((await node.agent("status", "--json")).stdout).failedChecks).toEqual(["haproxy"]);
  });

  test("reads the manifest of the release, which holds no secret, and nothing else of it", () => {
    const current = join(node.state, "current");
    expect(modes(join(current, "manifest.json"))).toEqual({ uid: 0, gid: passwd(DAEMONS).gid, mode: "644" });
    expect(modes(join(current, "secrets/key"))).toEqual({ uid: 0, gid: passwd(DAEMONS).gid, mode: "640" });
    for (const path of [node.state, join(node.state, "releases"), `${current}/.`]) {
      expect(modes(path).mode, path).toBe("751");
    }
    expect(as(WATCH, "cat", join(current, "manifest.json")).done).toBe(true);
    expect(as(WATCH, "cat", join(current, "secrets/key"))).toEqual(REFUSED);
    expect(as(WATCH, "ls", node.state)).toEqual(REFUSED);
    expect(as(DAEMONS, "cat", join(current, "secrets/key"))).toEqual({ done: true, said: "key" });
  });

  test.each([
    ["write a result", () => ["sh", "-c", `echo 0 >${node.run}/results/check-haproxy`]],
    ["write a heartbeat", () => ["sh", "-c", `echo 9 >${node.run}/results/watch`]],
    ["add a result", () => ["touch", join(node.run, "results/check-x")]],
    ["remove a result", () => ["rm", join(node.run, "results/check-haproxy")]],
    ["move the directory away", () => ["mv", join(node.run, "results"), join(node.run, "moved")]],
    ["open the directory to itself", () => ["chmod", "777", join(node.run, "results")]],
    ["stop the watch", () => ["/bin/kill", "-STOP", `${node.pid("watch")}`]],
    ["kill the watch", () => ["/bin/kill", "-KILL", `${node.pid("watch")}`]],
  ])("leaves the daemons' user unable to %s", (_, words) => {
    const before = node.pid("watch");
    expect(as(DAEMONS, ...words())).toEqual(REFUSED);
    expect(node.pid("watch")).toBe(before);
    expect(processStatus("watch")).toMatch(/^State:\t[SR]/m);
    // The same is possible for whom it is meant.
    expect(as(WATCH, "/bin/kill", "-0", `${before}`).done).toBe(true);
    expect(as(WATCH, "touch", join(node.run, "results/check-haproxy")).done).toBe(true);
  });

  test.each([
    ["signal a daemon", () => ["/bin/kill", "-0", `${node.pid("unbound")}`]],
    ["add to the run directory", () => ["touch", join(node.run, "x")]],
    ["see what is in the run directory", () => ["ls", node.run]],
  ])("cannot %s", (_, words) => {
    expect(as(WATCH, ...words())).toEqual(REFUSED);
  });

  test("is stopped and killed by the agent all the same", async () => {
    const before = node.pid("watch");
    const changed = { ...SEPARATE(), services: [service({ user: DAEMONS })] };
    expect(await apply(changed)).toContain("watch stopped\n");
    expect(existsSync(`/proc/${before}/exe`)).toBe(false);
  });
});

describe.runIf(root)("a change of the watch's user", () => {
  test("from a release of before, and back, takes the results to where each release has them", async () => {
    node.supervise("watch");
    await apply(BEFORE());
    await passes("check-haproxy");
    expect(statSync(join(node.run, "check-haproxy")).uid).toBe(passwd(DAEMONS).uid);

    expect(await apply(SEPARATE())).toContain("watch restarted\n");
    await passes("results/check-haproxy");
    expect(statSync(join(node.run, "results/check-haproxy")).uid).toBe(passwd(WATCH).uid);

    expect((await node.agent("rollback")).stdout).toContain("watch restarted\n");
    const begun = Date.now();
    await until(() => statSync(join(node.run, "check-haproxy")).mtimeMs > begun);
    expect(statSync(join(node.run, "watch")).uid).toBe(passwd(DAEMONS).uid);
  });

  test("does not need the modes that an agent of before has set since", async () => {
    await apply(SEPARATE());
    const chmod = spawnSync("chmod", ["750", node.state, join(node.state, "releases")]);
    expect(chmod.status).toBe(0);
    node.supervise("watch");
    await passes("results/check-haproxy");
  });

  test("fails when a daemon has put something where the results belong", async () => {
    mkdirSync(node.run, { mode: 0o777 });
    spawnSync("chmod", ["777", node.run]);
    expect(as(DAEMONS, "mkdir", join(node.run, "results")).done).toBe(true);
    const outcome = await node.agent("apply", node.bundle(SEPARATE()));
    expect(outcome).toMatchObject({
      status: 1,
      stderr: `dns-lb-agent: ${node.run}/results is not a directory of this user alone: remove it, and look who put it there\n`,
    });
  });

  test("fails when the node has no such user, before anything is changed", async () => {
    await apply(BEFORE());
    const before = node.current();
    const outcome = await node.agent("apply", node.bundle(release("dns-lb-nobody")));
    expect(outcome).toMatchObject({
      status: 1,
      stderr:
        "watch: there is no user dns-lb-nobody on this node\ndns-lb-agent: refused by watch; nothing was changed\n",
    });
    expect(node.current()).toBe(before);
  });
});

test("no process of a node leaves a core file, nor what it starts", async () => {
  const limits = (pid: number | string = 0) => readFileSync(`/proc/${pid}/limits`, "utf8");
  const core = /^Max core file size\s+0\s+0\s/m;
  const checked = join(node.dir, "limits-of-the-checker");
  const check = ["sh", "-c", `cat /proc/self/limits >${checked}`];
  const command = ["sh", "-c", "sleep 1000; :"];
  await node.agent("apply", node.bundle(manifest({ services: [service({ command, check })] })));
  expect(readFileSync(checked, "utf8")).toMatch(core);
  // The limit that the node was started with is another.
  node.background("prlimit", "--core=unlimited", AGENT, "--state", node.state, "--run", node.run, "run", "unbound");
  await until(() => childrenOf(node.pid("unbound")).length > 0);
  for (const pid of [node.pid("unbound"), ...childrenOf(node.pid("unbound"))]) expect(limits(pid)).toMatch(core);
});

function childrenOf(pid: number | undefined): string[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .split(" ")
        .filter((each) => each !== "")
    : [];
}
