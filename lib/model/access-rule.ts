/** The record types that an access rule can name. */
export const QUERY_TYPES = [
  "A",
  "AAAA",
  "ANY",
  "AXFR",
  "CNAME",
  "HTTPS",
  "IXFR",
  "MX",
  "NS",
  "PTR",
  "SOA",
  "SRV",
  "SVCB",
  "TXT",
] as const;
/** A record type that an access rule can name. */
export type QueryType = (typeof QUERY_TYPES)[number];

/** Turns away what matches all of its conditions; an empty list matches everything. */
export interface AccessRule {
  /** Answer REFUSED (a TCP connection that matches by `from` alone is rejected), or say nothing. */
  readonly action: "refuse" | "drop";
  readonly from: readonly string[];
  /** Names and everything below them. Fully qualified. */
  readonly names: readonly string[];
  readonly types: readonly QueryType[];
}

/** Tells whether a rule looks into queries, which HAProxy cannot do. */
export function needsQuery(rule: AccessRule): boolean {
  return rule.names.length > 0 || rule.types.length > 0;
}
