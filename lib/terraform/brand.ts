import { INSTALLATION, type Installation } from "../core/installation.js";

/** What constructs and values of this library are to one another. */
export type Kind =
  | "AccessRule"
  | "AuthoritativePool"
  | "Balance"
  | "DnsFrontend"
  | "DnsRecord"
  | "DockerNetwork"
  | "DockerNodeImage"
  | "HealthCheck"
  | "LoadBalancer"
  | "Node"
  | "NsdServer"
  | "RateLimit"
  | "ResolverPool"
  | "Secret"
  | "Tsig"
  | "UnboundServer"
  | "Zone";

/** What something is, and which copy of this library made it. */
export interface Brand extends Installation {
  readonly kind: Kind;
}

/** All copies of this library know each other's brands. */
const BRAND = Symbol.for("cdktf-dns-lb.brand");

/** Says what a construct is. */
export function brand(construct: object, kind: Kind): void {
  const value: Brand = Object.freeze({ kind, ...INSTALLATION });
  // Not enumerable: data stays plain data to whoever prints it, and a copy of it, which nobody has checked, has no brand.
  Object.defineProperty(construct, BRAND, { value });
}

/**
 * Freezes what a factory returns, and says what it is. Schemas ask for that: a literal of the same shape fits the type as
 * well, but nobody has checked what it holds.
 */
export function factoryMade<T extends object>(kind: Kind, value: T): Readonly<T> {
  brand(value, kind);
  return frozen(value);
}

/** What something is, if this library made it. */
export function brandOf(value: unknown): Brand | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, BRAND)) return undefined;
  return (value as { readonly [BRAND]: Brand })[BRAND];
}

/** Tells whether something is of one of these kinds, made by this version of the library, so that it means the same. */
export function isOfKind(value: unknown, ...kinds: readonly Kind[]): boolean {
  const found = brandOf(value);
  return found !== undefined && found.version === INSTALLATION.version && kinds.includes(found.kind);
}

/** Tells whether something is of one of these kinds, made by this very copy: what copies note down, others do not know. */
export function isOwn(value: unknown, ...kinds: readonly Kind[]): boolean {
  return isOfKind(value, ...kinds) && brandOf(value)?.path === INSTALLATION.path;
}

/** What to say of something that another copy of this library has made. */
export function otherCopy(value: unknown): string | undefined {
  const found = brandOf(value);
  if (found === undefined || found.path === INSTALLATION.path) return undefined;
  return `comes from a second copy of cdktf-dns-lb, which is installed twice: ${copyText(found)} and ${copyText(INSTALLATION)}; keep one ("npm ls cdktf-dns-lb" shows who wants which, "npm dedupe" merges what can be merged)`;
}

function copyText({ version, path }: Installation): string {
  return `${version} at ${path}`;
}

/** Freezes lists and plain data in the value too. */
function frozen<T extends object>(value: T): Readonly<T> {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null && !Object.isFrozen(inner)) frozen(inner);
  }
  return Object.freeze(value);
}
