import { placeMistake } from "../core/address-kind.js";
import { poolsBehind } from "../model/frontend.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { RuleProblem } from "./rule.js";

/** DNSLB142: servers with an address that no machine can have in a subnet that the nodes reach. */
export function serverPlaces({ frontends }: LoadBalancer, subnets: readonly string[]): readonly RuleProblem[] {
  return frontends.flatMap((frontend, index) =>
    poolsBehind(frontend).flatMap(({ property, pool }) =>
      pool.servers.flatMap(({ name, address }) =>
        subnets.flatMap((subnet): readonly RuleProblem[] => {
          const mistake = placeMistake(subnet, address);
          if (mistake === undefined) return [];
          const message = `leads to server "${name}" of pool "${pool.name}", whose address ${mistake}`;
          return [{ code: "DNSLB142", part: { kind: "frontend", index }, property, message }];
        }),
      ),
    ),
  );
}
