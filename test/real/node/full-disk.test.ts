import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject } from "vitest";
import { AGENT, FakeNode, manifest, type Outcome } from "../../node/agent/fake-node.js";
import { testWith } from "../config/daemon.js";

const PROGRAMS = ["unshare", "nsenter", "mount"];
const testWithMounts = testWith(...PROGRAMS);

/** A node whose state lies on a file system of half a megabyte, in a mount namespace of its own. */
class SmallNode {
  readonly node: FakeNode;

  private constructor(
    private readonly holder: ChildProcess,
    private readonly enter: readonly string[],
    program: string,
  ) {
    this.node = new FakeNode(program);
    mkdirSync(this.node.state);
    this.sh(`mount -t tmpfs -o size=512k,nr_inodes=400 tmpfs ${this.node.state}`);
  }

  static async open(): Promise<SmallNode> {
    const holder = spawn("unshare", ["--mount", "sh", "-c", "echo up && exec sleep 1000"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const enter = ["nsenter", `--mount=/proc/${holder.pid}/ns/mnt`];
    const program = join(mkdtempSync(join(inject("scratch"), "small-")), "agent");
    writeFileSync(program, `#!/bin/sh\nexec ${enter.join(" ")} ${AGENT} "$@"\n`, { mode: 0o755 });
    return new SmallNode(holder, enter, program);
  }

  apply(note: string): Promise<Outcome> {
    return this.node.agent("apply", this.node.bundle(manifest(), { "note.txt": note }));
  }

  /** All that lies on the file system, without what the test has put there. */
  files(): string[] {
    return this.sh(`cd ${this.node.state} && find . -mindepth 1 ! -name filler | sort`).split("\n");
  }

  /** Takes all room but so many kilobytes. */
  fill(left: number): void {
    const filler = join(this.node.state, "filler");
    this.sh(`dd if=/dev/zero of=${filler} bs=1k status=none 2>/dev/null || true; truncate -s -${left}k ${filler}`);
  }

  makeRoom(): void {
    this.sh(`rm ${join(this.node.state, "filler")}`);
  }

  private sh(script: string): string {
    const [command = "", ...words] = [...this.enter, "sh", "-euc", script];
    const { status, stdout, stderr } = spawnSync(command, words, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    return stdout.trim();
  }

  close(): void {
    this.node.close();
    this.holder.kill("SIGKILL");
    this.holder.stdout?.destroy();
  }
}

let small: SmallNode;
beforeEach(async () => {
  if (spawnSync("which", PROGRAMS).status === 0) small = await SmallNode.open();
});
afterEach(() => small?.close());

testWithMounts(
  "a release that finds no room changes nothing, leaves nothing, and is applied when there is room",
  async () => {
    expect(await small.apply("first")).toMatchObject({ status: 0 });
    const before = small.files();
    // In the middle of a file, at its begin, and before there is room for a directory.
    for (const left of [64, 8, 4, 0]) {
      small.fill(left);
      const { status, stderr } = await small.apply("x".repeat(100_000));
      expect([left, status, stderr]).toEqual([left, 1, expect.stringMatching(/No space left on device/i)]);
      expect([left, small.files()]).toEqual([left, before]);
      small.makeRoom();
    }
    expect(await small.apply("x".repeat(100_000))).toMatchObject({ status: 0 });
    expect(await small.node.agent("rollback")).toMatchObject({ status: 0 });
  },
);

testWithMounts("a drain that finds no room changes nothing, and is remembered when there is room", async () => {
  expect(await small.apply("first")).toMatchObject({ status: 0 });
  const before = small.files();
  small.fill(0);
  expect(await small.node.agent("drain")).toMatchObject({ status: 1, stderr: expect.stringMatching(/No space left/i) });
  expect(small.files()).toEqual(before);
  small.makeRoom();
  expect(await small.node.agent("drain")).toMatchObject({ status: 0 });
  expect(await small.node.agent("undrain")).toMatchObject({ status: 0 });
  // The file of what is drained stays, and is empty.
  expect(small.files()).toEqual([...before, "./drained"].sort());
});
