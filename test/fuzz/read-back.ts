import { parseDnsdistListeners, parseDnsdistPolicy } from "../../lib/config/dnsdist/index.js";
import { parseHaproxy } from "../../lib/config/haproxy/index.js";
import { parseKeepalived } from "../../lib/config/keepalived/index.js";
import { parseNsd } from "../../lib/config/nsd/index.js";
import { parseUnbound } from "../../lib/config/unbound/index.js";
import { parseZone } from "../../lib/config/zone/index.js";
import { canonicalDomainName, daemonName } from "../../lib/core/names.js";
import type { NodeUnderTest } from "../../lib/testing/nodes-of.js";
import { FILE_ZONE } from "./files.js";

/** What the parsers read from the files of a node: its texts in their places. Paths may hold names that change. */
export function readBack({ files, spec }: NodeUnderTest): unknown {
  const parsed = [...files].map(([path, text]) => ({ path, content: parserOf(path)(text) }));
  return { parsed, secrets: spec.secretFiles };
}

function parserOf(path: string): (text: string) => unknown {
  if (path.endsWith(".cfg")) return parseHaproxy;
  if (path === "dnsdist/policy.lua") return parseDnsdistPolicy;
  if (path === "dnsdist/dnsdist.conf") return parseDnsdistListeners;
  if (path.endsWith("keepalived.conf")) return parseKeepalived;
  if (path === "nsd/nsd.conf") return parseNsd;
  if (path === "unbound/unbound.conf") return parseUnbound;
  // That of a user's file is as the user wrote it.
  if (path.endsWith(".zone") && !path.endsWith(`/${FILE_ZONE}.zone`)) return parseZone;
  if (path.endsWith(".json")) return JSON.parse;
  return (text) => text.split("\n");
}

/**
 * Where what was read with one text is not what was read with another, but for the one in the place of the other; undefined
 * if it is nowhere. A text that broke out of its place changes more than texts: the number of things, or what they are.
 */
export function brokenOut(base: unknown, other: unknown, from: string, to: string, path = ""): string | undefined {
  if (typeof base === "string" && typeof other === "string") {
    const isInPlace = spellings(from, to).some(([a, b]) => a !== "" && base.replaceAll(a, () => b) === other);
    return base === other || isInPlace || masked(base) === masked(other)
      ? undefined
      : `${path}: ${JSON.stringify(base)} became ${JSON.stringify(other)}`;
  }
  if (typeof base !== "object" || base === null || typeof other !== "object" || other === null) {
    return Object.is(base, other) ? undefined : `${path}: ${String(base)} became ${String(other)}`;
  }
  const [keys, others] = [Object.keys(base), Object.keys(other)];
  if (keys.length !== others.length) return `${path}: ${keys.length} became ${others.length}: ${JSON.stringify(other)}`;
  for (const [index, key] of keys.entries()) {
    const found =
      brokenOut(key, others[index], from, to, `${path} key`) ??
      brokenOut(member(base, key), member(other, others[index] ?? ""), from, to, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Without what is written in hexadecimal digits, which no text can leave: digests, messages. */
function masked(text: string): string {
  return text.replace(/[0-9a-f]{8,}/gi, "#");
}

function member(holder: object, key: string): unknown {
  return (holder as Readonly<Record<string, unknown>>)[key];
}

/** The forms that a text has in configurations. */
function spellings(from: string, to: string): (readonly [string, string])[] {
  const forms: readonly ((text: string) => string)[] = [
    (text) => text,
    canonicalDomainName,
    daemonName,
    (text) => text.replace(/\.$/, "").toLowerCase(),
    (text) => Buffer.from(text).toString("hex"),
    (text) => Buffer.from(text).toString("hex").toUpperCase(),
    (text) => JSON.stringify(text).slice(1, -1),
  ];
  return forms.map((form) => [form(from), form(to)]);
}
