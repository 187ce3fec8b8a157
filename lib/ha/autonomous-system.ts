import type { Community } from "../model/bgp.js";
import { WORST_COST } from "../node/failures.js";
import type { Report } from "../terraform/parse.js";
import { type Field, field, show } from "../terraform/schema.js";

const MOST = 4_294_967_294;

/** The numbers that no autonomous system has: that for old routers (RFC 6793), and the last of each length (RFC 7300). */
const RESERVED: readonly number[] = [23_456, 65_535];

const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MOST;

/** The number of an autonomous system. */
export const autonomousSystem: Field<number> = field<number>({
  code: "DNSLB170",
  type: "number",
  allowed: `the number of an autonomous system between 1 and ${MOST}`,
  accepts: (value) => isNumber(value) && !RESERVED.includes(value),
  refusal: (value) =>
    isNumber(value) && RESERVED.includes(value)
      ? `must be a number that an autonomous system can have, got ${value}, which is reserved; private ones are 64512 to 65534 and 4200000000 to ${MOST}`
      : undefined,
});

const SHORT = 65_535;

/** The communities by which routers are told to leave a node, or to drop what it announces (RFC 8326, RFC 7999). */
const HARMFUL: Readonly<Record<string, string>> = {
  "65535:0": "which asks routers to leave the node (RFC 8326); 'dns-lb-agent drain' does so",
  "65535:666": "which asks routers to drop the packets of clients (RFC 7999)",
};

/** A community of two numbers of 16 bits, in canonical form. */
export const community: Field<Community> = field<Community>({
  code: "DNSLB171",
  type: "string",
  allowed: 'a community of two numbers between 0 and 65535, such as "64500:310"',
  accepts: (value) => isCommunity(value) && HARMFUL[value] === undefined,
  refusal: (value) => {
    if (typeof value !== "string") return undefined;
    const harm = Object.hasOwn(HARMFUL, value) ? HARMFUL[value] : undefined;
    if (harm !== undefined) return `must be a community that a node can announce, got ${show(value)}, ${harm}`;
    const [first = 0, second = 0] = /^\d{1,10}:\d{1,5}$/.test(value) ? value.split(":").map(Number) : [];
    return first > SHORT && second <= SHORT
      ? `must be a community of two numbers between 0 and 65535, got ${show(value)}, whose first number has 32 bits (RFC 1997); agree on one of 16 bits with who runs the routers`
      : undefined;
  },
});

function isCommunity(value: unknown): value is Community {
  return (
    typeof value === "string" &&
    /^(0|[1-9]\d{0,4}):(0|[1-9]\d{0,4})$/.test(value) &&
    value.split(":").every((part) => Number(part) <= SHORT)
  );
}

/** Reports communities by which the library says what a node's failures cost. */
export function checkCommunities(
  asn: number,
  communities: readonly string[],
  path: readonly PropertyKey[],
  report: Report,
): void {
  for (const [index, each] of communities.entries()) {
    const first = communities.indexOf(each);
    if (first < index) report("DNSLB112", [...path, index], `must be unique, got "${each}" again`);
    const [system, value] = each.split(":").map(Number);
    if (system !== asn || value === undefined || value > WORST_COST) continue;
    const message = `must not be one of "${asn}:0" to "${asn}:${WORST_COST}", by which nodes announce what their failures cost, got "${each}"; choose a higher second number`;
    report("DNSLB171", [...path, index], message);
  }
}
