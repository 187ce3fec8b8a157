import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { App, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * The error for a construct whose app or stack comes from another cdktf than this library's: a second copy, or cdktn
 * under its own name. The two accept each other's constructs, but later fail on each other's values.
 */
export function otherCdktf({ node }: IConstruct): string | undefined {
  const foreign = node.scopes.find(
    (scope) =>
      (TerraformStack.isStack(scope) && !(scope instanceof TerraformStack)) ||
      (App.isApp(scope) && !(scope instanceof App)),
  );
  if (foreign === undefined) return undefined;
  const theirs = packageOf(foreign);
  const ours = packageAt(require.resolve("cdktf"));
  const fix =
    theirs !== undefined && basename(theirs.path) !== "cdktf"
      ? `replace both by one with an alias in your package.json: "cdktf": "npm:${theirs.name}@${theirs.version}", and import "cdktf"`
      : 'keep one ("npm ls cdktf" shows which package depends on which copy, "npm dedupe" merges copies where possible)';
  return `cannot be in an app of another cdktf than this library's, which is installed twice: ${packageText(theirs)} and ${packageText(ours)}; ${fix}`;
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

function packageText(found: Package | undefined): string {
  return found === undefined ? "one at an unknown place" : `${found.name} ${found.version} at ${found.path}`;
}

/** The package that defines the class of a construct, found among the modules that Node.js has loaded. */
function packageOf(construct: IConstruct): Package | undefined {
  const classes = new Set<unknown>();
  for (let at: unknown = Object.getPrototypeOf(construct); at !== null; at = Object.getPrototypeOf(at)) {
    classes.add((at as { readonly constructor: unknown }).constructor);
  }
  // The last module defines the class; those before it re-export it.
  const module = Object.values(require.cache).findLast((each) => exportsAny(each?.exports, classes));
  return module === undefined ? undefined : packageAt(module.filename);
}

function exportsAny(exports: unknown, classes: ReadonlySet<unknown>): boolean {
  if (typeof exports !== "object" || exports === null) return false;
  return ["TerraformStack", "App"].some(
    (name) => Object.hasOwn(exports, name) && classes.has((exports as Readonly<Record<string, unknown>>)[name]),
  );
}

/** The package of a module. */
function packageAt(file: string): Package | undefined {
  for (let path = dirname(file); path !== dirname(path); path = dirname(path)) {
    const manifest = join(path, "package.json");
    if (!existsSync(manifest)) continue;
    const { name, version }: { readonly name?: string; readonly version?: string } = JSON.parse(
      readFileSync(manifest, "utf8"),
    );
    if (name !== undefined && version !== undefined) return { name, version, path };
  }
  return undefined;
}
