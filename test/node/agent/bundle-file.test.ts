import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** Writes a file of the test, and gives its path. */
function written(name: string, content: unknown): string {
  const path = join(node.dir, name);
  writeFileSync(path, typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
}

const MANIFEST = { "manifest.json": JSON.stringify(manifest()) };
const base64 = (content: Buffer | string) => Buffer.from(content).toString("base64");
const current = (path: string) => readFileSync(join(node.state, "current", path));

describe("submit of one file", () => {
  test("takes texts, files of the node and secrets", async () => {
    await serving();
    mkdirSync(join(node.dir, "live"));
    const place = join(node.dir, "live/cert.pem");
    symlinkSync(written("cert1.pem", "certificate\n"), place);
    const text = `ü "quoted" \\ \u0000 \u{1f600}\n`;
    const bundle = written("bundle.json", {
      files: { ...MANIFEST, "haproxy/haproxy.cfg": text, empty: "" },
      nodeFiles: { "secrets/tls/cert.pem": place },
    });
    const key = Buffer.from([0, 255, 10, 13, 128]);
    const secrets = written("secrets.json", { "secrets/key": base64(key) });
    expect(await node.agent("submit", socket, bundle, "--secrets", secrets)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^validated \d+ ms\nready [0-9a-f]{16}\n$/),
      stderr: "",
    });
    expect(current("haproxy/haproxy.cfg").toString()).toBe(text);
    expect(current("empty")).toHaveLength(0);
    expect(current("secrets/tls/cert.pem").toString()).toBe("certificate\n");
    expect(current("secrets/key")).toEqual(key);
    expect(existsSync(bundle) && existsSync(secrets)).toBe(true);
  });

  test("is the same release as that of a directory", async () => {
    await serving();
    const files = { "haproxy/haproxy.cfg": "x\n", v: "1" };
    await node.agent("submit", socket, written("bundle.json", { files: { ...MANIFEST, ...files } }));
    const first = node.current();
    node.supervise("unbound");
    const { stdout } = await node.agent("submit", socket, node.bundle(manifest(), files));
    expect(stdout).toBe(`unchanged ${first}\n`);
  });

  test("removes both files where it is told to, refused or not", async () => {
    await serving();
    const refused = manifest({ services: [service({ check: ["false"] })] });
    const bundles = [
      { files: MANIFEST },
      { files: { "manifest.json": JSON.stringify(refused) } },
      { files: { "../x": "" } },
      "no JSON",
    ];
    const outcomes = [];
    for (const content of bundles) {
      const bundle = written("bundle.json", content);
      const secrets = written("secrets.json", { "secrets/key": base64("s") });
      outcomes.push((await node.agent("submit", socket, bundle, "--secrets", secrets, "--remove")).status);
      expect([existsSync(bundle), existsSync(secrets)]).toEqual([false, false]);
    }
    expect(outcomes).toEqual([0, 1, 1, 1]);
    const secrets = written("secrets.json", {});
    const none = join(node.dir, "none.json");
    expect((await node.agent("submit", socket, none, "--secrets", secrets, "--remove")).status).toBe(1);
    expect(existsSync(secrets)).toBe(false);
  });

  test("goes to the socket of a node's agent if none is given", async () => {
    const bundle = written("bundle.json", { files: MANIFEST });
    expect((await node.agent("submit", bundle, "--wait", "0")).stderr).toBe(
      "dns-lb-agent: no agent answered at /run/dns-lb-agent/socket within 0 s; does the node run?\n",
    );
  });

  const SECRET = "T0pS3cret";
  test.each<[string, unknown, string, unknown?]>([
    ["it is no JSON", `{"files": {"a": "${SECRET}`, "{bundle}: not JSON in UTF-8"],
    ["it is not UTF-8", Buffer.from([0x22, 0xff, 0x22]), "{bundle}: not JSON in UTF-8"],
    ["it is nested without end", "[".repeat(100_000), "{bundle}: not JSON in UTF-8"],
    ["it is no object", [SECRET], "{bundle}: not an object"],
    ["it has no files", { nodeFiles: {} }, "{bundle}: has no files"],
    [
      "it has what nobody knows",
      { files: {}, [SECRET]: 1 },
      "{bundle}: may hold files and nodeFiles, and holds 1 other entries",
    ],
    ["its files are a list", { files: [SECRET] }, "{bundle}: files: not an object"],
    ["a file is no text", { files: { a: { b: SECRET } } }, "{bundle}: files: a: not a text"],
    ["a file has half of a character", '{"files": {"a": "\\ud83d"}}', "a: has half of a character"],
    ["a path is absolute", { files: { "/etc/passwd": "" } }, "'/etc/passwd': not a file inside a bundle"],
    ["a path leads out", { files: { "a/../../b": "" } }, "'a/../../b': not a file inside a bundle"],
    ["a path is empty", { files: { "": "" } }, "'': not a file inside a bundle"],
    ["a path has two lines", { files: { "a\nb": "" } }, "'a\\nb': not a file inside a bundle"],
    ["a path has a zero", { files: { "a\0": "" } }, "'a\\x00': not a file inside a bundle"],
    ["a path is long", { files: { ["x".repeat(1025)]: "" } }, `'${"x".repeat(1024)}': not a file inside a bundle`],
    ["a path is there twice", `{"files": {"a": "1", "a": "2"}}`, "{bundle}: a: twice in the bundle"],
    ["files are there twice", `{"files": {}, "files": {}}`, "{bundle}: files: twice in the bundle"],
    [
      "a file of the node has the path of a text",
      { files: { a: "" }, nodeFiles: { a: "/etc/hostname" } },
      "a: twice in the bundle",
    ],
    ["a secret has the path of a text", { files: { a: "" } }, "a: twice in the bundle", { a: "" }],
    ["a file is a directory of another", { files: { a: "", "a/b": "" } }, "a/b: a file and a directory in the bundle"],
    ["a directory of a file is another", { files: { "a/b/c": "", a: "" } }, "a: a file and a directory in the bundle"],
    [
      "a file of the node has a relative path",
      { files: {}, nodeFiles: { a: "b" } },
      "a: the file of the node has no absolute path",
    ],
    [
      "a file of the node has a zero in it",
      { files: {}, nodeFiles: { a: "/b\0" } },
      "a: the file of the node has no absolute path",
    ],
    [
      "a file of the node is not there",
      { files: {}, nodeFiles: { a: "/nowhere/b" } },
      "a: /nowhere/b: No such file or directory",
    ],
    ["a file of the node is a directory", { files: {}, nodeFiles: { a: "/tmp" } }, "a: /tmp: not a plain file"],
    ["a file of the node is a device", { files: {}, nodeFiles: { a: "/dev/zero" } }, "a: /dev/zero: not a plain file"],
    ["a secret is no base64", { files: {} }, "secrets/a: not base64", { "secrets/a": `${SECRET}!` }],
    ["a secret is no text", { files: {} }, "{secrets}: secrets/a: not a text", { "secrets/a": [SECRET] }],
    ["its secrets are no object", { files: {} }, "{secrets}: not an object", JSON.stringify(SECRET)],
  ])("fails when %s", async (_, content, words: string, more: unknown = {}) => {
    await serving();
    const bundle = written("bundle.json", content);
    const secrets = written("secrets.json", more);
    const { status, stdout, stderr } = await node.agent("submit", socket, bundle, "--secrets", secrets);
    const text = words.replace("{bundle}", bundle).replace("{secrets}", secrets);
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: `dns-lb-agent: ${text}\n` });
    expect(stderr).not.toContain(SECRET);
    expect(node.current()).toBeUndefined();
  });

  test("fails when a file of the node is too large, or a bundle", async () => {
    await serving();
    const large = written("large", "");
    truncateSync(large, 256 * 1024 * 1024 + 1);
    const bundle = written("bundle.json", { files: {}, nodeFiles: { a: large } });
    expect((await node.agent("submit", socket, bundle)).stderr).toBe(
      `dns-lb-agent: a: ${large}: larger than 256 MiB\n`,
    );
    truncateSync(bundle, 512 * 1024 * 1024 + 1);
    expect((await node.agent("submit", socket, bundle)).stderr).toBe(`dns-lb-agent: ${bundle}: larger than 512 MiB\n`);
  });

  test("needs no more memory than the files have", async () => {
    await serving();
    const bundle = written("bundle.json", { files: MANIFEST });
    const secrets = written("secrets.json", { "secrets/key": base64("key") });
    const program = join(node.dir, "small-host");
    const quarter = 256 * 1024 * 1024;
    writeFileSync(program, `#!/bin/sh\nexec prlimit --as=${quarter} "${node.agentProgram}" "$@"\n`, { mode: 0o755 });
    const { outcome } = node.startProgram(program, ["submit", socket, bundle, "--secrets", secrets]);
    expect(await outcome).toMatchObject({ status: 0, stderr: "" });
  });

  test("fails when there are too many files", async () => {
    const files = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`f${index}`, ""]));
    const { stderr } = await node.agent("submit", socket, written("bundle.json", { files }));
    expect(stderr).toBe("dns-lb-agent: the bundle has more than 20000 files\n");
  });

  test("fails when secrets are given to a directory", async () => {
    const bundle = node.bundle(manifest());
    const secrets = written("secrets.json", {});
    expect((await node.agent("submit", socket, bundle, "--secrets", secrets)).stderr).toBe(
      `dns-lb-agent: ${bundle}: not a file; only a bundle in one file has secrets in another\n`,
    );
  });
});

describe("uninstall", () => {
  test("fails when the node was not installed on a host", async () => {
    expect(await node.agent("uninstall")).toEqual({
      status: 1,
      stdout: "",
      stderr: "dns-lb-agent: this node was not installed on a host; it ends with its container\n",
    });
  });
});
