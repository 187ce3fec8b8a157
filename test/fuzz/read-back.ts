import { parseBird } from "../../lib/config/bird/index.js";
import { parseDnsdistListeners, parseDnsdistPolicy } from "../../lib/config/dnsdist/index.js";
import { parseHaproxy } from "../../lib/config/haproxy/index.js";
import { parseKeepalived } from "../../lib/config/keepalived/index.js";
import { parseNsd } from "../../lib/config/nsd/index.js";
import { parseUnbound } from "../../lib/config/unbound/index.js";
import { parseZone } from "../../lib/config/zone/index.js";
import { canonicalDomainName, daemonName } from "../../lib/core/names.js";
import { OPCODES, QUERY_CLASSES, QUERY_TYPES } from "../../lib/model/query-kind.js";
import type { NodeUnderTest } from "../../lib/testing/nodes-of.js";
import { FILE_ZONE } from "./files.js";

/** The names that stand as numbers in configurations. */
const NUMBERS: readonly Readonly<Record<string, number>>[] = [QUERY_TYPES, QUERY_CLASSES, OPCODES];

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
  if (path === "bird/bird.conf") return parseBird;
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
  if (base === other) return undefined;
  if (typeof base === "string" && typeof other === "string") {
    const isInPlace = spellings(from, to).some(([a, b]) => a !== "" && base.replaceAll(a, () => b) === other);
    return isInPlace || masked(base) === masked(other)
      ? undefined
      : `${path}: ${JSON.stringify(base)} became ${JSON.stringify(other)}`;
  }
  if (typeof base !== "object" || base === null || typeof other !== "object" || other === null) {
    const isInPlace = NUMBERS.some((numbers) => base === numbers[from] && other === numbers[to]);
    return Object.is(base, other) || isInPlace ? undefined : `${path}: ${String(base)} became ${String(other)}`;
  }
  if (Array.isArray(base) && Array.isArray(other)) return listBrokenOut(base, other, from, to, path);
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

/** Lists that go by names have another order where a name is another. */
function listBrokenOut(
  base: readonly unknown[],
  other: readonly unknown[],
  from: string,
  to: string,
  path: string,
): string | undefined {
  if (base.length !== other.length) {
    return `${path}: ${base.length} became ${other.length}: ${JSON.stringify(other)}`;
  }
  const differ = (one: unknown, two: unknown, index: number) => brokenOut(one, two, from, to, `${path}.${index}`);
  const first = base.map((each, index) => differ(each, other[index], index)).find((each) => each !== undefined);
  if (first === undefined) return undefined;
  const left = [...other];
  for (const [index, each] of base.entries()) {
    const found = left.findIndex((one) => differ(each, one, index) === undefined);
    if (found < 0) return first;
    left.splice(found, 1);
  }
  return undefined;
}

/**
 * Without what no text can leave: hexadecimal digits (digests, messages) and decimal ones (lengths of messages); and
 * without the numbers that cdktf gives its tokens, which are others in every app.
 */
function masked(text: string): string {
  // HAProxy's pattern of an answer, which has every letter by its hexadecimal digits.
  if (/^\^\.{4}ABCD[0-9A-F[\].()|-]+$/.test(text)) return "#pattern";
  return text
    .replace(/\$\{TfToken\[TOKEN\.\d+\]\}/g, "#token")
    .replace(/[0-9a-f]{8,}/gi, "#")
    .replace(/^\d+$/, "#");
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
    characterString,
    // The rest of a TXT record in a message, and a file of a zone.
    (text) => Buffer.from([Math.min(255, text.length), ...Buffer.from(text)]).toString("hex"),
    (text) => (text === "." ? ",root.zone" : `${canonicalDomainName(text)}zone`),
  ];
  return forms.map((form) => [form(from), form(to)]);
}

/** A text between the quotes of a zone file (RFC 1035, section 5.1). */
function characterString(text: string): string {
  const decimal = (byte: number) => `\\${String(byte).padStart(3, "0")}`;
  return [...Buffer.from(text)]
    .map((byte) =>
      byte < 32 || byte > 126 || byte === 34 || byte === 39 || byte === 92 ? decimal(byte) : String.fromCharCode(byte),
    )
    .join("");
}
