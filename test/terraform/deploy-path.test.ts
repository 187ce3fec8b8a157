import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { expect, test } from "vitest";
import { deployPath } from "../../lib/terraform/deploy-path.js";
import { newStack } from "../constructs.js";

const inside = newStack("prod", new App({ outdir: join(process.cwd(), "test") }));
const outside = newStack("prod", new App({ outdir: tmpdir() }));

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
  expect(deployPath(outside, "certs/dns.pem")).toBe(join(process.cwd(), "certs/dns.pem"));
});
