import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../constructs.js";
import { build } from "../fuzz/build.js";
import { EVERYTHING } from "../fuzz/everything.js";
import { writeFiles } from "../fuzz/files.js";
import type { FileName } from "../fuzz/plan.js";

const LOAD_BALANCERS = ["HaPair", "StandaloneLoadBalancer", "AnycastGroup"];
const folder = join(scratch, "review-secrets");
mkdirSync(folder, { recursive: true });

/** By the names of files of secrets, a text that is in them and may be nowhere else. */
const MARKS: Readonly<Partial<Record<FileName, string>>> = {
  password: "marked-password-7f3a",
  tickets: Buffer.from("marked-ticket-keys".repeat(3)).toString("base64").slice(0, 64),
};

/** The files that plans name, with marks in the secrets. */
function markedFiles(): (name: FileName) => string {
  const fileOf = writeFiles(folder);
  writeFileSync(fileOf("password"), MARKS.password ?? "");
  writeFileSync(fileOf("tickets"), `${MARKS.tickets}\n`.repeat(3));
  return fileOf;
}

const fileOf = markedFiles();
/** The lines of the private key. */
const KEY_LINES = readFileSync(fileOf("certificate"), "utf8")
  .split(/-----BEGIN [A-Z ]*PRIVATE KEY-----/)
  .slice(1)
  .flatMap((text) => text.split("\n"))
  .filter((line) => line.length > 20 && !line.startsWith("-----"));

test.each(Object.entries(EVERYTHING))("no secret of the app %s is in what is written for review", (name, plan) => {
  const outdir = join(folder, name);
  const app = build(plan, { outdir, fileOf });
  app.synth();
  const written = readdirSync(outdir, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.includes("/dns-lb/") && /\.\w+$/.test(path),
  );
  const marks = [...Object.values(MARKS), ...KEY_LINES, "TfToken[", "$" + "{var."];
  for (const path of written) {
    const text = readFileSync(join(outdir, path), "utf8");
    for (const mark of marks) expect(text.includes(mark), `${path} holds ${mark.slice(0, 9)}`).toBe(false);
  }
  const hasBalancer = plan.steps.some(({ make }) => LOAD_BALANCERS.includes(make));
  expect(written.length > 0).toBe(hasBalancer);
});

test("the marks are in the files that secrets are read from", () => {
  expect(readFileSync(fileOf("password"), "utf8")).toContain(MARKS.password);
  expect(KEY_LINES.length).toBeGreaterThan(0);
});
