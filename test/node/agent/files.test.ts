import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentFiles } from "../../../lib/node/agent/files.js";

const FOLDER = join(__dirname, "../../../lib/node/agent");

test("holds all that the agent is made of, and nothing else", () => {
  const files = agentFiles();
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual([...paths].sort());
  expect(paths.filter((path) => !path.startsWith("dnslb_agent/"))).toEqual(["check", "dns-lb-agent"]);
  expect(paths).toEqual(expect.arrayContaining(["dnslb_agent/cli.py", "dnslb_agent/daemons/haproxy.py"]));
  expect(paths.every((path) => /^(check|dns-lb-agent|dnslb_agent\/([a-z_]+\/)?[a-z_0-9]+\.py)$/.test(path))).toBe(true);
  for (const { path, content, executable } of files) {
    expect(executable).toBe(content.startsWith("#!"));
    expect(content, path).toMatch(/\n$/);
  }
});

test("needs Debian's programs alone", () => {
  const [check, agent] = agentFiles();
  expect(check?.content.split("\n")[0]).toBe("#!/bin/bash");
  expect(agent?.content.split("\n")[0]).toBe("#!/usr/bin/python3 -IBS");
  execFileSync("shellcheck", [join(FOLDER, "check")]);
});
