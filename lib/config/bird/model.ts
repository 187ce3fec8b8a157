import { familyOf } from "../../core/ip.js";
import { type Refusal, refuseKeyword, shown } from "../words.js";
import {
  type BirdExpression,
  type BirdText,
  type PlacedRefusal,
  refuseAddress,
  refuseExpression,
  refuseName,
  refuseNumber,
  refusePrefix,
  refuseText,
} from "./expression.js";
import type { BirdFilter } from "./filter.js";

/** Keywords that open a block: `protocol bgp r1v4 {`. */
export const BIRD_BLOCK_KEYWORDS = [
  "bfd",
  "interface",
  "ipv4",
  "ipv6",
  "multihop",
  "protocol bfd",
  "protocol bgp",
  "protocol device",
  "protocol direct",
  "protocol kernel",
  "protocol static",
  "template bgp",
] as const;

/** A keyword that opens a block. */
export type BirdBlockKeyword = (typeof BIRD_BLOCK_KEYWORDS)[number];

/** A word without quotes, or an expression, of which a text is one. */
export type BirdValue = string | BirdExpression;

/** One option with its values: `["hold time", "9"]`, `["interface", { text: "lo" }]`. */
export type BirdLine = readonly [option: string, ...values: BirdValue[]];

/** An entry of a block: a line or a nested block. */
export type BirdEntry = BirdLine | BirdBlock;

/** A block in braces. */
export interface BirdBlock {
  readonly keyword: BirdBlockKeyword;
  /**
   * The name of a protocol or a template; of an `interface`, its pattern, as `eth*`.
   *
   * @default - no name; templates and `interface` need one
   */
  readonly name?: string;
  /**
   * The template of a BGP protocol.
   *
   * @default - no template
   */
  readonly from?: string;
  readonly entries: readonly BirdEntry[];
}

/** A value by a name: `{ define: "SERVICE4", value: { prefixes: ["192.0.2.53/32"] } }`. */
export interface BirdDefinition {
  readonly define: string;
  readonly value: BirdExpression;
}

/** A statement of bird.conf. BIRD knows a template, a filter or a definition only after it. */
export type BirdStatement = BirdEntry | BirdDefinition | BirdFilter;

/** A whole bird.conf. */
export interface BirdFile {
  readonly statements: readonly BirdStatement[];
}

/** Tells a line from all other statements. */
export function isBirdLine(statement: BirdStatement): statement is BirdLine {
  return Array.isArray(statement);
}

/** Tells a block from all other statements. */
export function isBirdBlock(statement: BirdStatement): statement is BirdBlock {
  return !isBirdLine(statement) && "keyword" in statement;
}

/**
 * The options and blocks that a block may have. An option has forms, each a list of its values: `a|b` is one of these
 * words, `,` stands in the file alone, and a word in capitals is a kind of value.
 */
export interface BirdGrammar {
  readonly name: "none" | "optional" | "required" | "pattern";
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly blocks: Readonly<Partial<Record<BirdBlockKeyword, BirdGrammar>>>;
}

const SWITCH = "on|off|yes|no";
const FLAG = ["", SWITCH];
const INTERVAL = ["NUMBER s|ms|us"];

const LIMIT = ["NUMBER", "NUMBER action warn|block|restart|disable"];
const ROUTES = ["all|none", "where CONDITION", "filter NAME"];

/** How routes pass between a protocol and BIRD's table of a family. */
const CHANNEL: BirdGrammar = {
  name: "none",
  options: {
    "add paths": ["on|off|rx|tx"],
    export: ROUTES,
    "export limit": LIMIT,
    import: ROUTES,
    "import keep filtered": [SWITCH],
    "import limit": LIMIT,
    "next hop address": ["ADDRESS"],
    "next hop self": [...FLAG, "ibgp|ebgp"],
    preference: ["NUMBER"],
    "receive limit": LIMIT,
  },
  blocks: {},
};

const COMMON = { description: ["TEXT"], disabled: FLAG };
const CHANNELS = { options: { ipv4: [""], ipv6: [""] }, blocks: { ipv4: CHANNEL, ipv6: CHANNEL } };

