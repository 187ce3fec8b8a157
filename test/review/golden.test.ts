import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { reviewFiles } from "../../lib/review/index.js";
import { type Reviewed, reviewedExamples } from "./reviewed.js";

const root = join(__dirname, "../..");

let all: readonly Reviewed[];
beforeAll(async () => {
  all = await reviewedExamples();
}, 60_000);

function filesOf(example: string): Readonly<Record<string, string>> {
  const found = all.find(({ name }) => name === example);
  if (found === undefined) throw new RangeError(`no example ${example}`);
  return reviewFiles(found.loadBalancer, found.specs);
}

test("README.md shows the picture of the production example", async () => {
  await expect(filesOf("production")["topology.svg"]).toMatchFileSnapshot(join(root, "docs/figures/production.svg"));
});

test("the model of the production example is what it is known to be", async () => {
  await expect(filesOf("production")["model.json"]).toMatchFileSnapshot(join(__dirname, "golden/production.json"));
});

test("the page of the quickstart is what it is known to be", async () => {
  await expect(filesOf("quickstart")["stack.html"]).toMatchFileSnapshot(join(__dirname, "golden/quickstart.html"));
});

test("a review has the files of each node, and nothing else", () => {
  const paths = Object.keys(filesOf("production"));
  expect(paths.filter((path) => !path.startsWith("nodes/"))).toEqual(["stack.html", "topology.svg", "model.json"]);
  expect(new Set(paths.filter((path) => path.startsWith("nodes/")).map((path) => path.split("/")[1]))).toEqual(
    new Set(["lb1", "lb2"]),
  );
});
