import { canonicalAddress, canonicalCidr, familyOf } from "../../core/ip.js";
import { type Refusal, refuseCharacters, refuseKeyword, shown } from "../words.js";
import { isReserved } from "./reserved.js";

/** A value or a condition in a filter, in a definition or in a line of bird.conf. */
export type BirdExpression =
  | BirdNumber
  | BirdText
  | BirdName
  | BirdAddress
  | BirdPrefix
  | BirdPrefixSet
  | BirdCommunity
  | BirdComparison
  | BirdNot
  | BirdAll
  | BirdAny;

/** A number of 32 bits without a sign. */
export interface BirdNumber {
  readonly number: number;
}

/** A text in quotes: `{ text: "eth0" }`. */
export interface BirdText {
  readonly text: string;
}

/** An attribute or a constant of BIRD (`net.type`, `RTS_BGP`), or the name of a definition. */
export interface BirdName {
  readonly name: string;
}

/** An address of IPv4 or IPv6. */
export interface BirdAddress {
  readonly address: string;
}

/** One network: `{ prefix: "0.0.0.0/0" }`. */
export interface BirdPrefix {
  readonly prefix: string;
}

/**
 * Networks of one family; after a prefix, `+` is all within it, `-` all around it, and `{24,32}` those within it of such
 * a length.
 */
export interface BirdPrefixSet {
  readonly prefixes: readonly string[];
}

/** A community with two parts (RFC 1997), a large one with three (RFC 8092). */
export interface BirdCommunity {
  readonly community: readonly (BirdNumber | BirdName)[];
}

/** What BIRD compares by; `~` is "is in". */
export const BIRD_OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "~", "!~"] as const;

/** A comparison: `{ left: { name: "net" }, operator: "~", right: { name: "SERVICE4" } }`. */
export interface BirdComparison {
  readonly left: BirdExpression;
  readonly operator: (typeof BIRD_OPERATORS)[number];
  readonly right: BirdExpression;
}

/** True if the condition is false. */
export interface BirdNot {
  readonly not: BirdExpression;
}

/** True if all conditions are, of which there are at least two. */
export interface BirdAll {
  readonly all: readonly BirdExpression[];
}

/** True if one of the conditions is, of which there are at least two. */
export interface BirdAny {
  readonly any: readonly BirdExpression[];
}

/** A problem of a part of an expression or of a filter; `place` leads from it to the part: `.all[1].left`. */
export type PlacedRefusal = Refusal & { readonly place: string };

/** Attributes and constants that an expression may name, beside definitions. */
const KNOWN = [
  "bgp_community",
  "bgp_large_community",
  "bgp_local_pref",
  "bgp_med",
  "bgp_next_hop",
  "bgp_origin",
  "bgp_path",
  "bgp_path.len",
  "from",
  "gw",
  "ifname",
  "krt_metric",
  "krt_prefsrc",
  "net",
  "net.len",
  "net.type",
  "preference",
  "proto",
  "source",
  "NET_IP4",
  "NET_IP6",
  "RTS_BGP",
  "RTS_DEVICE",
  "RTS_INHERIT",
  "RTS_STATIC",
  "RTS_STATIC_DEVICE",
  "false",
  "true",
];

/** BIRD reads 32 hexadecimal digits as bytes, not as a name; and it takes no longer name than 64. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,30}$/;

const MOST_NUMBER = 0xffff_ffff;
/** BIRD's buffer for a text has 4096 bytes, one of them for the end. At a longer text, BIRD crashes. */
const MOST_TEXT_BYTES = 4_095;
/** So deep may conditions be nested; BIRD's parser has an end, too. */
const MOST_DEPTH = 50;

/** Refuses what cannot name a protocol, a filter or a definition. */
export function refuseName(name: string): Refusal | undefined {
  if (!NAME.test(name)) {
    return {
      code: "DNSLB804",
      message: `must be a name of at most 31 letters, digits and "_" that starts with no digit, got ${shown(name)}`,
    };
  }
  if (!isReserved(name)) return undefined;
  return { code: "DNSLB804", message: `must not be a word of BIRD's own: ${shown(name)}` };
}

/** Refuses a text that BIRD cannot be given: it has no escapes. */
export function refuseText(text: string): Refusal | undefined {
  const characters = refuseCharacters(text);
  if (characters) return characters;
  if (text === "") return { code: "DNSLB803", message: "must not be empty" };
  // Without the text: it may be a password.
  if (text.includes('"')) return { code: "DNSLB803", message: 'must hold no ", which BIRD cannot quote' };
  const bytes = Buffer.byteLength(text);
  if (bytes <= MOST_TEXT_BYTES) return undefined;
  return { code: "DNSLB806", message: `must be at most ${MOST_TEXT_BYTES} bytes long, got ${bytes}` };
}