const BFD_SESSION: BirdGrammar = {
  name: "none",
  options: {
    "idle tx interval": INTERVAL,
    interval: INTERVAL,
    "min rx interval": INTERVAL,
    "min tx interval": INTERVAL,
    multiplier: ["NUMBER"],
    passive: FLAG,
  },
  blocks: {},
};

const BGP: Omit<BirdGrammar, "name"> = {
  options: {
    ...COMMON,
    ...CHANNELS.options,
    // Since 2.16, BIRD warns without it where there is a password; before, BIRD does not know it.
    authentication: ["none|md5"],
    bfd: [...FLAG, "graceful"],
    "check link": [SWITCH],
    "connect delay time": ["NUMBER"],
    "connect retry time": ["NUMBER"],
    direct: [""],
    "disable after error": [SWITCH],
    "enforce first as": [SWITCH],
    "error forget time": ["NUMBER"],
    "error wait time": ["NUMBER , NUMBER"],
    "graceful restart": [`${SWITCH}|aware`],
    "graceful restart time": ["NUMBER"],
    "hold time": ["NUMBER"],
    interface: ["TEXT"],
    "keepalive time": ["NUMBER"],
    local: ["as NUMBER", "ADDRESS as NUMBER", "ADDRESS port NUMBER as NUMBER"],
    "long lived graceful restart": [`${SWITCH}|aware`],
    multihop: ["", "NUMBER"],
    neighbor: ["ADDRESS as NUMBER", "ADDRESS port NUMBER as NUMBER"],
    passive: FLAG,
    // A text would stand where everybody may read it.
    password: ["NAME"],
    "source address": ["ADDRESS"],
    "startup hold time": ["NUMBER"],
    "strict bind": [SWITCH],
    "ttl security": [SWITCH],
  },
  blocks: { ...CHANNELS.blocks, bfd: BFD_SESSION },
};

/**
 * The part of BIRD's language that a node needs to announce addresses by BGP and to install a default route, and a router
 * to hear it. A password is a name, which a file defines that only BIRD can read.
 *
 * @see https://bird.network.cz/?get_doc&v=20&f=bird-6.html
 */
export const BIRD_GRAMMAR: BirdGrammar = {
  name: "none",
  options: {
    include: ["TEXT"],
    log: ["stderr|syslog all"],
    "router id": ["IPV4"],
    timeformat: ["base|log|protocol|route iso long", "base|log|protocol|route iso long ms|us"],
  },
  blocks: {
    "protocol bfd": {
      name: "optional",
      options: {
        ...COMMON,
        accept: ["direct|multihop", "ipv4|ipv6", "ipv4|ipv6 direct|multihop"],
        "strict bind": [SWITCH],
      },
      blocks: { interface: { ...BFD_SESSION, name: "pattern" }, multihop: BFD_SESSION },
    },
    "protocol bgp": { name: "optional", ...BGP },
    "protocol device": { name: "optional", options: { ...COMMON, "scan time": ["NUMBER"] }, blocks: {} },
    "protocol direct": {
      name: "optional",
      options: { ...COMMON, ...CHANNELS.options, "check link": [SWITCH], interface: ["TEXT"] },
      blocks: CHANNELS.blocks,
    },
    "protocol kernel": {
      name: "optional",
      options: {
        ...COMMON,
        ...CHANNELS.options,
        "kernel table": ["NUMBER"],
        learn: FLAG,
        "merge paths": [SWITCH, `${SWITCH} limit NUMBER`],
        metric: ["NUMBER"],
        persist: FLAG,
        "scan time": ["NUMBER"],
      },
      blocks: CHANNELS.blocks,
    },
    "protocol static": {
      name: "optional",
      options: {
        ...COMMON,
        ...CHANNELS.options,
        "check link": [SWITCH],
        route: ["PREFIX blackhole|prohibit|unreachable", "PREFIX via ADDRESS", "PREFIX via TEXT"],
      },
      blocks: CHANNELS.blocks,
    },
    "template bgp": { name: "required", ...BGP },
  },
};

/** The grammar of a block within another; undefined if the block is not allowed there. */
export function grammarOf(keyword: string, within: BirdGrammar): BirdGrammar | undefined {
  return Object.hasOwn(within.blocks, keyword) ? within.blocks[keyword as BirdBlockKeyword] : undefined;
}

