import { withFallback } from "../model/pool.js";
import type { Rule } from "./rule.js";

/** DNSLB011: an age at which dnsdist would cut zone transfers that are under way. */
export const connectionAge: Rule = ({ frontends, maximumConnectionAge }) =>
  maximumConnectionAge === undefined
    ? []
    : frontends.flatMap(({ pool }, index) =>
        withFallback(pool)
          .filter(({ zoneTransfer }) => zoneTransfer !== undefined)
          .map(({ name }) => ({
            code: "DNSLB011",
            part: { kind: "frontend", index } as const,
            property: "pool",
            message: `leads to pool "${name}" with a 'zoneTransfer', which would be cut after the load balancer's 'maximumConnectionAge' of "${maximumConnectionAge}"; leave out one of the two, or serve transfers from another load balancer`,
          })),
      );
