import { createSocket } from "node:dgram";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Service } from "../../../lib/model/node-spec.js";
import { FakeNode, ME, manifest, service, until } from "./fake-node.js";

let node: FakeNode;
const taken: (() => void)[] = [];
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => {
  for (const release of taken.splice(0)) release();
  node.close();
});

/** Takes a port of TCP, which nobody else can have then. */
function tcp(host = "127.0.0.1"): Promise<number> {
  const server = createServer().listen({ port: 0, host, ipv6Only: true });
  taken.push(() => server.close());
  return new Promise((resolve) => server.once("listening", () => resolve(Object(server.address()).port)));
}

/** Takes a port of UDP. */
function udp(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  taken.push(() => socket.close());
  return new Promise((resolve) => socket.once("listening", () => resolve(socket.address().port)));
}

/** A port that nobody has. */
async function free(take: () => Promise<number> = tcp): Promise<number> {
  const port = await take();
  taken.pop()?.();
  return port;
}

/** Takes a port as a program of a user that shares its ports does; resolves to the port when it has it. */
async function shared(user: string, kind: "STREAM" | "DGRAM"): Promise<number> {
  const port = await free(kind === "STREAM" ? tcp : udp);
  writeFileSync(join(node.dir, "journal"), "");
  chmodSync(join(node.dir, "journal"), 0o666);
  node.background("setpriv", `--reuid=${user}`, "--clear-groups", "/usr/bin/python3", "-c", SHARED, kind, `${port}`);
  await until(() => node.journal().includes("bound"));
  return port;
}

const files = { haproxy: "haproxy/haproxy.cfg", dnsdist: "dnsdist/dnsdist.conf" };
const line = {
  haproxy: (place: string) => `frontend f\n  bind ${place}\n`,
  dnsdist: (place: string) => `setLocal("${place}")\n`,
};
type Daemon = keyof typeof files;

function bundle(name: Daemon, text: string, part: Partial<Service> = {}, extra = ""): string {
  return node.bundle(manifest({ services: [service({ name, ...part })] }), { [files[name]]: text, extra });
}

const refusal = (name: string, place: string, why = "address already in use") => ({
  status: 1,
  stdout: "",
  stderr: `${name}: cannot bind ${place}: ${why}\ndns-lb-agent: ${name} could not listen; nothing was changed\n`,
});

