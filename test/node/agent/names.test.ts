import { describe, expect, test } from "vitest";
import { agentFiles } from "../../../lib/node/agent/files.js";

const NAMES = ["haproxy", "dnsdist", "keepalived", "bird", "unbound", "nsd"];
const LIST = "dnslb_agent/daemons/__init__.py";

const modules = agentFiles().filter(({ path }) => path.endsWith(".py"));
const moduleOf = (name: string) => `dnslb_agent/daemons/${name}.py`;

/** The names of daemons in a module, in its code and in its comments. */
function named(content: string): string[] {
  return NAMES.filter((name) => new RegExp(`(?<![a-z])${name}(?![a-z])`, "i").test(content));
}

describe("the name of a daemon", () => {
  test.each(modules.map(({ path, content }) => [path, content] as const))(
    "is not known to %s, but for its own",
    (path, content) => {
      const own = NAMES.filter((name) => path === moduleOf(name));
      const known = path === LIST ? NAMES : named(content).filter((name) => !own.includes(name));
      expect(known).toEqual(path === LIST ? NAMES : []);
    },
  );

  test("stands in its module, which the list has", () => {
    for (const name of NAMES) {
      expect(named(modules.find(({ path }) => path === moduleOf(name))?.content ?? "")).toContain(name);
      expect(named(modules.find(({ path }) => path === LIST)?.content ?? "")).toContain(name);
    }
    expect(named("a line of HAProxy's, and nsd-control")).toEqual(["haproxy", "nsd"]);
  });
});

/* What the compiler rendered, it tells in the manifest: the agent composes such files and never reads them. */
test("no module of the agent opens what the library has rendered for a daemon", () => {
  const rendered = /\.(cfg|lua|zone|lst)\b|\.conf["']/;
  const reading = modules.filter(({ content }) => rendered.test(content.replaceAll("-client.conf", "")));
  expect(reading.map(({ path }) => path)).toEqual([]);
  expect(rendered.test('glob("haproxy/*.cfg")')).toBe(true);
});
