import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Manifest } from "../../../lib/model/manifest.js";
import { type TestCertificate, testCertificate } from "../../certificates.js";
import { FakeNode, manifest, service, until } from "./fake-node.js";

/* What a node makes of its own files. That HAProxy takes certificates, test/lab/renewed-certificates.test.ts shows. */

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const DAY = 86_400_000;
const issued = (subject: string, days = 100) =>
  testCertificate({
    subject,
    names: [subject],
    from: new Date(Date.now() - 10 * DAY),
    to: new Date(Date.now() + days * DAY),
  });
const whole = ({ pem, keyPem }: TestCertificate) => pem + keyPem;
const [first, second, third] = [issued("first.test"), issued("second.test"), issued("third.test")];
const path = (name: string) => join(node.dir, name);

/** Applies a release with two certificates, the first in two files, and a password, all from files of the node. */
async function apply(part: Partial<Manifest> = {}, two = whole(second)): Promise<string> {
  writeFileSync(path("chain.pem"), first.pem);
  writeFileSync(path("key.pem"), first.keyPem);
  writeFileSync(path("second.pem"), two);
  writeFileSync(path("password"), "first");
  const refuses = ["sh", "-c", '! grep -qs refuse-me "$1"/secrets/*', "check", "{release}"];
  const bundle = node.bundle(
    manifest({
      services: [service({ check: refuses })],
      tls: [
        { name: "one", service: "unbound", certificate: "secrets/one.pem" },
        { name: "two", service: "unbound", certificate: "secrets/two.pem", serverName: "second.test" },
      ],
      nodeFiles: [
        { path: "secrets/one.pem", source: path("chain.pem") },
        { path: "secrets/one.pem.key", source: path("key.pem") },
        { path: "secrets/password", source: path("password") },
        { path: "secrets/two.pem", source: path("second.pem") },
      ],
      compose: [{ kind: "release-metric", path: "metrics" }],
      ...part,
    }),
    {
      "secrets/one.pem": first.pem,
      "secrets/one.pem.key": first.keyPem,
      "secrets/two.pem": two,
      "secrets/password": "first",
      "note.txt": "the same in every release",
    },
  );
  const { status, stderr } = await node.agent("apply", bundle);
  expect(status, stderr).toBe(0);
  return node.current() ?? "";
}
const live = (name: string) => readFileSync(join(node.state, "current", name), "utf8");
const shown = async () => JSON.parse((await node.agent("status", "--json")).stdout);

