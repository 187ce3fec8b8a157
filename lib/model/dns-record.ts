import type { Duration } from "../core/duration.js";

/** A resource record (RFC 1035, 3.2), before it is known which zone it stands in. */
export interface DnsRecord {
  readonly kind: "record";
  /** Its owner: `@` is the zone itself, what has no final dot is below the zone. */
  readonly name: string;
  readonly type: string;
  /** Absent where the zone's own holds. */
  readonly ttl?: Duration;
  readonly data: readonly RecordDatum[];
}

/** A part of a record's data. */
export type RecordDatum =
  /** A domain name; what has no final dot is below the zone. */
  | { readonly kind: "name"; readonly name: string }
  /** Any text, at most 255 bytes of UTF-8. */
  | { readonly kind: "text"; readonly text: string }
  /** A number, an address, a keyword. */
  | { readonly kind: "word"; readonly word: string };
