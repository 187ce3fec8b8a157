import type { Duration } from "../core/duration.js";

/** A resource record (RFC 1035, 3.2), before it is placed in a zone. */
export interface DnsRecord {
  readonly kind: "record";
  /** The owner name: `@` is the zone itself; without a final dot, relative to the zone. */
  readonly name: string;
  readonly type: string;
  /** Absent where the zone's default TTL applies. */
  readonly ttl?: Duration;
  readonly data: readonly RecordDatum[];
}

/** A part of a record's data. */
export type RecordDatum =
  /** A domain name; without a final dot, relative to the zone. */
  | { readonly kind: "name"; readonly name: string }
  /** Any text, at most 255 bytes of UTF-8. */
  | { readonly kind: "text"; readonly text: string }
  /** A number, an address, a keyword. */
  | { readonly kind: "word"; readonly word: string };
