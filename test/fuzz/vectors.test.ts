import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../constructs.js";
import { writeFiles } from "./files.js";
import { judge } from "./judge.js";
import { vector, vectorNames } from "./vectors.js";

const folder = join(scratch, "vectors");
mkdirSync(folder, { recursive: true });
const surroundings = { outdir: join(folder, "out"), fileOf: writeFiles(folder) };

test("every vector says what was wrong", () => {
  for (const name of vectorNames()) expect(vector(name).about, name).not.toBe("");
});

test.each(vectorNames())("%s is no finding any more", (name) => {
  const { plan, codes } = vector(name);
  const verdict = judge(plan, surroundings);
  const text = verdict.kind === "accepted" ? "accepted" : verdict.text;
  expect(verdict.kind, text).toBe(codes.length === 0 ? "accepted" : "refused");
  if (verdict.kind === "refused") expect([...new Set(verdict.codes)].sort()).toEqual(codes);
});
