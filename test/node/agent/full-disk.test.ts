import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AGENT, FakeNode, manifest } from "./fake-node.js";

/** Its agent cannot write to files while there is a file `full`. */
class FullNode extends FakeNode {
  constructor() {
    super(AGENT);
    this.program("agent", `#!/bin/sh\n[ ! -e ${join(this.dir, "full")} ] || ulimit -f 0\nexec ${AGENT} "$@"\n`);
  }

  limited(...words: string[]) {
    return this.startProgram(join(this.dir, "bin/agent"), words).outcome;
  }
}

let node: FullNode;
beforeEach(() => {
  node = new FullNode();
});
afterEach(() => node.close());

const fill = () => writeFileSync(join(node.dir, "full"), "");
const hidden = () => readdirSync(node.state).filter((name) => /^\.|\.\d+$/.test(name));

test("leaves no temporary file behind when the disk is full", async () => {
  await node.agent("apply", node.bundle(manifest()));
  fill();
  expect(await node.limited("drain")).toMatchObject({ status: 1, stderr: expect.stringContaining("File too large") });
  expect(hidden()).toEqual([]);
  rmSync(join(node.dir, "full"));
  expect(await node.limited("drain")).toMatchObject({ status: 0 });
});

test("removes what interrupted writes have left, of older agents too, at the next start, and nothing else", async () => {
  await node.agent("apply", node.bundle(manifest()));
  const kept = ["drained", "drained.old", ".drainedx.abcdefgh", "changing.d"];
  mkdirSync(join(node.state, "changing.7"));
  const left = ["drained.41", "changing.5", ".drained.ab_cd9gh", ".changing.abcdefgh"];
  for (const name of [...kept, ...left]) writeFileSync(join(node.state, name), "");
  expect(await node.agent("recover")).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(node.state)).toEqual(expect.arrayContaining([...kept, "changing.7"]));
  expect(readdirSync(node.state).filter((name) => left.includes(name))).toEqual([]);
});

test("an announcement is written on a full disk in the place of the one before, and never becomes a part of one", () => {
  const program = `
import os, sys
from dnslb_agent import files
from dnslb_agent.daemons import bird
path = sys.argv[1]
bird._write(path, "announce", 4)
before = os.stat(path)
def full(*_):
    raise OSError(28, "No space left on device")
files.write_atomically = full
bird._write(path, "withdraw", 12)
print(open(path).read().split())
print(os.stat(path).st_ino == before.st_ino, os.stat(path).st_size == before.st_size)
for spoil in (lambda: open(path, "w").close(), lambda: os.unlink(path)):
    spoil()
    try:
        bird._write(path, "announce", 0)
    except OSError as error:
        print(error.strerror, os.path.exists(path) and os.stat(path).st_size)`;
  const words = ["-B", "-c", program, join(node.dir, "announcement.conf")];
  expect(execFileSync("/usr/bin/python3", words, { cwd: dirname(AGENT), encoding: "utf8" }).split("\n")).toEqual([
    "['define', 'COST', '=', '12;', 'define', 'STATE', '=', '2;']",
    "True True",
    "No space left on device 0",
    "No such file or directory False",
    "",
  ]);
});
