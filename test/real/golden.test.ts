import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, expect } from "vitest";
import { runtimeLua } from "../../lib/config/dnsdist/runtime.js";
import { templateText } from "../../lib/terraform/template-text.js";
import { installedVersions } from "../../lib/testing/lab/versions.js";
import { examples, goldenFolder, RELEASES, synthesize } from "../golden/example.js";
import { testWith } from "./config/daemon.js";
import { type Change, complaintsOf } from "./golden/check.js";
import { readBack, testWithTerraform } from "./terraform/console.js";

const testWithDaemons = testWith(
  "haproxy",
  "keepalived",
  "nft",
  "dnsdist",
  "unbound",
  "nsd",
  "openssl",
  "unshare",
  "ip",
);

const scratch = mkdtempSync(join(tmpdir(), "dns-lb-golden-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The golden files of an example for the release of Debian that is installed here. */
async function releaseHere(example: string): Promise<string> {
  const versions = await installedVersions();
  const name = Object.keys(RELEASES).find((release) => isDeepStrictEqual(RELEASES[release], versions));
  if (name === undefined) throw new RangeError(`no golden files for ${JSON.stringify(versions)}`);
  return join(goldenFolder, example, name);
}

/** A module of Terraform that `readBack()` takes. */
const module = (templates: readonly string[]) =>
  JSON.stringify({ locals: { texts: templates.map((content) => ({ content })) } });

testWithDaemons.each(examples)("the daemons take the golden files of examples/%s", async (example) => {
  const folder = await releaseHere(example);
  const nodes = readdirSync(folder);
  expect(nodes).not.toEqual([]);
  for (const node of nodes) {
    const complaints = await complaintsOf(join(folder, node));
    const entries = readdirSync(join(folder, node), { withFileTypes: true });
    const daemons = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect({ node, complaints }).toEqual({ node, complaints: Object.fromEntries(daemons.map((name) => [name, ""])) });
  }
});

testWithDaemons.each<[daemon: string, Change, words: RegExp]>([
  [
    "haproxy",
    { file: "haproxy/haproxy.cfg", from: "balance leastconn", to: "balance leastcon" },
    /balance only supports/,
  ],
  ["dnsdist", { file: "dnsdist/policy.lua", from: "AllRule()", to: "AllRules()" }, /AllRules/],
  [
    "keepalived",
    { file: "keepalived/keepalived.conf", from: "priority 250", to: "priority 300" },
    /Priority not valid/,
  ],
  ["keepalived", { file: "keepalived/adverts.nft", from: " daddr ", to: " dadr " }, /adverts\.nft:6:.*syntax error/],
])("fails when one word of %s's golden file is wrong, in its own words", async (daemon, change, words) => {
  const { [daemon]: complaint, ...others } = await complaintsOf(join(await releaseHere("production"), "lb1"), change);
  expect(complaint).toMatch(words);
  expect(new Set(Object.values(others))).toEqual(new Set([""]));
});

testWithDaemons("fails when a daemon only warns", async () => {
  const change = { file: "haproxy/haproxy.cfg", from: "timeout client 2s", to: "timeout server 2s" };
  const { haproxy } = await complaintsOf(join(await releaseHere("quickstart"), "quickstart"), change);
  expect(haproxy).toMatch(/WARNING[\s\S]*status 0$/);
});

testWithTerraform.each(examples)("Terraform would upload the golden files of examples/%s", async (example) => {
  for (const { loaders } of await synthesize(example, join(scratch, example))) {
    for (const { node, templates } of loaders) {
      // The release of Debian that a DockerNode runs unless told otherwise.
      const folder = join(goldenFolder, example, "debian-13", node);
      const golden = [...templates.keys()].map((path) =>
        path === "dnsdist/runtime.lua" ? runtimeLua() : readFileSync(join(folder, path), "utf8"),
      );
      expect(readBack(module([...templates.values()]))).toEqual(golden);
    }
  }
});

testWithTerraform("Terraform would upload them with what it reads as templates in every line", () => {
  const folder = join(goldenFolder, "production/debian-13/lb1");
  const marked = ["haproxy/haproxy.cfg", "dnsdist/policy.lua"].map((path) =>
    readFileSync(join(folder, path), "utf8").replaceAll("\n", ' "%{+Q}o ${HOME} $${a} %%{if}"\n'),
  );
  expect(readBack(module(marked.map(templateText)))).toEqual(marked);
  expect(readBack(module(marked))).toMatch(/Invalid template directive|Invalid expression/);
});
