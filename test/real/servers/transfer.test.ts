import { existsSync, readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { installedVersions } from "../../../lib/testing/lab/versions.js";
import { ServerNodes } from "./nodes.js";
import { AUTH1, AUTH2, app, KEY, testNsd } from "./transfer.js";

let nodes: ServerNodes;
beforeAll(async () => {
  nodes = new ServerNodes(await installedVersions());
});
afterAll(() => nodes?.close());

testNsd(
  "a primary and its secondary, from nothing to a change, back, and over a restart",
  async () => {
    const [auth1, auth2] = app(1);
    for (const node of [auth1, auth2]) nodes.add(node);
    for (const node of [auth1, auth2]) {
      expect(await nodes.apply(node)).toEqual({
        status: 0,
        stdout: expect.stringMatching(/^validated \d+ ms\nready [0-9a-f]{16}\n$/),
        stderr: "",
      });
    }
    await nodes.until(async () => (await nodes.dig(AUTH2, ["www.example.test"])) === "192.0.2.1");

    // Only with the key, and only for the secondary.
    expect(await nodes.dig(AUTH1, ["example.test", "AXFR"], "n2")).toContain("Transfer failed");
    expect(await nodes.dig(AUTH1, ["-y", KEY, "example.test", "AXFR"], "n2")).toContain("192.0.2.1");
    expect(await nodes.dig(AUTH1, ["-y", KEY, "example.test", "AXFR"])).toContain("Transfer failed");

    const key = nodes.state("n1", "current/nsd/keys/transfer.test.conf");
    expect(readFileSync(key, "utf8")).toContain('secret: "K2tf3TRjvQkVCmJF3/Z9vA=="');
    expect((statSync(key).mode & 0o777).toString(8)).toBe("640");
    const status = readFileSync(`/proc/${nodes.pid("n1", "nsd")}/status`, "utf8");
    expect(status).toMatch(/^Uid:\s+(?!0\b)/m);
    expect(status).toMatch(/^CapEff:\s+0{16}$/m);

    // A change reaches both, and restarts neither.
    const before = [nodes.pid("n1", "nsd"), nodes.pid("n2", "nsd")];
    for (const serial of [2, 3, 4]) {
      expect(await nodes.apply(app(serial)[0])).toMatchObject({ status: 0, stderr: "" });
      // What the agent called ready, the next query sees.
      expect(await nodes.dig(AUTH1, ["www.example.test"])).toBe(`192.0.2.${serial}`);
    }
    await nodes.until(async () => (await nodes.dig(AUTH2, ["www.example.test"])) === "192.0.2.4");
    expect([nodes.pid("n1", "nsd"), nodes.pid("n2", "nsd")]).toEqual(before);

    // A rollback has an older file and a lower serial.
    expect(await nodes.agent("n1", "rollback")).toMatchObject({ status: 0, stderr: "" });
    expect(await nodes.dig(AUTH1, ["www.example.test"])).toBe("192.0.2.3");
    expect(await nodes.apply(app(4)[0])).toMatchObject({ status: 0, stderr: "" });

    // A secondary keeps its zone over a restart without its primary.
    const written = nodes.state("n2", "data/nsd/example.test.zone");
    await nodes.until(async () => existsSync(written) && readFileSync(written, "utf8").includes("192.0.2.4"));
    nodes.cut("n1");
    const pid = nodes.pid("n2", "nsd");
    process.kill(pid, "SIGTERM");
    await nodes.until(async () => nodes.pid("n2", "nsd") !== pid);
    await nodes.until(async () => (await nodes.dig(AUTH2, ["www.example.test"])) === "192.0.2.4");
    nodes.heal("n1");
  },
  120_000,
);

testNsd(
  "fails when a zone is none, with NSD's words, and a restart takes what only a start reads",
  async () => {
    const [auth1] = app(4);
    const spec = nodes.specOf(auth1);
    const path = "nsd/zones/example.test.zone";
    const files = spec.files.map((file) => (file.path === path ? { path, content: `${file.content}bad (\n` } : file));
    const refused = await nodes.apply(auth1, undefined, { ...spec, files });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`nsd: [`);
    expect(refused.stderr).toContain(`${path}:`);
    expect(refused.stderr).toContain("refused by nsd; nothing was changed");
    expect(await nodes.dig(AUTH1, ["www.example.test"])).toBe("192.0.2.4");

    const conf = spec.files.map((file) =>
      file.path === "nsd/nsd.conf" ? { ...file, content: `${file.content}  bogus: yes\n` } : file,
    );
    expect((await nodes.apply(auth1, undefined, { ...spec, files: conf })).stderr).toContain("syntax error");
    expect((await nodes.apply(auth1, "not Base64!")).stderr).toContain("the key is not Base64");

    const before = nodes.pid("n1", "nsd");
    const restarted = await nodes.apply(app(5, 3)[0]);
    expect(restarted).toMatchObject({ status: 0, stdout: expect.stringContaining("nsd restarted") });
    expect(nodes.pid("n1", "nsd")).not.toBe(before);
    await nodes.until(async () => (await nodes.dig(AUTH2, ["www.example.test"])) === "192.0.2.5");
  },
  60_000,
);