/** Refuses a number that BIRD cannot hold. */
export function refuseNumber(number: number): Refusal | undefined {
  if (Number.isInteger(number) && number >= 0 && number <= MOST_NUMBER) return undefined;
  return { code: "DNSLB803", message: `must be a whole number between 0 and ${MOST_NUMBER}, got ${number}` };
}

/** Refuses what is no address. */
export function refuseAddress(address: string): Refusal | undefined {
  if (familyOf(address) !== undefined) return undefined;
  return { code: "DNSLB803", message: `must be an address, got ${shown(address)}` };
}

/** Refuses what is no network, or has host bits, which BIRD takes for a mistake. */
export function refusePrefix(prefix: string): Refusal | undefined {
  const canonical = canonicalCidr(prefix);
  const [address = "", bits = ""] = prefix.split("/");
  if (canonical !== undefined && canonical === `${canonicalAddress(address)}/${Number(bits)}`) return undefined;
  const hint = canonical === undefined ? "" : `, did you mean ${canonical}`;
  return { code: "DNSLB803", message: `must be a network without host bits, got ${shown(prefix)}${hint}` };
}

/** The problems of an expression and of its parts. */
export function refuseExpression(expression: BirdExpression, depth = 0): PlacedRefusal[] {
  if (depth > MOST_DEPTH) return [at("", { code: "DNSLB806", message: `must be nested at most ${MOST_DEPTH} deep` })];
  const inner = (place: string, part: BirdExpression) =>
    refuseExpression(part, depth + 1).map((refusal) => ({ ...refusal, place: `${place}${refusal.place}` }));
  const several = (place: string, parts: readonly BirdExpression[]) =>
    parts.length < 2
      ? [at(place, { code: "DNSLB806", message: `must have at least two conditions, got ${parts.length}` })]
      : parts.flatMap((part, index) => inner(`${place}[${index}]`, part));
  if ("number" in expression) return some(".number", refuseNumber(expression.number));
  if ("text" in expression) return some(".text", refuseText(expression.text));
  if ("name" in expression) return some(".name", refuseKnown(expression.name));
  if ("address" in expression) return some(".address", refuseAddress(expression.address));
  if ("prefix" in expression) return some(".prefix", refusePrefix(expression.prefix));
  if ("prefixes" in expression) return refusePrefixSet(expression.prefixes);
  if ("community" in expression) {
    const { community } = expression;
    if (community.length === 2 || community.length === 3) {
      return community.flatMap((part, index) => inner(`.community[${index}]`, part));
    }
    const message = `must have two parts, or three if it is a large community, got ${community.length}`;
    return [at(".community", { code: "DNSLB806", message })];
  }
  if ("not" in expression) return inner(".not", expression.not);
  if ("all" in expression) return several(".all", expression.all);
  if ("any" in expression) return several(".any", expression.any);
  return [
    ...some(".operator", refuseKeyword(expression.operator, "a comparison", BIRD_OPERATORS)),
    ...inner(".left", expression.left),
    ...inner(".right", expression.right),
  ];
}

/** A prefix of a set without what follows it, and that. */
export function splitPattern(pattern: string): readonly [prefix: string, around: string] {
  const [, prefix = "", around = ""] = /^([^+{-]*)(.*)$/s.exec(pattern) ?? [];
  return [prefix, around];
}

function refusePrefixSet(prefixes: readonly string[]): PlacedRefusal[] {
  const families = new Set(prefixes.map((pattern) => familyOf(pattern.split("/")[0] ?? "")));
  if (prefixes.length === 0) return [at(".prefixes", { code: "DNSLB806", message: "must not be empty" })];
  const wrong = prefixes.flatMap((pattern, index) => some(`.prefixes[${index}]`, refusePattern(pattern)));
  if (wrong.length > 0 || families.size === 1) return wrong;
  const message = "must hold networks of one family: BIRD has a set for each";
  return [at(".prefixes", { code: "DNSLB803", message })];
}

function refusePattern(pattern: string): Refusal | undefined {
  const [prefix, around] = splitPattern(pattern);
  const refusal = refusePrefix(prefix);
  if (refusal || around === "" || around === "+" || around === "-") return refusal;
  const [, least, most] = /^\{(\d{1,3}),(\d{1,3})\}$/.exec(around) ?? [];
  const bits = familyOf(prefix.split("/")[0] ?? "") === "ipv4" ? 32 : 128;
  if (least !== undefined && most !== undefined && Number(least) <= Number(most) && Number(most) <= bits)
    return undefined;
  const message = `must end in a prefix length, "+", "-" or lengths such as {24,${bits}}, got ${shown(pattern)}`;
  return { code: "DNSLB803", message };
}

function refuseKnown(name: string): Refusal | undefined {
  return KNOWN.includes(name) ? undefined : refuseName(name);
}

function some(place: string, refusal: Refusal | undefined): PlacedRefusal[] {
  return refusal ? [at(place, refusal)] : [];
}

function at(place: string, refusal: Refusal): PlacedRefusal {
  return { ...refusal, place };
}
