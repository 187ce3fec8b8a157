import { familyOf } from "../ip.js";
import { isBase64, type Place } from "./parts.js";
import type { DataWord } from "./word.js";

/** The values of the parameters of SVCB and HTTPS records (RFC 9460) that every supported server knows by name. */
const VALUES: Readonly<Record<string, (value: string) => boolean>> = {
  mandatory: (value) => listOf(value, (key) => /^key[1-9]\d*$/.test(key) || (key !== "mandatory" && key in VALUES)),
  alpn: (value) => value.split(",").every((each) => each !== ""),
  "no-default-alpn": (value) => value === "",
  port: (value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535,
  ipv4hint: (value) => value.split(",").every((each) => familyOf(each) === "ipv4"),
  ech: isBase64,
  ipv6hint: (value) => value.split(",").every((each) => familyOf(each) === "ipv6"),
};

/** The name of a parameter that not every supported server knows by it, and its number. */
const NUMBERED = { dohpath: 7 } as const;
/** The first number without a name above; those below must be written by name. */
const FIRST_NUMBER = 7;
const LAST_NUMBER = 65_534;

/** Parameters that NSD 4.12 misreads beside others: ohttp and tls-supported-groups. */
const MISREAD = ["ohttp", "key8", "tls-supported-groups", "key9"];

function listOf(value: string, accepts: (item: string) => boolean): boolean {
  const items = value.split(",");
  return items.every(accepts) && new Set(items).size === items.length;
}

/** The record of parameters. */
export interface ServiceRecord {
  readonly priority: number;
  /** The keys that are mandatory without a word in "mandatory", which must not list them. */
  readonly automatic: readonly string[];
}

/** Says what is wrong with the parameters of an SVCB or HTTPS record; undefined if nothing is. */
export function refuseParameters(
  { priority, automatic }: ServiceRecord,
  words: readonly DataWord[],
  place: Place,
): string | undefined {
  const keys: string[] = [];
  let mandatory: readonly string[] = [];
  for (const { text, quoted } of words) {
    const [, key = "", value] = /^([a-z\d-]+)(?:=(.+))?$/su.exec(text) ?? [];
    const refusal = quoted || key === "" ? "must be written as key=value" : refuseParameter(key, value ?? "", place);
    if (refusal !== undefined) return `the parameter ${JSON.stringify(text)} ${refusal}`;
    if (keys.includes(key)) return `the parameter "${key}" must not be there twice`;
    keys.push(key);
    if (key === "mandatory") mandatory = (value ?? "").split(",");
  }
  const missing = mandatory.find((key) => !keys.includes(key));
  if (missing !== undefined) return `the mandatory parameter "${missing}" must be there`;
  if (keys.includes("no-default-alpn") && !keys.includes("alpn")) return 'the parameter "no-default-alpn" needs "alpn"';
  const surplus = mandatory.find((key) => automatic.includes(key));
  if (surplus !== undefined) return `the parameter "${surplus}" is mandatory without being listed in "mandatory"`;
  if (priority === 0 && keys.length > 0) return "with a priority of 0, an alias, there must be no parameters";
  return undefined;
}

function refuseParameter(key: string, value: string, place: Place): string | undefined {
  if (MISREAD.includes(key)) return "must be left out: not every supported NSD reads it";
  if (key === "dohpath") {
    const written = JSON.stringify(`key${NUMBERED[key]}${value === "" ? "" : `=${value}`}`);
    return place === "zone-file" ? undefined : `must be named by its number, which every server knows: ${written}`;
  }
  const bare = value.replace(/^"(.*)"$/su, "$1");
  const accepts = Object.hasOwn(VALUES, key) ? VALUES[key] : undefined;
  if (accepts !== undefined) {
    // What is escaped or quoted is judged by the server alone.
    return /[\\"]/.test(value) && place === "zone-file" ? undefined : accepts(bare) ? undefined : "has no valid value";
  }
  const [, digits] = /^key(0|[1-9]\d{0,4})$/.exec(key) ?? [];
  if (digits === undefined || Number(digits) > LAST_NUMBER) {
    return `must have one of the keys ${Object.keys(VALUES).join(", ")}, or "key" and a number up to ${LAST_NUMBER}`;
  }
  if (Number(digits) < FIRST_NUMBER) return `must be named by its name, ${Object.keys(VALUES)[Number(digits)]}`;
  return value === "" ? "must have a value" : undefined;
}
