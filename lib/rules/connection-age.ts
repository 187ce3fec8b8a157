import { poolsBehind } from "../model/frontend.js";
import type { Rule } from "./rule.js";

/** DNSLB011: an age at which dnsdist would cut zone transfers that are under way. */
export const connectionAge: Rule = ({ frontends, maximumConnectionAge }) =>
  maximumConnectionAge === undefined
    ? []
    : frontends.flatMap((frontend, index) =>
        poolsBehind(frontend)
          .filter(({ pool }) => pool.zoneTransfer !== undefined)
          .map(({ property, pool: { name } }) => ({
            code: "DNSLB011",
            part: { kind: "frontend", index } as const,
            property,
            message: `leads to pool "${name}" with a 'zoneTransfer', which would be cut after the load balancer's 'maximumConnectionAge' of "${maximumConnectionAge}"; leave out one of the two, or serve transfers from another load balancer`,
          })),
      );
