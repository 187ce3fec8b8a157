import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import type { Manifest } from "../../../lib/model/manifest.js";
import { FakeNode, manifest, service, until } from "./fake-node.js";
import { installAgent } from "./install.js";

/* Upgrades with packages and daemons that are played; test/hosts has the true ones. */

/** The agent as a host has it. */
const AGENT = installAgent(mkdtempSync(join(inject("scratch"), "host-agent-")));
writeFileSync(join(AGENT, "..", "remove"), "");

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode(AGENT);
  node.program("apt-mark", "#!/bin/sh\n");
  node.program("dpkg", "#!/bin/sh\n");
  node.program("apt-get", APT);
  mkdirSync(join(node.dir, "sbin"));
  replaceProgram();
});
afterEach(() => node.close());

/** apt that knows of a newer package if there is a program to replace the old one. */
const APT = `#!/bin/sh
echo "apt-get $*" >>"$JOURNAL"
folder=$(dirname "$JOURNAL")
case $* in
  *update) [ ! -e "$folder/unreachable" ] || echo "W: Failed to fetch http://mirror" ;;
  *--simulate*) [ ! -e "$folder/newer" ] || echo "Inst unbound [1.0] (2.0 local [amd64])" ;;
  *--download-only*) ;;
  *)
    if [ -e "$folder/broken" ]; then echo "E: dpkg was interrupted"; exit 100; fi
    mv "$folder/newer" "$folder/sbin/unbound" ;;
esac
`;

const program = () => join(node.dir, "sbin", "unbound");

/** Puts a program into the place of the daemon's, as dpkg does. */
function replaceProgram(place = program()): void {
  copyFileSync("/usr/bin/sleep", join(node.dir, "fresh"));
  renameSync(join(node.dir, "fresh"), place);
}

const newer = () => replaceProgram(join(node.dir, "newer"));

async function applied(part: Partial<Manifest>): Promise<void> {
  const { status: code, stderr } = await node.agent("apply", node.bundle(manifest(part)));
  // No server of a pool answers here.
  const warning = part.watch?.checks.some(({ kind }) => kind === "pool")
    ? expect.stringMatching(/^warning: pool-/)
    : "";
  expect({ code, stderr }).toEqual({ code: 0, stderr: warning });
}

async function live(part: Partial<Manifest> = {}, check: readonly string[] = ["true"]): Promise<void> {
  await applied({ services: [service({ command: [program(), "1000"], check })], ...part });
  node.supervise("unbound");
  await until(() => node.pid("unbound") !== undefined);
  await ready();
}

async function ready(): Promise<void> {
  expect(await node.agent("ready")).toMatchObject({ status: 0, stderr: "" });
}

const status = async () => JSON.parse((await node.agent("status", "--json")).stdout);
const outdated = async () => (await status()).services[0].outdated;
const calls = () => node.journal().map((line) => /update|--simulate|--download-only|install/.exec(line)?.[0] ?? line);

test("a live release of another version ends a question about it with a status of its own", async () => {
  await live();
  writeFileSync(join(node.state, "current/manifest.json"), '{"schema":3}');
  expect(await node.agent("ready", "--timeout", "0")).toMatchObject({ status: 3 });
});

describe("a restart is due", () => {
  test("when the program of a daemon was replaced", async () => {
    await live();
    expect(await outdated()).toEqual([]);
    expect((await node.agent("status")).stdout).toMatch(/^unbound: process \d+, up \d+ s$/m);
    replaceProgram();
    expect(await outdated()).toEqual(["unbound"]);
    expect((await node.agent("status")).stdout).toMatch(
      /^unbound: process \d+, up \d+ s; RESTART DUE, older than installed: unbound$/m,
    );
    await ready();
  });

  test("when a library of it was replaced, and not for other memory that has a name no more", async () => {
    const script = `import mmap, os, sys
library = mmap.mmap(os.open(sys.argv[1], os.O_RDONLY), 0, prot=mmap.PROT_READ)
other = mmap.mmap(os.open(sys.argv[2], os.O_RDONLY), 0, prot=mmap.PROT_READ)
sys.stdin.read()
import time
time.sleep(1000)`;
    const library = join(node.dir, "libdns.so.3.1");
    const other = join(node.dir, "memory.sock");
    for (const path of [library, other]) writeFileSync(path, "x");
    await live({ services: [service({ command: ["python3", "-c", script, library, other] })] });
    await until(() => readFileSync(`/proc/${node.pid("unbound")}/maps`, "utf8").includes(other));
    expect(await outdated()).toEqual([]);
    for (const path of [library, other]) {
      writeFileSync(`${path}.new`, "y");
      renameSync(`${path}.new`, path);
    }
    expect(await outdated()).toEqual(["libdns.so.3.1"]);
  });

  test("of no daemon that does not run", async () => {
    await applied({ services: [service({ command: [program(), "1"] })] });
    expect(await outdated()).toBeNull();
  });
});

