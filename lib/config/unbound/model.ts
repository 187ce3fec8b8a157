/** The clauses of unbound.conf that a resolver behind a load balancer may need. */
export const UNBOUND_CLAUSES = ["server", "remote-control", "stub-zone", "forward-zone", "auth-zone", "view"] as const;

/** What a clause is. */
export type UnboundClauseKind = (typeof UNBOUND_CLAUSES)[number];

/**
 * One line of a clause: `["access-control", "10.0.0.0/8", "allow"]`. A value is what unbound shall see; the printer
 * quotes.
 */
export type UnboundAttribute = readonly [attribute: string, ...values: string[]];

/** One clause of unbound.conf. */
export interface UnboundClause {
  readonly kind: UnboundClauseKind;
  readonly attributes: readonly UnboundAttribute[];
}

/** A whole unbound.conf. */
export interface UnboundFile {
  readonly clauses: readonly UnboundClause[];
}
