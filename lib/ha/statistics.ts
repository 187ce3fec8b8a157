import type { Secret } from "../dns/secret.js";
import type { Statistics } from "../model/statistics.js";
import { address, plainName, port, secret } from "../terraform/fields.js";
import { type Field, keptAs, object, optional, withDefault } from "../terraform/schema.js";

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
  /** The user name for HTTP authentication. */
  readonly user: string;
  /** The password of that user. */
  readonly password: Secret;
}

/** The schema of the statistics, kept as their model. */
export const STATISTICS: Field<StatisticsOptions, Statistics> = keptAs(
  object<StatisticsOptions>()({
    address: optional(address),
    port: withDefault(port, 8404),
    user: plainName,
    password: secret("Secret"),
  }),
  ({ address, ...rest }) => ({ addresses: address === undefined ? [] : [address], ...rest }),
);
