import { InternalError } from "../../core/errors.js";
import type { LuaValue } from "./model.js";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED = new Set(
  "and break do else elseif end false for function goto if in local nil not or repeat return then true until while".split(
    " ",
  ),
);

/** Prints a text as a Lua string; every byte outside of printable ASCII becomes a `\ddd`. */
export function luaString(text: string): string {
  return `"${text.replace(SPECIAL, (part) => (part === '"' || part === "\\" ? `\\${part}` : bytesOf(part)))}"`;
}

/** Quotes, backslashes, and runs of what is not printable ASCII. */
const SPECIAL = /["\\]|[^ -~]+/g;

function bytesOf(text: string): string {
  if (/\p{Cs}/u.test(text)) throw new InternalError("a text for dnsdist holds half of a surrogate pair");
  return [...Buffer.from(text, "utf8")].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("");
}

/** Prints a value of the subset as one line of Lua. */
export function luaText(value: LuaValue): string {
  switch (typeof value) {
    case "string":
      return luaString(value);
    case "boolean":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new InternalError(`Lua's text has no number ${value}`);
      return Object.is(value, -0) ? "-0" : String(value);
    default:
  }
  if ("constant" in value) return value.constant;
  if ("call" in value) return `${value.call}(${value.args.map(luaText).join(", ")})`;
  if ("list" in value) return braces(value.list.map(luaText));
  const fields: string[] = [];
  for (const [name, field] of Object.entries(value.record)) fields.push(`${fieldName(name)} = ${luaText(field)}`);
  // An empty table would be read back as a list.
  if (fields.length === 0) throw new InternalError("a record for dnsdist is empty");
  return braces(fields);
}

/** Tells whether a text can be the name of a field. */
export function isFieldName(name: string): boolean {
  return NAME.test(name) && !RESERVED.has(name);
}

function fieldName(name: string): string {
  if (!isFieldName(name)) throw new InternalError(`${JSON.stringify(name)} is no name in Lua`);
  return name;
}

function braces(items: readonly string[]): string {
  return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
}
