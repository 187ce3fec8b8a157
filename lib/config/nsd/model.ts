/** The clauses of nsd.conf that an authoritative server behind a load balancer may need. */
export const NSD_CLAUSES = ["server", "remote-control", "key", "pattern", "zone", "tls-auth"] as const;

/** What a clause is. */
export type NsdClauseKind = (typeof NSD_CLAUSES)[number];

/**
 * One line of a clause: `["provide-xfr", "192.0.2.1", "NOKEY"]`. A value is what nsd shall see; the printer quotes.
 */
export type NsdAttribute = readonly [attribute: string, ...values: string[]];

/** One clause of nsd.conf. */
export interface NsdClause {
  readonly kind: NsdClauseKind;
  readonly attributes: readonly NsdAttribute[];
}

/** A whole nsd.conf. */
export interface NsdFile {
  readonly clauses: readonly NsdClause[];
}
