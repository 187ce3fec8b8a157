// The bill of materials of the npm package, CycloneDX 1.5: what a user gets with it. Peers are the user's own choice.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Failure, root, run } from "./run.mjs";

/** Where the package has it, relative to dist/. */
export const SBOM = "sbom.cdx.json";

const Component = z.looseObject({ name: z.string().min(1), version: z.string().min(1), purl: z.string().min(1) });
const Hashed = Component.extend({
  type: z.literal("library"),
  hashes: z.array(z.strictObject({ alg: z.literal("SHA-512"), content: z.string().regex(/^[0-9a-f]{128}$/) })).min(1),
});
const Bill = z.looseObject({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.literal("1.5"),
  version: z.literal(1),
  metadata: z.looseObject({ component: Component }),
  components: z.array(Hashed),
});

/** Makes the bill from the lock file. It says neither when nor where it was made: the same package has the same bill. */
export async function makeSbom() {
  // Both streams are one, and npm tells of newer versions of itself.
  const words = [
    "--sbom-format",
    "cyclonedx",
    "--omit",
    "dev",
    "--package-lock-only",
    "--silent",
    "--no-update-notifier",
  ];
  const { status, output } = await run("npm", ["sbom", ...words]);
  if (status !== 0) throw new Failure(`npm sbom failed:\n${output}`);
  const { serialNumber, ...bill } = JSON.parse(output);
  const { timestamp, ...metadata } = bill.metadata;
  // npm takes the name of the folder.
  const made = { ...bill, metadata: { ...metadata, component: { ...metadata.component, name: manifest().name } } };
  const text = `${JSON.stringify(made, null, 2)}\n`;
  checkSbom(text);
  return text;
}

/** Fails unless a bill has the form of CycloneDX and names all packages that come with this one. @param {string} text */
export function checkSbom(text) {
  const { data, error } = Bill.safeParse(JSON.parse(text));
  if (data === undefined) {
    throw new Failure(error.issues.map(({ path, message }) => `${SBOM}: ${path.join(".")}: ${message}`).join("\n"));
  }
  const { name, version } = manifest();
  const named = [data.metadata.component, ...data.components].map(urlOf);
  const wanted = [`pkg:npm/${name}@${version}`, ...installed()];
  const lost = wanted.filter((url) => !named.includes(url));
  const strange = named.filter((url) => !wanted.includes(url));
  if (lost.length > 0) throw new Failure(`${SBOM} lacks ${lost.join(", ")}`);
  if (strange.length > 0) throw new Failure(`${SBOM} has ${strange.join(", ")}, which do not come with the package`);
}

/** @param {{ name: string, version: string, purl: string }} component */
function urlOf({ name, version, purl }) {
  const own = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return purl === own ? own : `${purl} (of ${own})`;
}

/** The package URLs of what the lock file installs where nothing is developed. */
function installed() {
  /** @type {[string, { version: string, dev?: boolean, peer?: boolean, devOptional?: boolean }][]} */
  const entries = Object.entries(JSON.parse(read("package-lock.json")).packages);
  return entries
    .filter(([path, { dev, peer, devOptional }]) => path !== "" && !dev && !peer && !devOptional)
    .map(([path, { version }]) => `pkg:npm/${path.split("node_modules/").at(-1)?.replace("@", "%40")}@${version}`);
}

function manifest() {
  return JSON.parse(read("package.json"));
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), "utf8");
}
