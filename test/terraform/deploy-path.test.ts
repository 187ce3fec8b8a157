import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { expect, test, vi } from "vitest";
import { deployPath } from "../../lib/terraform/deploy-path.js";
import { newStack, scratch } from "../constructs.js";

const home = join(scratch, "home");
mkdirSync(home);
vi.spyOn(process, "cwd").mockReturnValue(home);

const inside = newStack("prod", new App({ outdir: join(home, "cdktf.out") }));
const outside = newStack("prod", new App({ outdir: scratch }));

test("leads from the stack's output directory to a file beside the app", () => {
  expect(deployPath(inside, "certs/dns.pem")).toBe("../../../certs/dns.pem");
});

test("leads to a file above the app", () => {
  expect(deployPath(inside, "../certs/dns.pem")).toBe("../../../../certs/dns.pem");
});

test("takes an absolute path as it is", () => {
  expect(deployPath(inside, "/etc/dns.pem")).toBe("/etc/dns.pem");
});

test("is absolute where the output goes elsewhere", () => {
  expect(deployPath(outside, "certs/dns.pem")).toBe(join(home, "certs/dns.pem"));
});

test("leaves the order of stacks to be said later", () => {
  const app = new App({ outdir: join(home, "ordered") });
  const [first, second] = [new TerraformStack(app, "first"), new TerraformStack(app, "second")];
  deployPath(second, "certs/dns.pem");
  second.addDependency(first);
  expect(app.manifest.forStack(second)).toMatchObject({ dependencies: ["first"], workingDirectory: "stacks/second" });
});
