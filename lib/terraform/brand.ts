import { INSTALLATION, type Installation } from "../core/installation.js";

/** The kinds of constructs and values that this library recognizes. */
export type Kind =
  | "AccessRule"
  | "AuthoritativePool"
  | "Balance"
  | "ConnectionLog"
  | "DnsFrontend"
  | "DnsRecord"
  | "DockerNetwork"
  | "DockerNodeImage"
  | "HealthCheck"
  | "LoadBalancer"
  | "MonitoringFiles"
  | "Node"
  | "NsdServer"
  | "RateLimit"
  | "ResolverPool"
  | "Route"
  | "Secret"
  | "SshAuth"
  | "SshHostKey"
  | "Tsig"
  | "UnboundServer"
  | "Zone";

/** The kind of a construct or value, and the copy of this library that made it. */
export interface Brand extends Installation {
  readonly kind: Kind;
}

/** The same symbol in all copies of this library, so that each reads the brands of the others. */
const BRAND = Symbol.for("cdktf-dns-lb.brand");

/** Marks a construct with its kind. */
export function brand(construct: object, kind: Kind): void {
  const value: Brand = Object.freeze({ kind, ...INSTALLATION });
  // Not enumerable: the brand is not printed, and a copy of a value, which may have changed, has no brand.
  Object.defineProperty(construct, BRAND, { value });
}

/**
 * Freezes the value that a factory returns, and marks it with its kind. Schemas require the mark, because a literal of
 * the same type was never validated.
 */
export function factoryMade<T extends object>(kind: Kind, value: T): Readonly<T> {
  brand(value, kind);
  return deepFreeze(value);
}

/** The brand of a value; undefined if this library did not make it. */
export function brandOf(value: unknown): Brand | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, BRAND)) return undefined;
  return (value as { readonly [BRAND]: Brand })[BRAND];
}

/** Tells whether a value is of one of these kinds, made by any copy of this version of the library. */
export function isOfKind(value: unknown, ...kinds: readonly Kind[]): boolean {
  const found = brandOf(value);
  return found !== undefined && found.version === INSTALLATION.version && kinds.includes(found.kind);
}

/** Tells whether a value is of one of these kinds, made by this copy, which alone has the state of its constructs. */
export function isOwn(value: unknown, ...kinds: readonly Kind[]): boolean {
  return isOfKind(value, ...kinds) && brandOf(value)?.path === INSTALLATION.path;
}

/** The error for a value from another copy of this library; undefined for others. */
export function otherCopy(value: unknown): string | undefined {
  const found = brandOf(value);
  if (found === undefined || found.path === INSTALLATION.path) return undefined;
  return `comes from a second copy of cdktf-dns-lb, which is installed twice: ${copyText(found)} and ${copyText(INSTALLATION)}; keep one ("npm ls cdktf-dns-lb" shows which package depends on which copy, "npm dedupe" merges copies where possible)`;
}

function copyText({ version, path }: Installation): string {
  return `${version} at ${path}`;
}

/** Freezes a value, with the lists and plain data in it, and without constructs. */
function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null && !Object.isFrozen(inner) && brandOf(inner) === undefined) {
      deepFreeze(inner);
    }
  }
  return Object.freeze(value);
}
