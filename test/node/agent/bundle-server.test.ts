import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { type Headers, pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeNode, manifest, type Outcome, service, until } from "./fake-node.js";

let node: FakeNode;
let socket: string;
let agent: { readonly process: ChildProcess; readonly outcome: Promise<Outcome> } | undefined;
beforeEach(() => {
  node = new FakeNode();
  socket = join(node.dir, "inbox/socket");
});
afterEach(async () => {
  agent?.process.kill();
  await agent?.outcome;
  agent = undefined;
  node.close();
});

async function serving(): Promise<void> {
  agent = node.start("serve", socket);
  await until(() => existsSync(socket));
}

const submit = (bundle: string, ...words: string[]) => node.agent("submit", socket, bundle, ...words);

/** What the node says to whoever sends it these bytes. */
function told(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const connection = connect(socket, () => connection.end(bytes));
    connection.on("error", reject);
    connection.on("data", (data) => {
      answer += data;
    });
    connection.on("close", () => resolve(answer));
  });
}

/** Nothing of a bundle stays behind. */
const incoming = () => readdirSync(join(node.state, "releases")).filter((name) => name.startsWith("."));

describe("submit", () => {
  test("lets the node's agent apply a bundle, and repeats what it says", async () => {
    await serving();
    const content = `${"x".repeat(300_000)}\u0000ü\n`;
    const bundle = node.bundle(manifest(), { "haproxy/lists/a.lst": content, "secrets/key.pem": "s" });
    const outcome = await submit(bundle);
    expect(outcome.stdout).toMatch(/^validated \d+ ms\nready [0-9a-f]{16}\n$/);
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(node.state, "current/haproxy/lists/a.lst"), "utf8")).toBe(content);
    expect(incoming()).toEqual([]);
    expect(existsSync(join(bundle, "manifest.json"))).toBe(true);

    node.supervise("unbound");
    expect((await submit(bundle)).stdout).toBe(`unchanged ${node.current()}\n`);
  });

  test("waits for the node's agent", async () => {
    const outcome = submit(node.bundle(manifest()));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await serving();
    expect(await outcome).toMatchObject({ status: 0 });
  });

  test("removes the bundle where it is told to, refused or not", async () => {
    await serving();
    for (const check of ["true", "false"]) {
      const services = [service({ check: [check] })];
      const bundle = node.bundle(manifest({ services }), { "secrets/key.pem": "s" });
      await submit(bundle, "--remove");
      expect(readdirSync(bundle, { recursive: true })).toEqual(["secrets"]);
    }
  });

  test("fails when a daemon refuses, with its words", async () => {
    await serving();
    const services = [service({ check: ["sh", "-c", "echo line 3: bad word; exit 1"] })];
    expect(await submit(node.bundle(manifest({ services })))).toEqual({
      status: 1,
      stdout: "unbound: line 3: bad word\ndns-lb-agent: refused by unbound; nothing was changed\n",
      stderr: "",
    });
    expect(incoming()).toEqual([]);
  });

  test("fails when a daemon refuses at length, with the beginning of each line", async () => {
    await serving();
    const words = 'python3 -c "print(\\"é\\" * 100000); print(\\"x\\" * 3991); print(\\"y\\" * 3992)"; exit 1';
    const services = [service({ check: ["sh", "-c", words] })];
    const { status, stdout } = await submit(node.bundle(manifest({ services })));
    expect(status).toBe(1);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^unbound: é{1900,} \.\.\. \(cut, 200009 bytes\)$/),
      `unbound: ${"x".repeat(3_991)}`,
      expect.stringMatching(/^unbound: y{3900,} \.\.\. \(cut, 4001 bytes\)$/),
      "dns-lb-agent: refused by unbound; nothing was changed",
    ]);
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBe(4_000);
    agent?.process.kill();
    // The node's own log has the lines in full.
    expect((await agent?.outcome)?.stderr).toContain("y".repeat(3_992));
  });

  test("fails when no agent answers", async () => {
    expect(await submit(node.bundle(manifest()), "--wait", "0.3")).toEqual({
      status: 1,
      stdout: "",
      stderr: `dns-lb-agent: no agent answered at ${socket} within 0.3 s; does the node run?\n`,
    });
  });

  test("fails when the node's agent ends on the way, which goes back", async () => {
    await serving();
    await submit(node.bundle(manifest(), { v: "1" }));
    const first = node.current();
    node.supervise("unbound");
    await until(() => node.pid("unbound") !== undefined);
    const never = manifest({ ready: [{ kind: "http", service: "haproxy", port: 1, path: "/" }] });
    const outcome = submit(node.bundle(never));
    await until(() => node.current() !== first);
    agent?.process.kill();
    expect(await outcome).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(`interrupted\n(unbound reloaded\n)?dns-lb-agent: rolled back to ${first}\n$`),
      stderr:
        "dns-lb-agent: the agent of the node closed the connection before the change was done; see the log of the node\n",
    });
    await agent?.outcome;
    expect(node.current()).toBe(first);
    expect(incoming()).toEqual([]);
  });

  test("fails when the other end says nothing that it knows", async () => {
    mkdirSync(join(node.dir, "inbox"));
    const server = createServer((connection) => connection.end("hello\n")).listen(socket);
    await until(() => existsSync(socket));
    const outcome = await submit(node.bundle(manifest()));
    server.close();
    expect(outcome).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "dns-lb-agent: the agent of the node closed the connection before the change was done; see the log of the node\n",
    });
  });

  test("fails when there is no bundle, or a link in it", async () => {
    await serving();
    const missing = join(node.dir, "nothing");
    expect((await submit(missing)).stderr).toBe(`dns-lb-agent: ${missing}: not a directory\n`);
    const bundle = node.bundle(manifest());
    symlinkSync("/etc/passwd", join(bundle, "v"));
    expect((await submit(bundle)).stderr).toBe("dns-lb-agent: v: not a plain file\n");
    expect(node.current()).toBeUndefined();
  });
});

