import type { Duration } from "../core/duration.js";
import { boolean } from "../terraform/fields.js";
import { optional, type Shape, withDefault } from "../terraform/schema.js";
import { CONNECTION_AGE } from "./connection-age.js";
import { CONNECTION_LOG, type ConnectionLog } from "./connection-log.js";
import { HARD_STOP } from "./hard-stop.js";
import { OUTSTANDING_QUERIES } from "./outstanding-queries.js";
import { STATISTICS, type StatisticsOptions } from "./statistics.js";

/** Properties of every kind of load balancer. */
export interface LoadBalancerOptions {
  /**
   * Serves statistics and metrics over HTTP or HTTPS.
   * @default - not served
   */
  readonly statistics?: StatisticsOptions;
  /**
   * Logs each TCP and TLS connection when it ends. A busy resolver has thousands in a second, each a line, and a line for
   * each query where clients connect for each: on a container, for instance, its engine keeps them all.
   * @default - connections are not logged
   */
  readonly connectionLog?: ConnectionLog;
  /**
   * How old a client's TCP or TLS connection may become, however busy it is. Between "10s" and "1d", in whole seconds.
   * What is asked by then is answered; the client has to connect anew. Every frontend inspects TCP
   * then, and no pool may have a `zoneTransfer`. A change restarts dnsdist.
   * @default - as old as its client keeps it busy
   * @see https://dnsdist.org/reference/tuning.html#setMaxTCPConnectionDuration
   */
  readonly maximumConnectionAge?: Duration;
  /**
   * The most UDP queries without an answer to one server, a buffer for servers that are slow: a server that takes 200 ms
   * answers no more than 50,000 queries per second with 10,000. dnsdist reserves 320 to 410 bytes for each on every
   * server, which counts for the `memory` of nodes. Between 100 and 65535. A change restarts dnsdist.
   * @default - 10000, whatever the number of servers
   * @see https://dnsdist.org/reference/tuning.html#setMaxUDPOutstanding
   */
  readonly outstandingQueries?: number;
  /**
   * How long a process of HAProxy that a change has replaced keeps the connections that it has; then it ends them, with
   * what is under way. Each change makes such a process, which holds memory while clients stay. Between "10s" and "1d".
   * @default - "10m", longer than transfers of most zones take
   * @see https://docs.haproxy.org/2.6/configuration.html#3.1-hard-stop-after
   */
  readonly hardStopAfter?: Duration;
  /**
   * Lets clients ask which node serves them: each answers TXT queries for `id.server` and `hostname.bind` in the class CH with
   * its name, to all whom a frontend serves, within its limits. Over UDP, and over TCP and TLS where these are inspected
   * (`tcpPath`); else such queries go to servers, as they do without this property. Needs nodes with dnsdist 1.9 or newer.
   * @default false
   * @see https://www.rfc-editor.org/rfc/rfc4892
   */
  readonly identity?: boolean;
}

/** The schemas of these properties. */
export const LOAD_BALANCER_OPTIONS = {
  statistics: optional(STATISTICS),
  maximumConnectionAge: optional(CONNECTION_AGE),
  outstandingQueries: optional(OUTSTANDING_QUERIES),
  connectionLog: optional(CONNECTION_LOG),
  hardStopAfter: optional(HARD_STOP),
  identity: withDefault(boolean, false),
} satisfies Shape<LoadBalancerOptions>;
