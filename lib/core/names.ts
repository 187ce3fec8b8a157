/**
 * A name that every daemon takes unquoted: letters, digits, `-`, `_`, starting with a letter, at most 63 characters.
 */
export const DAEMON_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

/**
 * The name that daemons use for a construct, made from its construct id. The rule is part of the public API: words are
 * split where a capital follows a lower-case letter or a digit, and joined by `-` in lower case: `PublicResolvers`
 * becomes `public-resolvers`.
 */
export function daemonName(constructId: string): string {
  return constructId
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before}-${after}`)
    .replace(/([A-Z])([A-Z][a-z])/g, (_, before: string, after: string) => `${before}-${after}`)
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
}

const LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
/** A label in a record may hold `/`, as those of classless reverse zones do (RFC 2317). */
const RECORD_LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_/-]{0,61}[A-Za-z0-9_])?$/;

/** Tells whether a text is a domain name in plain ASCII (RFC 1035 lengths; underscores allowed), `.` included. */
export function isDomainName(text: string, label = LABEL): boolean {
  if (text === ".") return true;
  const bare = text.endsWith(".") ? text.slice(0, -1) : text;
  return bare.length > 0 && bare.length <= 253 && bare.split(".").every((each) => label.test(each));
}

/** Tells whether a text can be a name in the data of a record: a domain name whose labels may hold `/` (RFC 2317). */
export function isRecordName(text: string): boolean {
  return isDomainName(text, RECORD_LABEL);
}

/**
 * Tells whether a text can own a record: a domain name whose first label may be `*` (RFC 4592), or `@` for the zone
 * itself.
 */
export function isOwnerName(text: string): boolean {
  if (text === "@" || text === "*" || text === "*.") return true;
  return text !== "*.." && isRecordName(text.replace(/^\*\./, ""));
}

/** The fully qualified name of an owner or a target: without a final dot, relative to the zone; `@` is the zone. */
export function nameInZone(name: string, zone: string): string {
  if (name === "@") return canonicalDomainName(zone);
  if (name.endsWith(".")) return canonicalDomainName(name);
  return canonicalDomainName(zone === "." ? name : `${name}.${zone}`);
}

/** Tells whether a name is the zone's apex or below it; both fully qualified. */
export function isInZone(name: string, zone: string): boolean {
  const [own, apex] = [canonicalDomainName(name), canonicalDomainName(zone)];
  return apex === "." || own === apex || own.endsWith(`.${apex}`);
}

/** The canonical form of a domain name: lower case, with the final dot. */
export function canonicalDomainName(name: string): string {
  return `${name.replace(/\.$/, "")}.`.toLowerCase();
}
