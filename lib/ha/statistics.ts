import { canonicalAddress } from "../core/ip.js";
import type { Secret } from "../dns/secret.js";
import type { Statistics } from "../model/statistics.js";
import { address, plainName, port, secret } from "../terraform/fields.js";
import { object, optional } from "../terraform/schema.js";

/** Shows HAProxy's statistics page and the metrics of HAProxy and dnsdist. */
export interface StatisticsOptions {
  /**
   * A virtual address to show them on, beside each node's own.
   * @default - the own addresses of the nodes alone
   */
  readonly address?: string;
  /**
   * The port to show them on.
   * @default 8404
   */
  readonly port?: number;
  /** Who may see them. */
  readonly user: string;
  /** The password of that user. */
  readonly password: Secret;
}

/** The schema of how statistics are shown. */
export const STATISTICS = object<StatisticsOptions>({
  address: optional(address),
  port: optional(port),
  user: plainName,
  password: secret("Secret"),
});

/** The model of the statistics, defaults filled in. */
export function statisticsOf({ address, port = 8404, user, password }: StatisticsOptions): Statistics {
  return { addresses: address === undefined ? [] : [canonicalAddress(address)], port, user, password };
}
