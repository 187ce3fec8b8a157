import * as fc from "fast-check";
import { NASTY, UNPRINTABLE } from "../../config/nasty.js";
import { type Place, placesIn, replaced } from "../places.js";
import { FORMS, formOf, ODD, type OddName, odd, type Plan, referencesIn, type Value } from "../plan.js";
import type { Draw } from "./draw.js";

/** Texts that break out of something, or that mean something somewhere. */
export const HOSTILE = [
  ...NASTY,
  ...UNPRINTABLE.map(([, text]) => text),
  "",
  "a\r\nb",
  '"; }',
  "}\n}\nglobal_defs {\n script x\n}",
  "]]",
  "]==]",
  "--[[",
  "]] os.execute('id') --[[",
  "a\\ b",
  "\\\n",
  '${file("/etc/passwd")}',
  "%{ if true }",
  "%{",
  "$${",
  "../../etc/passwd",
  "/etc/passwd",
  "C:\\Windows\\x",
  "a\tb",
  "$ORIGIN .",
  "@",
  "*",
  ".",
  "..",
  "-",
  "a".repeat(64),
  "a".repeat(70_000),
  "é".repeat(256),
  "\u202eabc",
  "ａ",
  "__proto__",
  "constructor",
  "toString",
] as const;

/** Addresses, networks, names and amounts that are none, or special. */
const SPECIAL = [
  ...["0.0.0.0", "255.255.255.255", "127.0.0.1", "169.254.1.1", "224.0.0.1", "::", "::1", "fe80::1", "::ffff:10.0.0.1"],
  ...["10.0.0.1", "10.0.0.53", "10.1.0.2", "010.0.0.1", "10.0.0", "fe80::1%eth0", "2001:db8::1", "64:ff9b::1"],
  ...["0.0.0.0/0", "::/0", "10.0.0.1/8", "10.0.0.0/33", "::ffff:0:0/96", "10.0.0.0/-1", "ff00::/8"],
  ...["0s", "0ms", "1ms", "1h", "999999999d", "1.5s", "-1s", "1e3s", "10", "1S", " 1s", "12d", "13d"],
  ...["0/s", "1/0s", "1/2/3", "999999999/ms", "1/s", "3/2s", "1/999999999d", "1.5/s"],
  ...["0m", "1k", "127m", "1024g", "999999999g", "64m"],
  ...[
    "invalid",
    "alive.dns-lb.invalid",
    "localhost",
    "example..com",
    "-a.test",
    "ü.test",
    "a.test..",
    "lo",
    "eth0",
    "AXFR",
  ],
  ...["TYPE0", "TYPE65536", "TYPE1", "SOA", "OPT", "RRSIG", "\\# 1 00", "\\# 99999 00"],
] as const;

const NUMBERS = [0, -0, -1, 1, 0.5, 53, 255, 256, 65_535, 65_536, 1e9, 2 ** 31, 2 ** 32, 2 ** 53, 1e21] as const;

const oddValue: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Value>(...HOSTILE) },
  { weight: 4, arbitrary: fc.constantFrom<Value>(...SPECIAL) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
  { weight: 2, arbitrary: fc.constantFrom<Value>(...NUMBERS) },
  { weight: 1, arbitrary: fc.constantFrom<Value>(null, true, false, [], {}, [[]], [""], { name: "x" }) },
  { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(ODD) as OddName[]).map(odd)) },
);

/** A plan with an odd value in the place of one of its own. */
export function withOddValue(draw: Draw, plan: Plan): Plan {
  const places = placesIn(plan).filter((place) => !FORMS.includes(String(place.keys.at(-1))) && !isForDaemons(place));
  const [first, ...rest] = places;
  if (first === undefined) return plan;
  // Values without inner ones, more often than whole structures.
  const leaves = places.filter(
    ({ value }) => typeof value !== "object" || value === null || formOf(value) !== undefined,
  );
  const place = draw.pick(draw.chance(85) && leaves[0] ? [leaves[0], ...leaves.slice(1)] : [first, ...rest]);
  return replaced(plan, place, oddOf(draw, plan, place));
}

/**
 * Whether it is a word of `extra` that only a daemon judges, which refuses what is odd there. That such a word stays in its
 * place is the matter of `--hostile`.
 */
function isForDaemons({ path }: Place): boolean {
  return /(^|\.)extra\.(haproxy|keepalived)\b|(^|\.)extra\.dnsdist\[\]\.(rule|action)\b/.test(path);
}

/** An odd value, or one that is right elsewhere. */
function oddOf(draw: Draw, plan: Plan, { step, value }: Place): Value {
  if (draw.chance(70)) return draw.value(oddValue);
  const known = plan.steps.slice(0, step).map(({ id }) => id);
  const [first, ...rest] = placesIn(plan)
    .filter((each) => typeof each.value === typeof value)
    .filter((each) => referencesIn(each.value).every((id) => known.includes(id)));
  return first === undefined ? draw.value(oddValue) : draw.pick([first, ...rest]).value;
}
