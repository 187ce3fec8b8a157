import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import { canonicalAddress, canonicalCidr, familyOf, hostCidr } from "../core/ip.js";
import { DAEMON_NAME, isDomainName, isOwnerName } from "../core/names.js";
import { parseRate, type Rate } from "../core/rate.js";
import { isSize, type Size, toBytes } from "../core/size.js";
import type { Secret } from "../model/secret.js";
import { isFactoryMade } from "./factory-made.js";
import { type Field, field } from "./schema.js";

const isText = (value: unknown): value is string => typeof value === "string";

/** An IPv4 or IPv6 address. */
export const address: Field<string> = field<string>({
  code: "DNSLB105",
  type: "string",
  allowed: "an IPv4 or IPv6 address",
  accepts: (value) => isText(value) && familyOf(value) !== undefined,
  fix: (value) => {
    if (!isText(value)) return undefined;
    const [bare = "", prefix] = value.split("/");
    if (prefix !== undefined && familyOf(bare)) return `leave out the prefix length: "${bare}"`;
    const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(value) ?? [];
    return port !== undefined && familyOf(host) ? `give the port as a property of its own: "${host}"` : undefined;
  },
});

/** A network with its prefix length, host bits zero. */
export const network: Field<string> = field<string>({
  code: "DNSLB106",
  type: "string",
  allowed: 'a network with its prefix length, such as "10.0.0.0/8"',
  accepts: (value) => isText(value) && canonicalCidr(value) !== undefined && !hasHostBits(value),
  fix: (value) => {
    if (!isText(value)) return undefined;
    const meant = familyOf(value) ? hostCidr(value) : canonicalCidr(value);
    return meant === undefined ? undefined : `did you mean "${meant}"?`;
  },
});

function hasHostBits(cidr: string): boolean {
  const [written = "", bits] = cidr.split("/");
  return canonicalCidr(cidr) !== `${canonicalAddress(written)}/${Number(bits)}`;
}

/** A whole number between two others. */
export function integer(minimum: number, maximum: number): Field<number> {
  return field<number>({
    code: "DNSLB104",
    type: "number",
    allowed: `a whole number between ${minimum} and ${maximum}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum,
  });
}

/** A TCP or UDP port. */
export const port: Field<number> = integer(1, 65_535);

/** A time span between two others, with its unit. */
export function duration(minimum: Duration, maximum: Duration): Field<Duration> {
  return field<Duration>({
    code: "DNSLB107",
    type: "string",
    allowed: `a duration between "${minimum}" and "${maximum}"`,
    accepts: (value) =>
      isText(value) &&
      isDuration(value) &&
      toMilliseconds(value) >= toMilliseconds(minimum) &&
      toMilliseconds(value) <= toMilliseconds(maximum),
    fix: (value) =>
      typeof value === "number" || (isText(value) && /^\d+$/.test(value))
        ? `name the unit (ms, s, m, h, d): "${value}s"`
        : undefined,
  });
}

/** Events per time span. */
export const rate: Field<Rate> = field<Rate>({
  code: "DNSLB108",
  type: "string",
  allowed: 'a rate such as "100/10s" or "5/s"',
  accepts: (value) => isText(value) && parseRate(value) !== undefined,
});

/** A name that daemons take unquoted. */
export const plainName: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: "a name of letters, digits, - and _ that starts with a letter, at most 63 long",
  accepts: (value) => isText(value) && DAEMON_NAME.test(value),
});

/** A network interface. */
export const interfaceName: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: "the name of a network interface: letters, digits, . - _ and at most 15 long",
  accepts: (value) => isText(value) && /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(value),
});

/** A domain name. */
export const domainName: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: 'a domain name in ASCII, such as "example.com"',
  accepts: (value) => isText(value) && isDomainName(value),
});

/** Yes or no. */
export const boolean: Field<boolean> = field<boolean>({
  code: "DNSLB103",
  allowed: "true or false",
  accepts: (value) => typeof value === "boolean",
});

/** An amount of memory between two others, with its unit. */
export function size(minimum: Size, maximum: Size): Field<Size> {
  return field<Size>({
    code: "DNSLB104",
    type: "string",
    allowed: `an amount of memory between "${minimum}" and "${maximum}"`,
    accepts: (value) =>
      isText(value) && isSize(value) && toBytes(value) >= toBytes(minimum) && toBytes(value) <= toBytes(maximum),
    fix: (value) =>
      typeof value === "number" || (isText(value) && /^\d+$/.test(value))
        ? `name the unit (k, m, g): "${value}m"`
        : undefined,
  });
}

/** The owner of a record. */
export const ownerName: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: 'a domain name in ASCII, "@" for the zone itself, or "*" before it',
  accepts: (value) => isText(value) && isOwnerName(value),
});

/** A secret, by where it comes from. */
export function secret(factories: string): Field<Secret> {
  return field<Secret>({
    code: "DNSLB103",
    allowed: `${factories}.fromVariable(), ${factories}.fromLocalFile() or ${factories}.fromNodeFile()`,
    accepts: (value) => isFactoryMade(value) && "kind" in value && SECRET_KINDS.has(String(value.kind)),
    secret: true,
  });
}

const SECRET_KINDS: ReadonlySet<string> = new Set<Secret["kind"]>(["variable", "local-file", "node-file"]);

/** A value that one of the named factories has made. */
export function madeBy<T extends { readonly kind: string }>(
  factories: string,
  kinds: Readonly<Record<T["kind"], true>>,
): Field<T> {
  return field<T>({
    code: "DNSLB103",
    allowed: factories,
    accepts: (value) => isFactoryMade(value) && "kind" in value && Object.hasOwn(kinds, String(value.kind)),
  });
}

/** A construct of this library, told by the symbol that it carries. */
export function construct<T>(mark: symbol, allowed: string): Field<T> {
  return field<T>({
    code: "DNSLB103",
    allowed,
    accepts: (value) => typeof value === "object" && value !== null && mark in value,
  });
}
