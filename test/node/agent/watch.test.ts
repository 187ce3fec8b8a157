import { createSocket, type Socket } from "node:dgram";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Watch, WatchCheck } from "../../../lib/model/manifest.js";
import { AGENT, FakeNode, ME, manifest, service, until } from "./fake-node.js";

/** A daemon's HTTP port that answers as it is told. */
class FakeHaproxy {
  status = 200;
  silent = false;
  private readonly server: Server = createServer((_, response) => {
    if (!this.silent) response.writeHead(this.status).end();
  });

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

let node: FakeNode;
let haproxy: FakeHaproxy;
let sockets: Socket[];
beforeEach(() => {
  node = new FakeNode();
  haproxy = new FakeHaproxy();
  sockets = [];
});
afterEach(() => {
  node.close();
  haproxy.close();
  for (const socket of sockets) socket.close();
});

const WATCHING = service({
  name: "watch",
  command: [AGENT, "--state", "{state}", "--run", "{run}", "watch"],
  check: [],
  reload: [],
});

const watchOf = (...checks: WatchCheck[]): Watch => ({
  ...{ interval: 50, timeout: 100, fall: 2, rise: 2, checks },
  results: { folder: "results", user: ME },
});

async function daemonCheck(): Promise<WatchCheck> {
  const port = await haproxy.open();
  return { name: "haproxy", kind: "daemon", check: { kind: "http", service: "haproxy", port, path: "/alive" } };
}

const pathOf = (name: string) => join(node.run, "results", name);
const written = (name: string, path = pathOf(name)) => {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
};
const says = (name: string, value: "0" | "1") => until(() => written(`check-${name}`) === `${value}\n`);

async function live(watch: Watch, note = ""): Promise<void> {
  const outcome = await node.agent("apply", node.bundle(manifest({ services: [WATCHING], watch }), { note }));
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
}

describe("the watch", () => {
  test("fails a daemon until it answers, when it refuses and when it is silent", async () => {
    haproxy.status = 503;
    node.supervise("watch");
    await live(watchOf(await daemonCheck()));
    await says("haproxy", "1");
    haproxy.status = 200;
    await says("haproxy", "0");
    haproxy.silent = true;
    await says("haproxy", "1");
    haproxy.silent = false;
    await says("haproxy", "0");
  });

  test("tells by the time of the machine that it lives", async () => {
    node.supervise("watch");
    await live(watchOf(await daemonCheck()));
    await until(() => written("watch") !== undefined);
    const now = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
    expect(Math.abs(now - Number(written("watch")))).toBeLessThan(5);
  });

  test("takes another release while it runs, and forgets what is not checked any more", async () => {
    const check = await daemonCheck();
    node.supervise("watch");
    await live(watchOf(check));
    await says("haproxy", "0");
    const before = node.pid("watch");
    const closed = await closedPort();
    await live(
      watchOf({
        name: "dnsdist",
        kind: "daemon",
        check: {
          ...({ kind: "dns", service: "dnsdist", port: closed } as const),
          ...{ name: "x.", address: "127.0.0.1", proxyProtocol: false },
        },
      }),
      "another",
    );
    await says("dnsdist", "1");
    expect(written("check-haproxy")).toBeUndefined();
    expect(node.pid("watch")).toBe(before);
  });

  test("goes on, when it is started again, from what it said before", async () => {
    node.supervise("watch");
    // One that knew nothing would begin with a failure, and rise as soon as that fell.
    await live({ ...watchOf(await daemonCheck()), fall: 1_000 });
    await until(() => written("watch") !== undefined);
    await says("haproxy", "1");
    writeFileSync(pathOf("check-haproxy"), "0\n");
    rmSync(pathOf("watch"));
    process.kill(node.pid("watch") ?? 0, "SIGKILL");
    await until(() => written("watch") !== undefined);
    expect(written("check-haproxy")).toBe("0\n");
  });

  test("remembers after a restart of the node that it is drained, on a node alone as well", async () => {
    node.supervise("watch");
    await live(watchOf(await daemonCheck()));
    await says("haproxy", "0");
    expect((await node.agent("drain")).stdout).toBe(
      "node drained; it goes on answering, because no other node takes its addresses over\n",
    );
    rmSync(join(node.run, "drain"));
    process.kill(node.pid("watch") ?? 0, "SIGKILL");
    await until(() => written("drain", join(node.run, "drain")) === "1\n");
    expect((await node.agent("status")).stdout).toMatch(/^lb a \(drained\)\n/);
  });

  test("is said by the status of the node", async () => {
    node.supervise("watch");
    await live(watchOf(await daemonCheck()));
    await says("haproxy", "0");
    expect((await node.agent("status")).stdout).toContain("watch: process");
  });
});

async function closedPort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  socket.close();
  return port;
}