/** Refuses a block that is not allowed there, or whose name is missing, not allowed or not possible. */
export function refuseBlock(
  block: { readonly keyword: string; readonly name?: string | undefined; readonly from?: string | undefined },
  within: BirdGrammar,
): Refusal | undefined {
  const { keyword, name, from } = block;
  const grammar = grammarOf(keyword, within);
  if (!grammar) return refuseKeyword(keyword, "a block here", Object.keys(within.blocks));
  if (from !== undefined && keyword !== "protocol bgp") {
    return { code: "DNSLB804", message: `must have no template: '${keyword}' got ${shown(from)}` };
  }
  const template = from === undefined ? undefined : refuseName(from);
  if (template) return template;
  if (name === undefined) {
    const needed = grammar.name === "required" || grammar.name === "pattern";
    return needed ? { code: "DNSLB804", message: `must be named: '${keyword}' has no name` } : undefined;
  }
  if (grammar.name === "none") {
    return { code: "DNSLB804", message: `must not be named: '${keyword}' got ${shown(name)}` };
  }
  return grammar.name === "pattern" ? refuseText(name) : refuseName(name);
}

/** The forms of an option in a block; undefined if there is no such option. */
export function formsOf(option: string, within: BirdGrammar): readonly string[] | undefined {
  return Object.hasOwn(within.options, option) ? within.options[option] : undefined;
}

/** The form that the values of a line have. */
export function formOf([option, ...values]: BirdLine, within: BirdGrammar): readonly string[] | undefined {
  return formsOf(option, within)
    ?.map((form) => form.split(" ").filter((part) => part !== ""))
    .find((form) => {
      const parts = form.filter((part) => part !== ",");
      return parts.length === values.length && parts.every((part, at) => isOfKind(part, values[at]));
    });
}

/** Refuses a line whose option is not allowed in its block, or whose values the option does not take. */
export function refuseLine(line: BirdLine, within: BirdGrammar): PlacedRefusal[] {
  const [option, ...values] = line;
  const unknown = refuseKeyword(option, "this block", Object.keys(within.options));
  if (unknown) return [{ ...unknown, place: "[0]" }];
  const refused = values.flatMap((value, at) =>
    typeof value === "string"
      ? []
      : refuseExpression(value).map((refusal) => ({ ...refusal, place: `[${at + 1}]${refusal.place}` })),
  );
  if (refused.length > 0) return refused;
  if (formOf(line, within)) return option === "include" ? refuseInclude(values) : [];
  const forms = (formsOf(option, within) ?? []).map((form) => (form === "" ? "nothing" : `"${form}"`));
  const got = values.map((value) => (typeof value === "string" ? value : wordFor(value))).join(" ");
  const message = `must give '${option}' ${forms.join(" or ")}, got ${shown(got)}`;
  return [{ code: "DNSLB806", message, place: "" }];
}

/** BIRD takes what is no such file for none, if the name has one of these characters. */
function refuseInclude(values: readonly BirdValue[]): PlacedRefusal[] {
  const [path] = values as readonly BirdText[];
  if (path === undefined || !/[*?[\]\\{}~]/.test(path.text)) return [];
  const message = `must be the path of one file, got ${shown(path.text)}`;
  return [{ code: "DNSLB803", message, place: "[1].text" }];
}

function isOfKind(part: string, value: BirdValue | undefined): boolean {
  if (value === undefined) return false;
  if (part === "TEXT") return typeof value !== "string" && "text" in value;
  if (part === "CONDITION") return typeof value !== "string";
  if (typeof value !== "string") return false;
  switch (part) {
    case "NUMBER":
      return /^(?:0|[1-9]\d{0,9})$/.test(value) && refuseNumber(Number(value)) === undefined;
    case "ADDRESS":
      return refuseAddress(value) === undefined;
    case "IPV4":
      return familyOf(value) === "ipv4";
    case "PREFIX":
      return refusePrefix(value) === undefined;
    case "NAME":
      return refuseName(value) === undefined;
    default:
      return part.split("|").includes(value);
  }
}

/** What a message says of a value that is no word; it may be a password. */
function wordFor(value: BirdExpression): string {
  return "text" in value ? "a text in quotes" : "an expression";
}