describe("serve", () => {
  test("lets root alone reach it", async () => {
    mkdirSync(join(node.dir, "inbox"), { mode: 0o755 });
    await serving();
    expect((statSync(join(node.dir, "inbox")).mode & 0o777).toString(8)).toBe("700");
    await until(() => (statSync(socket).mode & 0o777) === 0o600);
  });

  test("ends with 0 when it is told to stop", async () => {
    await serving();
    agent?.process.kill();
    expect(await agent?.outcome).toMatchObject({ status: 0, stderr: "" });
  });

  test("takes the place of an agent that was killed", async () => {
    await serving();
    agent?.process.kill("SIGKILL");
    await agent?.outcome;
    agent = node.start("serve", socket);
    expect(await submit(node.bundle(manifest()))).toMatchObject({ status: 0 });
  });

  test("finishes a change whose loader went away, and takes the next", async () => {
    await serving();
    const slow = manifest({ services: [service({ check: ["sh", "-c", "sleep 0.5"] })] });
    const loader = node.start("submit", socket, node.bundle(slow));
    await until(() => existsSync(join(node.state, "releases")) && incoming().length > 0);
    loader.process.kill("SIGKILL");
    await until(() => node.current() !== undefined);
    expect(await submit(node.bundle(manifest(), { v: "2" }))).toMatchObject({ status: 0 });
  });

  test("keeps what it was told in its own log", async () => {
    await serving();
    await submit(node.bundle(manifest({ services: [service({ check: ["false"] })] })));
    agent?.process.kill();
    expect((await agent?.outcome)?.stderr).toContain("refused by unbound; nothing was changed\n");
  });

  /** An archive of entries, each with its header and content. */
  async function archive(...entries: readonly (readonly [Headers, string?])[]): Promise<Buffer> {
    const made = pack();
    for (const [header, content = ""] of entries) made.entry(header, content);
    made.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of made) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  const file = (name: string, size?: number): Headers => ({ name, ...(size === undefined ? {} : { size }) });
  /** The header of a file whose content does not follow. */
  const promised = async (size: number) => {
    const header = (await archive([file("a"), ""])).subarray(0, 512);
    header.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return header;
  };
  const NO_BUNDLE = "the bundle is incomplete, or no tar archive";

  test.each([
    ["it is no archive", async () => "GET / HTTP/1.0\r\n\r\n", NO_BUNDLE],
    ["it is empty", async () => "", NO_BUNDLE],
    ["a path is absolute", () => archive([file("/etc/passwd"), "x"]), "/etc/passwd: not a file inside a bundle"],
    ["a path leads out", () => archive([file("a/../../b"), "x"]), "a/../../b: not a file inside a bundle"],
    ["a path is there twice", () => archive([file("a"), "x"], [file("a"), "y"]), "a: twice in the bundle"],
    [
      "it holds a link",
      () => archive([{ name: "a", type: "symlink", linkname: "/etc/shadow" }]),
      "a: not a file inside a bundle",
    ],
    [
      "it holds a hard link",
      () => archive([{ name: "a", type: "link", linkname: "/etc/shadow" }]),
      "a: not a file inside a bundle",
    ],
    [
      "it holds a device",
      () => archive([{ name: "a", type: "character-device", devmajor: 1, devminor: 1 }]),
      "a: not a file inside a bundle",
    ],
    ["it is too large", () => promised(300_000_000), "the bundle is larger than 256 MiB"],
    ["it ends too early", () => promised(10), NO_BUNDLE],
    ["it has no manifest", () => archive([file("a"), "x"]), "manifest.json: No such file or directory"],
  ])("fails when %s", async (_, bytes, words) => {
    await serving();
    const answer = await told(await bytes());
    expect(answer).toContain(`| dns-lb-agent: ${words}`);
    expect(answer).toMatch(/\n= 1\n$/);
    expect(incoming()).toEqual([]);
    expect(existsSync("/etc/passwd")).toBe(true);
    expect(await told("again")).toContain(NO_BUNDLE);
  });

  test("fails when a file is in the way of the socket's directory", async () => {
    writeFileSync(join(node.dir, "inbox"), "");
    const outcome = await node.agent("serve", socket);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain("dns-lb-agent: [Errno ");
  });
});
