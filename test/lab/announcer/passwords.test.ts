import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ME } from "../../node/agent/fake-node.js";
import { BIRD, node, python, releaseOf, withAnnouncer } from "./announcer-node.js";

withAnnouncer();

test("the password of a session is nobody's but the daemon's own user", async () => {
  const secret = { kind: "service", service: "bird", path: "bird/router1.conf", secret: "secrets/router1" } as const;
  const compose = [{ ...secret, settings: { define: "PASSWORD_1" } }];
  const release = releaseOf({ user: "nobody", services: [{ ...BIRD, user: ME }], compose });
  const files = { "bird/bird.conf": "", "secrets/router1": "hidden\n" };
  expect(await node.agent("apply", node.bundle(release, files), "--timeout", "1")).toMatchObject({ status: 0 });
  const modes = ["bird/bird.conf", secret.path, secret.secret].map((path) =>
    (statSync(join(node.state, "current", path)).mode & 0o777).toString(8),
  );
  expect(modes).toEqual(["640", "600", "600"]);
  expect(readFileSync(join(node.state, "current", secret.path), "utf8")).toBe('define PASSWORD_1 = "hidden";\n');
});

test.each<[string, string, string]>([
  ["is written", "correct horse $(x) \\ ; '", 'define PASSWORD_1 = "correct horse $(x) \\ ; \'";\n'],
  ["has 80 bytes", "a".repeat(80), `define PASSWORD_1 = "${"a".repeat(80)}";\n`],
  ["has 81 bytes", "a".repeat(81), "fails: secrets/p: a password of BGP must have 1 to 80 bytes, got 81"],
  ["has 82 bytes as 41 letters", "ä".repeat(41), "fails: secrets/p: a password of BGP must have 1 to 80 bytes, got 82"],
  [
    "has a quotation mark",
    'a"; define X = 1; #',
    "fails: secrets/p: a password of BGP must not contain a quotation mark",
  ],
  ["has a line break", "a\nb", "fails: secrets/p: a password of BGP must not contain control characters"],
])("a password that %s", (_, secret, expected) => {
  const program = `
import json, sys
from dnslb_agent.daemons.bird import Bird
from dnslb_agent.errors import Failure
from dnslb_agent.manifest import ServiceFile
file = ServiceFile("service", "bird", "bird/router1.conf", "secrets/p", {"define": "PASSWORD_1"})
try:
    print(json.dumps(Bird().render_file(file, json.load(sys.stdin))))
except Failure as failure:
    print(json.dumps(f"fails: {failure}"))`;
  expect(python(program, secret)).toBe(expected);
});
