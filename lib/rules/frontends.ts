import type { Rule } from "./rule.js";

/** DNSLB006: a load balancer without a frontend. */
export const frontends: Rule = ({ name, frontends: { length } }) =>
  length > 0
    ? []
    : [
        {
          code: "DNSLB006",
          part: { kind: "load-balancer" },
          property: "",
          message: `load balancer "${name}" has no frontend; add one with addDnsFrontend()`,
        },
      ];