describe("apply", () => {
  test.each([
    ["haproxy", "127.0.0.1", "PORT"],
    ["haproxy", "127.0.0.1", "127.0.0.1:PORT transparent # here"],
    ["haproxy", "127.0.0.1", ":PORT"],
    ["haproxy", "127.0.0.1", "*:PORT"],
    ["haproxy", "127.0.0.1", "127.0.0.3:9,127.0.0.1:PORT"],
    ["haproxy", "127.0.0.1", "127.0.0.1:PORT-PORT"],
    ["haproxy", "::1", "[::1]:PORT"],
    ["haproxy", "::1", "::1:PORT transparent"],
    ["haproxy", "::1", ":::PORT v6only"],
    ["dnsdist", "127.0.0.1", "127.0.0.1:PORT"],
    ["dnsdist", "127.0.0.1", "0.0.0.0:PORT"],
    ["dnsdist", "::1", "[::]:PORT"],
  ] as const)("fails when a port is taken that %s binds at %s as %s", async (name, host, place) => {
    const port = await tcp(host);
    const text = line[name](place.replaceAll("PORT", `${port}`).replace(/^\d+$/, `127.0.0.1:${port}`));
    const outcome = await node.agent("apply", bundle(name, text));
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      new RegExp(`^${name}: cannot bind \\S+:${port}: address already in use\n.*nothing was changed\n$`),
    );
    expect(node.current()).toBeUndefined();
    expect(node.releases()).toEqual([]);
  });

  test("fails when UDP alone is taken for dnsdist, and names it", async () => {
    const port = await udp();
    const outcome = await node.agent("apply", bundle("dnsdist", line.dnsdist(`127.0.0.1:${port}`), { user: NOBODY }));
    expect(outcome).toEqual(refusal("dnsdist", `127.0.0.1:${port}`));
    // UDP is nothing to HAProxy.
    expect((await node.agent("apply", bundle("haproxy", line.haproxy(`127.0.0.1:${port}`)))).status).toBe(0);
  });

  test("fails when an address is not here, unless it may be elsewhere", async () => {
    const place = "192.0.2.53:9";
    expect(await node.agent("apply", bundle("haproxy", line.haproxy(place)))).toEqual(
      refusal("haproxy", place, "cannot assign requested address"),
    );
    for (const away of [
      bundle("haproxy", line.haproxy(`${place} transparent`)),
      bundle("dnsdist", line.dnsdist(place)),
    ])
      expect(await node.agent("apply", away)).toMatchObject({ status: 0, stderr: "" });
    const v6 = bundle("haproxy", line.haproxy("[2001:db8::53]:9 transparent"));
    expect(await node.agent("apply", v6)).toMatchObject({ status: 0, stderr: "" });
  });

  test("leaves what it does not understand to the daemons", async () => {
    const port = await tcp();
    const places = ["/run/x.sock", "abns@x", `ipv4@127.0.0.1:${port}`, `localhost:${port}`, `"127.0.0.1:${port}"`];
    const lines = [...places.map((place) => `  bind ${place}`), `  bind 127.0.0.1:${port} interface lo`, "  bind x:y"];
    const commented = [`# bind 127.0.0.1:${port}`, `  bind-process 127.0.0.1:${port}`];
    expect(await node.agent("apply", bundle("haproxy", [...lines, ...commented, ""].join("\n")))).toMatchObject({
      status: 0,
      stderr: "",
    });
    const lua = [`-- addLocal("127.0.0.1:${port}")`, `addLocal("127.0.0.1:${port}", { interface = "lo" })`, ""];
    expect(await node.agent("apply", bundle("dnsdist", lua.join("\n")))).toMatchObject({ status: 0, stderr: "" });
  });

  test("does not ask for what the live release has already, while its daemon runs", async () => {
    const port = await free();
    const release = (extra: string) => bundle("haproxy", line.haproxy(`127.0.0.1:${port}`), {}, extra);
    await node.agent("apply", release("1"));
    node.background("/usr/bin/python3", "-c", ALONE, `${port}`);
    await until(() => node.journal().includes("bound"));
    expect(await node.agent("apply", release("2"))).toEqual(refusal("haproxy", `127.0.0.1:${port}`));
    node.supervise("haproxy");
    await until(() => node.pid("haproxy") !== undefined);
    expect(await node.agent("apply", release("2"))).toMatchObject({ status: 0, stderr: "" });
  });

  test.runIf(userInfo().uid === 0).each([
    ["haproxy", "STREAM"],
    ["dnsdist", "STREAM"],
    ["dnsdist", "DGRAM"],
  ] as const)("lets sockets of the user of %s share a port of SOCK_%s, and those of no other", async (name, kind) => {
    const place = `127.0.0.1:${await shared(NOBODY, kind)}`;
    const text = name === "haproxy" ? line.haproxy(place) : `addLocal("${place}", { reusePort = true })\n`;
    const outcome = await node.agent("apply", bundle(name, text, { user: NOBODY }));
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(await node.agent("apply", bundle(name, text, { user: ME }))).toEqual(refusal(name, place));
  });
});

test("rollback fails when a port is taken that the previous release bound", async () => {
  const port = await free();
  await node.agent("apply", bundle("haproxy", line.haproxy(`127.0.0.1:${port}`)));
  await node.agent("apply", bundle("haproxy", line.haproxy("127.0.0.1:1")));
  const live = node.current();
  node.background("/usr/bin/python3", "-c", ALONE, `${port}`);
  await until(() => node.journal().includes("bound"));
  expect(await node.agent("rollback")).toEqual(refusal("haproxy", `127.0.0.1:${port}`));
  expect(node.current()).toBe(live);
});

const NOBODY = userInfo().uid === 0 ? "nobody" : ME;

/* Tells that it has its port. */
const BOUND = `
import os, time
with open(os.environ["JOURNAL"], "a") as journal:
    journal.write("bound\\n")
time.sleep(60)
`;
const SHARED = `
import socket, sys
s = socket.socket(type=getattr(socket, "SOCK_" + sys.argv[1]))
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(("127.0.0.1", int(sys.argv[2])))
if sys.argv[1] == "STREAM":
    s.listen()
${BOUND}`;
const ALONE = `
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
${BOUND}`;
