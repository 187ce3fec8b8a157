import { execFileSync } from "node:child_process";
import { existsSync, lchownSync, mkdirSync, symlinkSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeNode, manifest, service, until } from "./fake-node.js";

/* Daemons that were taken over, as the agent and its operator meet them. */

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const ESCAPE = "\\x1b]0;owned\\x07\\x1b[2J\\u202e";

/** Answers each command at HAProxy's socket with a Python text, or with a byte each tenth of a second for ever. */
async function haproxy(answer: string): Promise<void> {
  const path = join(node.run, "haproxy.sock");
  const server = { name: "s", address: "192.0.2.1", port: 53, names: { haproxy: { tcp: "b/s" } } };
  const pools = [{ name: "b", servers: [server] }];
  const services = [service({ name: "haproxy", reload: [] })];
  await node.agent("apply", node.bundle(manifest({ services, pools }), { v: "1" }));
  node.supervise("haproxy");
  await until(() => node.pid("haproxy") !== undefined);
  node.background("/usr/bin/python3", "-c", SOCKET, path, answer);
  await until(() => existsSync(path));
}

test("an answer of HAProxy that never ends, byte by byte, holds nobody", async () => {
  await haproxy("");
  const start = Date.now();
  const commands = [["status"], ["haproxy", "show", "stat"], ["drain", "b/s"]];
  const outcomes = await Promise.all(commands.map((words) => node.agent(...words)));
  expect(outcomes.map(({ status }) => status)).toEqual([0, 1, 1]);
  expect(Date.now() - start).toBeLessThan(8_000);
});

test("what a daemon says does not control the terminal of an operator", async () => {
  await haproxy(`one ${ESCAPE}\\n\\ttwo\\r\\n`);
  const { stdout } = await node.agent("haproxy", "show", "info");
  expect(stdout).toBe("one \\x1b]0;owned\\x07\\x1b[2J\\x202e\n\ttwo\n");
});

test("what a daemon says of a server is one line of the status", async () => {
  await haproxy(`# pxname,svname,status\\nb,s,"UP\\nnode forged\\x1b[1A"\\n`);
  const { stdout } = await node.agent("status");
  expect(stdout).toContain("b/s: haproxy tcp UP\\x0anode forged\\x1b[1A\n");
});

test.each([
  ["a directory of its own", (path: string) => mkdirSync(path)],
  ["a link", (path: string) => symlinkSync("/tmp", path)],
  ["a FIFO", (path: string) => execFileSync("mkfifo", [path])],
])("what a daemon put where the agent keeps its own, %s, is not used", async (_, put) => {
  const path = join(node.run, "private");
  mkdirSync(node.run);
  put(path);
  if (userInfo().uid === 0) lchownSync(path, 65_534, 65_534);
  const outcome = await node.agent("apply", node.bundle(manifest({ services: [] }), { v: "1" }));
  expect(outcome).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`${path} is not a directory of this user`),
  });
});

test("a console that prints without an end is given up", async () => {
  const services = [service({ name: "dnsdist", reload: [], restartOn: [] })];
  await node.agent("apply", node.bundle(manifest({ services }), { v: "1" }));
  node.program("dnsdist", "#!/bin/sh\nexec yes\n");
  const outcome = await node.agent("dnsdist", "showServers()");
  expect(outcome).toMatchObject({ status: 1, stderr: "dns-lb-agent: dnsdist printed more than 64 MiB\n" });
});

const SOCKET = `
import socket, sys, threading, time
path, answer = sys.argv[1:]
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen()
def serve(connection):
    try:
        connection.recv(1000)
        connection.sendall(answer.encode().decode("unicode_escape").encode())
        while answer == "":
            connection.sendall(b".")
            time.sleep(0.1)
    except OSError:
        pass
    connection.close()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
`;
