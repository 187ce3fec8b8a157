import type { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import { checkName } from "../dns/construct-name.js";
import { LOAD_BALANCER, type LoadBalancerBinding } from "../dns/load-balancer.js";
import type { INode } from "../terraform/node.js";
import { checkNode, NODE } from "../terraform/node-field.js";
import { checkInService } from "../terraform/out-of-service.js";
import { input, parseProps } from "../terraform/parse.js";
import { object, optional } from "../terraform/schema.js";
import { CONNECTION_AGE } from "./connection-age.js";
import { CONNECTION_LOG, type ConnectionLog } from "./connection-log.js";
import { LOAD_BALANCER_EXTRA, type LoadBalancerExtraOptions } from "./extra.js";
import { HARD_STOP } from "./hard-stop.js";
import { LoadBalancerBase, LoadBalancerBuilder } from "./load-balancer-base.js";
import { OUTSTANDING_QUERIES } from "./outstanding-queries.js";
import { checkStatistics, STATISTICS, type StatisticsOptions } from "./statistics.js";

/** Properties of a `StandaloneLoadBalancer`. */
export interface StandaloneLoadBalancerProps {
  /** The node that runs the load balancer. */
  readonly node: INode;
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
   * Settings of the daemons that no property says, the last resort: the daemons check them, on every node, and nothing that
   * the library promises is measured with them. What contradicts the library is refused.
   * @default - nothing
   */
  readonly extra?: LoadBalancerExtraOptions;
}

/** Runs a DNS load balancer on one node, on the node's own addresses. */
export class StandaloneLoadBalancer extends LoadBalancerBase {
  readonly [LOAD_BALANCER]: LoadBalancerBinding;

  constructor(scope: Construct, id: string, props: StandaloneLoadBalancerProps) {
    super(scope, id, "StandaloneLoadBalancer");
    const { node, statistics, maximumConnectionAge, outstandingQueries, connectionLog, hardStopAfter, extra } =
      parseProps(
        this,
        {
          ...INPUT,
          check: (value, report) => {
            checkName(this, report);
            checkNode(value.node, ["node"], report);
            checkStatistics(this, value, report);
            checkInService(value.node, ["node"], report);
          },
        },
        props,
      );
    this[LOAD_BALANCER] = new LoadBalancerBuilder(this, {
      nodes: [node],
      defaultAddresses: node.description.addresses,
      model: {
        virtualAddresses: [],
        mobility: { kind: "fixed" },
        ...(statistics === undefined ? {} : { statistics }),
        ...(maximumConnectionAge === undefined ? {} : { maximumConnectionAge }),
        ...(connectionLog === undefined ? {} : { connectionLog }),
        ...(outstandingQueries === undefined ? {} : { outstandingQueries }),
        ...(hardStopAfter === undefined ? {} : { hardStopAfter }),
        ...(extra === undefined ? {} : { extra }),
      },
    });
  }
}

const INPUT = input({
  name: "StandaloneLoadBalancer",
  schema: object<StandaloneLoadBalancerProps>()({
    node: NODE,
    statistics: optional(STATISTICS),
    maximumConnectionAge: optional(CONNECTION_AGE),
    outstandingQueries: optional(OUTSTANDING_QUERIES),
    connectionLog: optional(CONNECTION_LOG),
    hardStopAfter: optional(HARD_STOP),
    extra: optional(LOAD_BALANCER_EXTRA),
  }),
});
