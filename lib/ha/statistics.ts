import type { Secret } from "../dns/secret.js";
import type { Statistics } from "../model/statistics.js";
import { clientNetwork, listenerAddress } from "../terraform/address-fields.js";
import { plainName, port, secret } from "../terraform/fields.js";
import type { Report } from "../terraform/parse.js";
import { type Field, keptAs, listOf, object, optional, withDefault } from "../terraform/schema.js";

/** Serves HAProxy's statistics page and the metrics of HAProxy and dnsdist. */
export interface StatisticsOptions {
  /**
   * A virtual address to listen on, beside each node's own.
   * @default - only the nodes' own addresses
   */
  readonly address?: string;
  /**
   * The port to listen on.
   * @default 8404
   */
  readonly port?: number;
  /**
   * The networks that may connect: those of operators and of collectors of metrics. Connections from others are closed
   * before a password is read.
   * @default - everyone who knows the password
   */
  readonly allowFrom?: readonly string[];
  /** The user name for HTTP authentication. */
  readonly user: string;
  /** The password of that user. */
  readonly password: Secret;
}

/** Refuses networks that let nobody in. */
export function checkStatistics(
  { statistics }: { readonly statistics?: StatisticsOptions | undefined },
  report: Report,
): void {
  if (statistics?.allowFrom?.length !== 0) return;
  const fix = "leave it out for everyone who knows the password";
  report("DNSLB111", ["statistics", "allowFrom"], `must hold at least one network, got an empty list; ${fix}`);
}

/** The schema of the statistics, kept as their model. */
export const STATISTICS: Field<StatisticsOptions, Statistics> = keptAs(
  object<StatisticsOptions>()({
    address: optional(listenerAddress),
    port: withDefault(port, 8404),
    allowFrom: optional(listOf(clientNetwork)),
    user: plainName,
    password: secret("Secret"),
  }),
  ({ address, ...rest }) => ({ addresses: address === undefined ? [] : [address], ...rest }),
);
