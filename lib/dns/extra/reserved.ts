import { shown } from "../../config/words.js";
import { isOfKind } from "../../terraform/brand.js";
import type { Refusal } from "../../terraform/schema.js";
import { isPlainObject } from "../../terraform/tokens.js";

/** Settings of a daemon that the library makes, or relies on not being made, each with what takes their place. */
export type Reserved = Readonly<Record<string, string>>;

/** Gives all of these names the same reason. */
export function reserved(names: string, why: string): Reserved {
  return Object.fromEntries(names.split(" ").map((name) => [name.replace("+", " "), why]));
}

/** Refuses a setting that is left to the library. Its values are not shown: one may be a secret. */
export function refuseReserved(name: string, all: Reserved): Refusal | undefined {
  const why = Object.hasOwn(all, name) ? all[name] : undefined;
  if (why === undefined) return undefined;
  return { code: "DNSLB169", message: `must leave ${shown(name)} to the library: ${why}` };
}

/** Refuses a value with a secret in it, at any depth: configurations hold none. */
export function refuseSecrets(value: unknown): Refusal | undefined {
  if (!holdsSecret(value)) return undefined;
  return { code: "DNSLB168", message: "must hold no Secret: whoever deploys could read it in the configuration" };
}

function holdsSecret(value: unknown): boolean {
  if (isOfKind(value, "Secret")) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isPlainObject(value) && Object.values(value).some(holdsSecret);
}
