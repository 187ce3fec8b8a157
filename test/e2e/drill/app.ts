/**
 * examples/docker-pair with the settings that a drill changes: SETTINGS holds them as JSON. TAMPER may hold pairs of
 * texts, which are exchanged in what was synthesized for the nodes of the pair: mistakes that the library does not let
 * anybody make.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { SETTINGS, type Settings } from "../../../examples/docker-pair/settings.js";
import { addDockerPairStacks } from "../../../examples/docker-pair/stacks.js";

const given = JSON.parse(process.env["SETTINGS"] ?? "{}") as Partial<Settings>;
const tamper = JSON.parse(process.env["TAMPER"] ?? "[]") as readonly (readonly [string, string])[];

const app = new App();
addDockerPairStacks(app, { ...SETTINGS, ...given });
app.synth();

for (const stack of tamper.length > 0 ? ["lb1", "lb2"] : []) {
  const file = join(app.outdir, "stacks", stack, "cdk.tf.json");
  let text = readFileSync(file, "utf8");
  for (const [from, to] of tamper) {
    if (!text.includes(from)) throw new Error(`${stack} has no ${JSON.stringify(from)} to tamper with`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(file, text);
}
