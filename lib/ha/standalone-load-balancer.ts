import type { Construct } from "constructs";
import { checkName } from "../dns/construct-name.js";
import { LOAD_BALANCER, type LoadBalancerBinding } from "../dns/load-balancer.js";
import type { INode } from "../terraform/node.js";
import { checkNode, NODE } from "../terraform/node-field.js";
import { checkInService } from "../terraform/out-of-service.js";
import { input, parseProps } from "../terraform/parse.js";
import { object, optional } from "../terraform/schema.js";
import { LOAD_BALANCER_EXTRA, type LoadBalancerExtraOptions } from "./extra.js";
import { LoadBalancerBase, LoadBalancerBuilder } from "./load-balancer-base.js";
import { LOAD_BALANCER_OPTIONS, type LoadBalancerOptions } from "./load-balancer-options.js";
import { checkStatistics } from "./statistics.js";

/** Properties of a `StandaloneLoadBalancer`. */
export interface StandaloneLoadBalancerProps extends LoadBalancerOptions {
  /** The node that runs the load balancer. */
  readonly node: INode;
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
    const { node, ...options } = parseProps(
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
        ...options,
      },
    });
  }
}

const INPUT = input({
  name: "StandaloneLoadBalancer",
  schema: object<StandaloneLoadBalancerProps>()({
    node: NODE,
    ...LOAD_BALANCER_OPTIONS,
    extra: optional(LOAD_BALANCER_EXTRA),
  }),
});