describe("the metric that a restart is due", () => {
  const compose = [
    { kind: "release-metric", path: "haproxy/release.prom", restartDue: "%[str({service}),map(due)]" },
  ] as const;
  const settings = {
    ...{ masterSocket: "{run}/master.sock", runtimeSocket: "{run}/haproxy.sock", stateFile: "{run}/servers" },
    restartsDue: "due",
  };
  const services = () => [service({ name: "haproxy", command: [program(), "1000"], settings })];

  /** What HAProxy is told, by commands of its socket. */
  async function told(answers: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const commands: string[] = [];
    const server = createServer({ allowHalfOpen: true }, (connection) => {
      connection.once("data", (data) => {
        const command = `${data}`.trim();
        commands.push(command);
        connection.end(`${answers[command.split(" ")[0] ?? ""] ?? ""}\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(join(node.run, "haproxy.sock"), resolve));
    expect(await node.agent("upkeep")).toEqual({ status: 0, stdout: "", stderr: "" });
    await new Promise((resolve) => server.close(resolve));
    return commands;
  }

  test("has a value that what answers it knows, in a file that is a format", async () => {
    await applied({ services: services(), compose, workload: "100%" });
    const metric = readFileSync(join(node.state, "current/haproxy/release.prom"), "utf8");
    expect(metric).toContain('load_balancer="100%%"');
    expect(metric.split("\n").slice(3)).toEqual([
      "# HELP dns_lb_restart_due Whether a service runs an older program or library than is installed.",
      "# TYPE dns_lb_restart_due gauge",
      'dns_lb_restart_due{service="haproxy"} %[str(haproxy),map(due)]',
      "",
    ]);
  });

  test("is told to what answers it, as an entry that is there or a new one", async () => {
    await applied({ services: services(), compose });
    node.supervise("haproxy");
    await until(() => node.pid("haproxy") !== undefined);
    await ready();
    expect(await told({})).toEqual(["set map due haproxy 0"]);
    replaceProgram();
    expect(await told({ set: "entry not found." })).toEqual(["set map due haproxy 1", "add map due haproxy 1"]);
  });

  test("does not keep the node from what is due where nobody answers", async () => {
    await applied({ services: services(), compose });
    node.supervise("haproxy");
    await until(() => node.pid("haproxy") !== undefined);
    expect(await node.agent("upkeep")).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

describe("an upgrade", () => {
  test("installs what is newer and restarts what it replaced", async () => {
    await live();
    const before = node.pid("unbound");
    newer();
    const { status: code, stdout, stderr } = await node.agent("upgrade", "--force");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^installs unbound 1\.0 -> 2\.0\nunbound restarted\nupgraded \d+ ms, restarted unbound\n$/);
    expect(node.pid("unbound")).not.toBe(before);
    expect(await outdated()).toEqual([]);
    expect(calls()).toEqual(["update", "--simulate", "--download-only", "install"]);
  });

  test("does nothing, not even drain, where nothing is newer and no restart is due", async () => {
    await live();
    const before = node.pid("unbound");
    expect((await node.agent("upgrade")).stdout).toBe("nothing is newer, and no restart is due\n");
    expect(node.pid("unbound")).toBe(before);
    expect(calls()).toEqual(["update", "--simulate"]);
  });

  test("says which of apt's lists could not be read", async () => {
    await live();
    writeFileSync(join(node.dir, "unreachable"), "");
    expect(await node.agent("upgrade")).toMatchObject({ status: 0, stderr: "W: Failed to fetch http://mirror\n" });
  });

  test("restarts what others have installed, without a word to apt if it is told so", async () => {
    await live();
    replaceProgram();
    expect((await node.agent("upgrade", "--force", "--restart-only")).stdout).toMatch(/^unbound restarted\nupgraded /);
    expect(await outdated()).toEqual([]);
    expect(calls()).toEqual([]);
  });

  test("leaves alone what an administrator holds", async () => {
    await live();
    newer();
    node.program("apt-mark", "#!/bin/sh\necho unbound\n");
    expect((await node.agent("upgrade", "--force")).stdout).toBe(
      "held, and left as it is: unbound\nnothing is newer, and no restart is due\n",
    );
    expect(calls()).toEqual(["update"]);
  });

  test("fails when no other node takes over, and has changed nothing", async () => {
    await live();
    const before = node.pid("unbound");
    newer();
    expect((await node.agent("upgrade")).stderr).toBe(
      "dns-lb-agent: no other node takes over what this one answers; nothing was changed; --force does it all the same, and queries are lost meanwhile\n",
    );
    expect(node.pid("unbound")).toBe(before);
    expect(calls()).toEqual(["update", "--simulate", "--download-only"]);
  });

  const alive = { kind: "dns", service: "dnsdist", port: 9, name: "a.", address: "127.0.0.1" } as const;
  const pool = {
    ...({ kind: "pool", name: "pool-a" } as const),
    ...{ alive: { ...alive, proxyProtocol: false }, peers: ["127.0.0.9"], proof: "00".repeat(17), patience: 100 },
  };
  const watch = { interval: 200, timeout: 100, fall: 2, rise: 2, checks: [pool] };

  test.each([
    ["does not answer", {}, "the other node at 127.0.0.9 does not serve: it is away, or without a live pool"],
    ["is out of service", { outOfService: [{ name: "b", address: "127.0.0.9" }] }, "b at 127.0.0.9 is out of service"],
  ])("fails when the other node %s", async (_, part, reason) => {
    await live({ watch, ...part });
    const before = node.pid("unbound");
    newer();
    expect((await node.agent("upgrade")).stderr).toContain(`dns-lb-agent: ${reason}; nothing was changed; --force`);
    expect(node.pid("unbound")).toBe(before);
    expect(calls()).not.toContain("install");
  });

  test("fails in apt's words, with the daemon of before running and the node as it was", async () => {
    await live();
    const before = node.pid("unbound");
    newer();
    writeFileSync(join(node.dir, "broken"), "");
    const { status: code, stderr } = await node.agent("upgrade", "--force");
    expect({ code, lines: stderr.split("\n") }).toEqual({
      code: 1,
      lines: [
        "dns-lb-agent: apt-get ended with status 100, and said:",
        "E: dpkg was interrupted",
        "was to be installed: unbound 1.0 -> 2.0",
        "all daemons answer, and the node takes part as before",
        "",
      ],
    });
    expect(node.pid("unbound")).toBe(before);
  });

  test("fails when what is new refuses the live release, and does not start it", async () => {
    await live({}, ["sh", "-c", `[ ! -e ${join(node.dir, "refuses")} ] || echo too new`]);
    const before = node.pid("unbound");
    newer();
    writeFileSync(join(node.dir, "refuses"), "");
    const { stderr } = await node.agent("upgrade", "--force");
    expect(stderr).toContain("unbound: too new\n");
    expect(stderr).toContain("the new programs do not take the live release, so none was started");
    expect(stderr).toContain("all daemons answer, and the node takes part as before");
    expect(node.pid("unbound")).toBe(before);
  });

  test("fails when a daemon that was restarted does not answer", async () => {
    const answers = createHttpServer((_, response) => response.end());
    await new Promise<void>((resolve) => answers.listen(0, "127.0.0.1", resolve));
    const { port } = answers.address() as AddressInfo;
    await live({ ready: [{ kind: "http", service: "unbound", port, path: "/" }] });
    answers.closeAllConnections();
    await new Promise((resolve) => answers.close(resolve));
    newer();
    const { status: code, stderr } = await node.agent("upgrade", "--force", "--timeout", "1");
    const silent = `unbound at port ${port}: Connection refused`;
    expect({ code, lines: stderr.split("\n") }).toEqual({
      code: 1,
      lines: [
        expect.stringContaining(`dns-lb-agent: not ready within 1 s: ${silent}`),
        "was to be installed: unbound 1.0 -> 2.0",
        expect.stringContaining(`the node is not ready within 1 s: ${silent}`),
        "",
      ],
    });
  });

  test.each([
    [["--packages", "haproxy"], "haproxy: not a package of a daemon of this node, which are unbound"],
    [["--packages", "unbound", "bash"], "bash: not a package of a daemon of this node, which are unbound"],
  ])("fails when it is given %j", async (words, reason) => {
    await live();
    expect((await node.agent("upgrade", ...words)).stderr).toBe(`dns-lb-agent: ${reason}\n`);
    expect(calls()).toEqual([]);
  });

  test("waits for a change that is under way, and says so", async () => {
    await live();
    replaceProgram();
    node.background("flock", join(node.run, "agent.lock"), "sleep", "30");
    await until(() => readFileSync("/proc/locks", "utf8").length > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await node.agent("upgrade", "--restart-only", "--force", "--wait", "0.2")).stderr).toBe(
      "dns-lb-agent: another agent has been changing this node for 0.2 s\n",
    );
  });

  test("does not run beside the program that makes a host a node", async () => {
    await live();
    node.background("flock", join(node.dir, "dns-lb-bootstrap.lock"), "sleep", "30");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await node.agent("upgrade", "--wait", "0.2")).stderr).toBe(
      "dns-lb-agent: another bootstrap or upgrade has been changing this host for 0.2 s\n",
    );
  });

  test("fails on a node that no host was made", async () => {
    const contained = new FakeNode();
    try {
      expect((await contained.agent("upgrade")).stderr).toBe(
        "dns-lb-agent: the daemons of this node come with its image: deploy another one\n",
      );
    } finally {
      contained.close();
    }
  });
});
