/** One record of a zone file. */
export interface ZoneFileRecord {
  /** The whole owner name, with the final dot. */
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
  /** As the daemon knows it: `A`, `TYPE65280`. */
  readonly type: string;
  readonly data: readonly ZoneFileDatum[];
}

/** A part of a record's data: a word that stands as it is, or any text, which the printer quotes. */
export type ZoneFileDatum =
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "text"; readonly text: string };

/** A whole zone file: its SOA record comes first. */
export interface ZoneFile {
  readonly records: readonly ZoneFileRecord[];
}

/** What a string of a zone file can hold (RFC 1035, 3.3): bytes of UTF-8. */
export const LONGEST_TEXT = 255;
