/** One record of a zone file. */
export interface ZoneFileRecord {
  /** The fully qualified owner name, with the final dot. */
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
  /** The record type, in the daemon's spelling: `A`, `TYPE65280`. */
  readonly type: string;
  readonly data: readonly ZoneFileDatum[];
}

/** A part of a record's data: a word, printed as it is, or any text, which the printer quotes. */
export type ZoneFileDatum =
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "text"; readonly text: string };

/** A whole zone file: its SOA record comes first. */
export interface ZoneFile {
  readonly records: readonly ZoneFileRecord[];
}

/** The most bytes of a character string in a zone file (RFC 1035, 3.3). */
export const LONGEST_TEXT = 255;
