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
from dnslb_agent import daemons, decode, limits
modules = {name: importlib.import_module(f"dnslb_agent.daemons.{name}") for name in daemons.NAMES}
fields = {name: getattr(getattr(module, "Settings", None), "_fields", ()) for name, module in modules.items()}
own = {name: [decode.key(field) for field in names] for name, names in fields.items()}
print(json.dumps({"own": own, "limits": limits.NAMES}))`;

test("the agent's module for a daemon finds just the settings that the compiler gives it", () => {
  const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
  const { own, limits }: { own: Record<string, readonly string[]>; limits: readonly string[] } = JSON.parse(
    execFileSync("/usr/bin/python3", ["-B", "-c", PROGRAM], options),
  );
  const node = { ...(PAIR.nodes[0] as NodeDescription), processors: 1, memory: 1_073_741_824 };
  const password = { kind: "variable", name: "password", value: "unused" } as const;
  const pair = { ...PAIR, statistics: { addresses: [], port: 8_404, user: "ops", password } };
  const { services } = compileNode(pair, node, PROFILE).manifest;
  for (const { name, settings } of services) {
    const found = Object.keys(settings).filter((each) => !limits.includes(each));
    expect([name, found.sort()]).toEqual([name, [...(own[name] ?? [])].sort()]);
  }
  // What any service may need of its node is known to all modules.
  const needed = services.flatMap(({ settings }) => Object.keys(settings)).filter((each) => limits.includes(each));
  expect([...new Set(needed)].sort()).toEqual([...limits].sort());
  expect(services.flatMap(({ settings }) => Object.keys(settings)).length).toBeGreaterThan(6);
});
