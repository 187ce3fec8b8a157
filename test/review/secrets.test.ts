import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../constructs.js";
import { build } from "../fuzz/build.js";
import { EVERYTHING } from "../fuzz/everything.js";
import { writeFiles } from "../fuzz/files.js";
import { call, type FileName, type Plan, ref, token } from "../fuzz/plan.js";

const REVIEWED = ["HaPair", "StandaloneLoadBalancer", "AnycastGroup", "UnboundServer", "NsdServer"];
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

/** A secret that Terraform has while it runs, which only hosts may have. */
const ephemeral = call("Secret.fromEphemeral", token("password"), { version: "1" });
const PLANS: Readonly<Record<string, Plan>> = {
  ...EVERYTHING,
  ephemeral: {
    steps: (EVERYTHING["hosts"]?.steps ?? []).map((step) =>
      step.make === "StandaloneLoadBalancer"
        ? { ...step, props: { node: ref("Node"), statistics: { user: "ops", password: ephemeral } } }
        : step,
    ),
  },
};

test.each(Object.entries(PLANS))("no secret of the app %s is in what is written for review", (name, plan) => {
  const outdir = join(folder, name);
  const app = build(plan, { outdir, fileOf });
  app.synth();
  const written = readdirSync(outdir, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.includes("/dns-lb/") && /\.\w+$/.test(path),
  );
  const texts = [...Object.values(MARKS), ...KEY_LINES];
  const marks = [...texts, ...texts.flatMap(otherForms), "TfToken[", "$" + "{var.", "$" + "{ephemeral."];
  for (const path of written) {
    const text = readFileSync(join(outdir, path), "utf8");
    for (const mark of marks) expect(text.includes(mark), `${path} holds ${mark.slice(0, 9)}`).toBe(false);
  }
  expect(written.length > 0).toBe(plan.steps.some(({ make }) => REVIEWED.includes(make)));
});

/** A text as programs may write it, too. */
function otherForms(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return [bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex"), encodeURIComponent(text)];
}

test("the apps have secrets of every kind", () => {
  const plans = JSON.stringify(PLANS);
  for (const kind of ["fromVariable", "fromEphemeral", "fromLocalFile", "fromNodeFile"]) expect(plans).toContain(kind);
});

test("the marks are in the files that secrets are read from", () => {
  expect(readFileSync(fileOf("password"), "utf8")).toContain(MARKS.password);
  expect(KEY_LINES.length).toBeGreaterThan(0);
});
