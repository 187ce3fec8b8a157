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

/** Refuses or drops queries that match all of its conditions; an empty list matches everything. */
export interface AccessRule {
  /** Answer REFUSED (a TCP connection that matches by `from` alone is rejected), or drop without an answer. */
  readonly action: "refuse" | "drop";
  readonly from: readonly string[];
  /** Domains: these names and every name below them. Fully qualified. */
  readonly names: readonly string[];
  readonly types: readonly QueryType[];
}

/** Tells whether a rule depends on the content of queries, which HAProxy does not read. */
export function needsQuery(rule: AccessRule): boolean {
  return rule.names.length > 0 || rule.types.length > 0;
}