describe("reload-secrets", () => {
  test("takes what has changed, and leaves what an operator would go back to", async () => {
    const before = await apply();
    expect(await node.agent("reload-secrets")).toEqual({ status: 0, stdout: `unchanged ${before}\n`, stderr: "" });
    writeFileSync(path("chain.pem"), third.pem);
    writeFileSync(path("key.pem"), third.keyPem);
    const { status, stdout, stderr } = await node.agent("reload-secrets");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(`one: took ${path("chain.pem")} and ${path("key.pem")}; release ${node.current()}\n`);
    expect(node.current()).not.toBe(before);
    expect([live("secrets/one.pem"), live("secrets/one.pem.key")]).toEqual([third.pem, third.keyPem]);
    expect(live("note.txt")).toBe("the same in every release");
    expect(live("metrics")).toContain(`release="${node.current()}"`);
    expect(node.previous()).toBeUndefined();
    // The release is one as others: its content is that of its name.
    expect((await node.agent("check")).status).toBe(0);
    expect(existsSync(join(node.run, "renewing"))).toBe(false);
  });

  test("keeps the release before the last change, however often certificates are renewed", async () => {
    const before = await apply();
    await apply({ workload: "changed" });
    expect(node.previous()).toBe(before);
    for (let round = 0; round < 4; round += 1) {
      writeFileSync(path("second.pem"), whole(issued("second.test", 200 + round)));
      expect((await node.agent("reload-secrets")).status).toBe(0);
    }
    expect(node.previous()).toBe(before);
    expect(node.releases()).toHaveLength(3);
    expect((await node.agent("rollback")).status).toBe(0);
    expect(node.current()).toBe(before);
  });

  test.each([
    ["of another certificate's name", () => whole(third), "the certificate is for third.test, not for second.test"],
    ["without its key", () => second.pem, "there are 0 private keys in it"],
    ["whose key has no end", () => second.pem + second.keyPem.slice(0, -30), "a block of it has no end"],
    ["whose chain has no end", () => whole(second) + third.pem.slice(0, 200), "a block of it has no end"],
    ["that its daemon refuses", () => `${whole(issued("second.test"))}refuse-me`, "unbound: its checker ended with"],
    ["that has expired", () => whole(issued("second.test", -0.1)), "it is expired, and the one before is not"],
  ])("fails for a certificate %s, and takes the others", async (_, content, reason) => {
    await apply();
    writeFileSync(path("second.pem"), content());
    writeFileSync(path("chain.pem"), whole(third));
    writeFileSync(path("key.pem"), "");
    const { status, stdout, stderr } = await node.agent("reload-secrets");
    expect(status).toBe(1);
    const [line, more] = stderr.trim().split("\n");
    expect(line).toContain(`dns-lb-agent: two: ${path("second.pem")} is not taken, and what it had serves on: `);
    expect(line).toContain(reason);
    expect(more).toBeUndefined();
    expect(stdout).toContain("one: took ");
    expect(live("secrets/two.pem")).toBe(whole(second));
    for (const secret of [second, third].flatMap(({ keyPem }) => keyPem.split("\n").slice(1, 2))) {
      expect(stderr + stdout).not.toContain(secret);
    }
    const { refusedCertificates, nodeFiles } = await shown();
    expect(refusedCertificates).toEqual([
      { listener: "two", sources: [path("second.pem")], reason: expect.stringContaining(reason) },
    ]);
    expect(nodeFiles.map(({ state }: { state: string }) => state)).toEqual(["live", "live", "live", "changed"]);

    writeFileSync(path("second.pem"), whole(issued("second.test", 300)));
    expect((await node.agent("reload-secrets")).status).toBe(0);
    expect((await shown()).refusedCertificates).toEqual([]);
  });

  test("has nothing to say of a file that is again what the node has", async () => {
    await apply();
    for (const [content, refused] of [
      ["", 1],
      [whole(second), 0],
    ] as const) {
      writeFileSync(path("second.pem"), content);
      await node.agent("reload-secrets");
      expect((await shown()).refusedCertificates).toHaveLength(refused);
    }
  });

  test("fails for what is not there, or is no file", async () => {
    await apply();
    rmSync(path("key.pem"));
    rmSync(path("second.pem"));
    mkdirSync(path("second.pem"));
    const { status, stderr } = await node.agent("reload-secrets");
    expect(status).toBe(1);
    expect(stderr).toContain(`${path("key.pem")}: No such file or directory`);
    expect(stderr).toContain(`${path("second.pem")}: not a plain file`);
    expect((await node.agent("status")).stdout).toContain(`WARNING: two: ${path("second.pem")} is not taken`);
  });

  test("replaces an expired certificate by another", async () => {
    const [expired, other] = [issued("second.test", -2), issued("second.test", -1)].map(whole);
    await apply({}, expired);
    writeFileSync(path("second.pem"), other ?? "");
    expect((await node.agent("reload-secrets")).status).toBe(0);
    expect(live("secrets/two.pem")).toBe(other);
  });

  test("applies other secrets as a change, and goes back if a daemon does not take them", async () => {
    const before = await apply();
    writeFileSync(path("password"), "second");
    expect((await node.agent("status")).stdout).toContain(
      `warning: ${path("password")} is changed; secrets/password is as before until: reload-secrets`,
    );
    expect((await node.agent("reload-secrets")).status).toBe(0);
    expect(live("secrets/password")).toBe("second");
    expect(node.previous()).toBe(before);
    writeFileSync(path("password"), "refuse-me");
    expect((await node.agent("reload-secrets")).status).toBe(1);
    expect(live("secrets/password")).toBe("second");
  });

  test("takes nothing into a release that somebody has edited", async () => {
    await apply();
    writeFileSync(join(node.state, "current", "note.txt"), "edited");
    writeFileSync(path("second.pem"), whole(issued("second.test")));
    const { status, stderr } = await node.agent("reload-secrets");
    expect(status).toBe(1);
    expect(stderr).toContain("were changed by hand");
  });

  test("fails on a node that sees none of its files, or that has no release", async () => {
    expect((await node.agent("reload-secrets")).stderr).toContain("this node has no release yet");
    await apply({ nodeFiles: [] });
    const { status, stderr } = await node.agent("reload-secrets");
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "dns-lb-agent: no secret of the live release is a file that this node sees\n",
    });
  });
});

describe("the agent that serves", () => {
  test("takes a renewed certificate by itself, when it stays as it is, and no other secret", async () => {
    await apply();
    const { process, outcome } = node.start("serve", path("inbox/socket"));
    try {
      await until(() => existsSync(path("inbox/socket")));
      writeFileSync(path("password"), "second");
      writeFileSync(path("fresh"), whole(issued("second.test")));
      renameSync(path("fresh"), path("second.pem"));
      await until(() => live("secrets/two.pem") === readFileSync(path("second.pem"), "utf8"), 20_000);
      expect(live("secrets/password")).toBe("first");
    } finally {
      process.kill("SIGTERM");
    }
    const { stderr, stdout } = await outcome;
    expect(stderr).toBe("");
    expect(stdout.match(/two: took /g)).toHaveLength(1);
  });

  test("takes at its start what was renewed before, and what an agent that was killed has not handed over", async () => {
    const before = await apply();
    writeFileSync(path("second.pem"), whole(issued("second.test")));
    writeFileSync(join(node.run, "renewing"), "");
    const { process, outcome } = node.start("serve", path("inbox/socket"));
    await until(() => node.current() !== before && !existsSync(join(node.run, "renewing")));
    writeFileSync(join(node.run, "renewing"), "");
    await until(() => !existsSync(join(node.run, "renewing")));
    process.kill("SIGTERM");
    expect((await outcome).stderr).toBe("");
  });
});
