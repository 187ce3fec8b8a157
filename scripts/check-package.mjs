// Packs the package, installs it without a network as a user would, and synthesizes an app from CommonJS and from ESM, and
// one in whose project packages are there twice.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { bin, Failure, root, run, runMain, scratchFolder } from "./run.mjs";
import { checkSbom, SBOM } from "./sbom.mjs";
import { step } from "./step.mjs";

/** The declarations of /testing name vitest and jest's expect, which are not installed here. */
const APPS = [
  { names: ["app", "testing"], skipLibCheck: false },
  { names: ["copies"], skipLibCheck: true },
];
const FLAVOURS = [
  { name: "CommonJS", extension: "cts", output: "cjs" },
  { name: "ESM", extension: "mts", output: "mjs" },
];

await runMain(async () => {
  const folder = scratchFolder("package");
  await install(folder, await pack(folder));
  for (const { names, skipLibCheck } of APPS) {
    const files = names.flatMap((name) => FLAVOURS.map(({ extension }) => `${name}.${extension}`));
    for (const file of files) cpSync(join(root, "test", "package", file.replace(/[cm]ts$/, "ts")), join(folder, file));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig(files, skipLibCheck)));
    await must(`types of ${names.join(" and ")}`, bin("tsc"), ["-p", "."], folder);
    for (const file of files) rmSync(join(folder, file));
  }
  for (const { name, output } of FLAVOURS) await synthesize(folder, name, output);
  await compare(folder);
  await meetCopies(folder);
});

/** Makes the tarball of dist/ as it stands. @param {string} folder */
async function pack(folder) {
  if (!existsSync(join(root, "dist", "index.js"))) throw new Failure("dist/ does not exist; run npm run build");
  const args = ["pack", "--json", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const { status, output } = await run("npm", args);
  const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (status !== 0 || !tarball) throw new Failure(output);
  const listed = await must("contents", "tar", ["-tzf", join(folder, tarball)], folder);
  const lost = ["LICENSE", "README.md", "CHANGELOG.md"].filter((file) => !listed.includes(`package/${file}`));
  if (lost.length > 0) throw new Failure(`the package lacks ${lost.join(", ")}`);
  checkSbom(await must("bill of materials", "tar", ["-xOzf", join(folder, tarball), `package/dist/${SBOM}`], folder));
  return tarball;
}

/** Lets npm resolve dependencies and peers, but only from this node_modules. @param {string} folder @param {string} tarball */
async function install(folder, tarball) {
  const dependencies = Object.fromEntries(
    [...closure()].sort().map((name) => [name, `file:${realpathSync(join(root, "node_modules", name))}`]),
  );
  const { name } = manifest(root);
  dependencies[name] = `file:${tarball}`;
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", version: "1.0.0", private: true, dependencies }),
  );
  const args = ["install", "--offline", "--install-links", "--ignore-scripts", "--no-audit", "--no-fund"];
  await must("installation", "npm", [...args, "--cache", join(folder, "cache")], folder);
}

/** Compiles all flavours at once; messages name the file. @param {readonly string[]} files @param {boolean} skipLibCheck */
function tsconfig(files, skipLibCheck) {
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck };
  return { compilerOptions: { target: "ES2022", module: "Node16", types: ["node"], ...strict }, files };
}

/** Our dependencies and peers, theirs, and Node's types: all that a user's project holds. */
function closure() {
  /** @type {Set<string>} */
  const names = new Set();
  const add = (/** @type {string} */ name) => {
    const folder = join(root, "node_modules", name);
    if (names.has(name)) return;
    names.add(name);
    wanted(manifest(folder)).forEach(add);
  };
  [...wanted(manifest(root)), "@types/node"].forEach(add);
  return names;
}

function wanted({ dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {}, bundledDependencies = [] }) {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...Object.keys(dependencies), ...peers].filter((name) => !bundledDependencies.includes(name));
}

/** @param {string} folder */
function manifest(folder) {
  const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return { ...found, bundledDependencies: found.bundledDependencies ?? found.bundleDependencies ?? [] };
}

/** @param {string} folder @param {string} name @param {string} extension */
async function synthesize(folder, name, extension) {
  const outdir = join(folder, `out-${extension}`);
  mkdirSync(outdir);
  const env = { CDKTF_OUTDIR: outdir, CHECKPOINT_DISABLE: "1" };
  await must(`import of /testing, ${name}`, process.execPath, [`testing.${extension}`], folder, env);
  await must(`synthesis, ${name}`, process.execPath, [`app.${extension}`], folder, env);
  const written = join(outdir, "stacks", "dns");
  const stack = JSON.parse(readFileSync(join(written, "cdk.tf.json"), "utf8"));
  if (Object.keys(stack.resource ?? {}).length === 0) throw new Failure(`synthesis, ${name}: no resource came out`);
  checkImage(name, written, Object.values(stack.resource.docker_image ?? {}));
}

/** Compares what both flavours wrote, by the program of the package. @param {string} folder */
async function compare(folder) {
  const [one = "", other = ""] = FLAVOURS.map(({ output }) => `out-${output}`);
  const said = await must("dns-lb diff", join(folder, "node_modules", ".bin", "dns-lb"), ["diff", one, other], folder);
  if (said.trim() !== "## DNS load balancers: no change") throw new Failure(`dns-lb diff of one app: ${said}`);
}

/** Runs an app in whose project packages are there twice, as npm nests them when two ask for different versions. @param {string} folder */
async function meetCopies(folder) {
  const modules = join(folder, "node_modules");
  const { name } = manifest(root);
  nest(modules, "second", name);
  nest(modules, "second", "@cdktf/provider-docker");
  nest(modules, "other", "cdktf");
  nest(modules, "newer", name, { version: "99.0.0" });
  // cdktn is a fork of cdktf, whose constructs carry the same symbols.
  nest(modules, "native", "cdktf", { name: "cdktn" });
  const env = { CDKTF_OUTDIR: join(folder, "out-copies"), CHECKPOINT_DISABLE: "1" };
  for (const { name: flavour, output } of FLAVOURS) {
    await must(`copies, ${flavour}`, process.execPath, [`copies.${output}`], folder, env);
  }
}

/**
 * Puts a copy of an installed package where only one other finds it.
 *
 * @param {string} modules @param {string} who @param {string} name @param {{ name?: string, version?: string }} [changes]
 */
function nest(modules, who, name, changes = {}) {
  const folder = join(modules, who, "node_modules", changes.name ?? name);
  cpSync(join(modules, name), folder, { recursive: true });
  const file = join(folder, "package.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }));
}

/**
 * An image is built in the package's folder, wherever the project lies.
 *
 * @param {string} name @param {string} written @param {readonly { build?: { context: string, dockerfile: string } }[]} images
 */
function checkImage(name, written, images) {
  const builds = images.flatMap(({ build }) => (build ? [build] : []));
  for (const { context, dockerfile } of builds) {
    const [, path = "/"] = /^\$\{abspath\("(.*)"\)\}$/.exec(context) ?? [];
    if (
      isAbsolute(path) ||
      !existsSync(join(written, path, dockerfile)) ||
      !existsSync(join(written, path, ".dockerignore"))
    ) {
      throw new Failure(`synthesis, ${name}: no image can be built in ${context}`);
    }
  }
  if (builds.length === 0) throw new Failure(`synthesis, ${name}: no image is built`);
}

/**
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [env]
 */
async function must(what, command, args, cwd, env = {}) {
  const { status, output } = await step(what, () => run(command, args, { cwd, env }));
  if (status !== 0) throw new Failure(`${what} failed:\n${output}`);
  return output;
}
