import { Construct } from "constructs";
import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import { canonicalDomainName, DAEMON_NAME, isDomainName, isOwnerName, isRecordName } from "../core/names.js";
import { type Percentage, parsePercentage } from "../core/percentage.js";
import { type ParsedRate, parseRate, type Rate } from "../core/rate.js";
import { isSize, type Size, toBytes } from "../core/size.js";
import type { Secret } from "../model/secret.js";
import { isOfKind, isOwn, type Kind, otherCopy } from "./brand.js";
import { constructOr, type Field, type FieldRule, field, keptAs, parsed, show } from "./schema.js";

const isText = (value: unknown): value is string => typeof value === "string";

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

/** A time span between two others, with its unit, for what counts in seconds. */
export function wholeSeconds(minimum: Duration, maximum: Duration): Field<Duration> {
  return field<Duration>({
    code: "DNSLB107",
    type: "string",
    allowed: `a duration of whole seconds between "${minimum}" and "${maximum}"`,
    accepts: (value) =>
      isText(value) &&
      isDuration(value) &&
      toMilliseconds(value) % 1_000 === 0 &&
      toMilliseconds(value) >= toMilliseconds(minimum) &&
      toMilliseconds(value) <= toMilliseconds(maximum),
    fix: (value) => (/^\d+$/.test(String(value)) ? `name the unit: "${value}s"` : undefined),
  });
}

/** The rule for a rate. */
export const RATE: FieldRule<ParsedRate> = {
  code: "DNSLB108",
  type: "string",
  allowed: 'a rate such as "100/10s" or "5/s"',
  read: (value) => (isText(value) ? parseRate(value) : undefined),
};

/** Events per time span, kept parsed. */
export const rate: Field<Rate, ParsedRate> = parsed<Rate, ParsedRate>(RATE);

/** A share, kept as a number of percent. */
export const percentage: Field<Percentage, number> = parsed<Percentage, number>({
  code: "DNSLB104",
  type: "string",
  allowed: 'a share in whole percent between "1%" and "100%"',
  read: (value) => (isText(value) ? parsePercentage(value) : undefined),
  fix: (value) => {
    const number = typeof value === "number" ? value : Number.NaN;
    const percent = number > 0 && number < 1 ? Math.round(100 * number) : number;
    return parsePercentage(`${percent}%`) === undefined ? undefined : `did you mean "${percent}%"?`;
  },
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

/** A domain name, kept as written: for data of records and names in certificates. */
export const writtenName: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: 'a domain name in ASCII, such as "example.com"',
  accepts: (value) => isText(value) && isDomainName(value),
});

/** A domain name in the data of a record, kept as written. */
export const recordName: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: 'a domain name in ASCII, such as "example.com"',
  accepts: (value) => isText(value) && isRecordName(value),
});

/** A fully qualified domain name, kept in canonical form. */
export const domainName: Field<string> = keptAs(writtenName, canonicalDomainName);

/** The data of a record as text. */
export const recordData: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: "an address, or up to 255 printable ASCII characters",
  accepts: (value) => isText(value) && /^[ -~]{1,255}$/.test(value),
});

/** True or false. */
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

/** The owner name of a record. */
export const ownerName: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: 'a domain name in ASCII, "@" for the zone itself, or "*" before it',
  accepts: (value) => isText(value) && isOwnerName(value),
});

const CERTIFICATE = "Certificate";
const NO_KEY = "must be one file, got Certificate.fromNodeFile() with a 'key'; only certificates have one";

const hasKey = (value: unknown) => isOfKind(value, "Secret") && "key" in (value as Secret);

/** A reference to a secret. */
export function secret(factories: string): Field<Secret> {
  return field<Secret>({
    code: "DNSLB103",
    allowed: `${factories}.fromVariable(), ${factories}.fromEphemeral(), ${factories}.fromLocalFile() or ${factories}.fromNodeFile()`,
    accepts: (value) => isOfKind(value, "Secret") && (factories === CERTIFICATE || !hasKey(value)),
    refusal: (value) => otherCopy(value) ?? (hasKey(value) ? NO_KEY : undefined),
    secret: true,
  });
}

/** A value made by a factory of this library. */
export function madeBy<T>(kind: Kind, factories: string): Field<T> {
  return field<T>({
    code: "DNSLB103",
    allowed: factories,
    accepts: (value) => isOfKind(value, kind),
    refusal: otherCopy,
  });
}

/** A value made by a factory of this library, or an object with such values; what is neither is told of the factories. */
export function madeByOr<T, W, K, F>(
  kind: Kind,
  factories: string,
  properties: Field<W, K, F>,
): Field<T | W, T | K, T | F> {
  const made = field<T>({
    code: "DNSLB103",
    allowed: factories,
    accepts: (value) => isOfKind(value, kind),
    refusal: (value) =>
      otherCopy(value) ??
      // What factories make has a kind, also where it was copied or written by hand.
      (typeof value === "object" && value !== null && !("kind" in value)
        ? undefined
        : `must be ${factories}, got ${show(value)}`),
  });
  return constructOr(made, properties);
}

/** A construct of this library. */
export function construct<T>(kinds: readonly Kind[], allowed: string, fix?: string): Field<T> {
  return field<T>({
    code: "DNSLB103",
    allowed,
    accepts: (value) => isOwn(value, ...kinds),
    refusal: otherCopy,
    ...(fix === undefined ? {} : { fix: (value) => (Construct.isConstruct(value) ? fix : undefined) }),
  });
}
