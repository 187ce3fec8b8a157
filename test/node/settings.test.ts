import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import type { NodeDescription } from "../../lib/model/node.js";
import { compileNode } from "../../lib/node/compile/index.js";
import { AGENT } from "./agent/fake-node.js";
import { PAIR, PROFILE } from "./compile/models.js";

/* The settings of a daemon that its module in the agent expects, by the class of that name. */
const PROGRAM = `
import importlib, json
from dnslb_agent import daemons, decode
modules = {name: importlib.import_module(f"dnslb_agent.daemons.{name}") for name in daemons.NAMES}
fields = {name: getattr(getattr(module, "Settings", None), "_fields", ()) for name, module in modules.items()}
print(json.dumps({name: [decode.key(field) for field in own] for name, own in fields.items()}))`;

test("the agent's module for a daemon finds just the settings that the compiler gives it", () => {
  const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
  const expected: Record<string, readonly string[]> = JSON.parse(
    execFileSync("/usr/bin/python3", ["-B", "-c", PROGRAM], options),
  );
  const { services } = compileNode(PAIR, PAIR.nodes[0] as NodeDescription, PROFILE).manifest;
  for (const { name, settings } of services) {
    expect([name, Object.keys(settings).sort()]).toEqual([name, [...(expected[name] ?? [])].sort()]);
  }
  expect(services.flatMap(({ settings }) => Object.keys(settings)).length).toBeGreaterThan(6);
});
