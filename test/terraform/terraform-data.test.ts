import { type DataConfig, DataResource } from "cdktf";
import { afterEach, expect, test } from "vitest";
import { TerraformData } from "../../lib/terraform/terraform-data.js";
import { newStack } from "../constructs.js";

const CONFIG: DataConfig = {
  input: { host: "10.0.0.2" },
  triggersReplace: { digest: "abc" },
  lifecycle: { ignoreChanges: ["triggers_replace"] },
};
const PATH = process.env["PATH"];

afterEach(() => {
  process.env["PATH"] = PATH;
});

test("is what cdktf's own resource is, as JSON and as HCL", () => {
  const [own, other] = [TerraformData, DataResource].map((kind) => new kind(newStack(), "Data", CONFIG));
  expect(own?.toTerraform()).toEqual(other?.toTerraform());
  expect(own?.toHclTerraform()).toEqual(other?.toHclTerraform());
  expect(own?.toTerraform().resource.terraform_data.Data).toMatchObject({ triggers_replace: { digest: "abc" } });
});

test("is valid where there is no Terraform", () => {
  process.env["PATH"] = "/nonexistent";
  expect(new TerraformData(newStack(), "Data", CONFIG).node.validate()).toEqual([]);
});
