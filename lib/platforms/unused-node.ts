import type { Problem } from "../core/errors.js";

/** DNSLB007: the problem of a node that nothing runs on. */
export const UNUSED_NODE: Problem = {
  code: "DNSLB007",
  property: "",
  message:
    "runs nothing; give it to a load balancer (HaPair, AnycastGroup, StandaloneLoadBalancer) or a server (UnboundServer, NsdServer), or remove it",
};
