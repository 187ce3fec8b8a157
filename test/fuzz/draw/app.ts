import * as fc from "fast-check";
import { type Plan, ref, type Step, type Value } from "../plan.js";
import { loadBalancer } from "./balancers.js";
import { Draw } from "./draw.js";
import { node, site } from "./nodes.js";
import { HOSTILE, withOddValue } from "./odd.js";
import { type DrawnPool, pool } from "./pools.js";
import { type DrawnServer, nsdServer, unboundServer } from "./servers.js";
import { id } from "./values.js";

/** Whole apps, most of them valid, some with odd values. */
export const plans: fc.Arbitrary<Plan> = fc.gen().map((gen) => plan(new Draw(gen)));

/** The app of a run: the same for the same seed and number. */
export function planOf(seed: number, run: number): Plan {
  const [drawn] = fc.sample(plans, { seed: Math.imul(seed, 1_000_003) + run, numRuns: 1 });
  if (drawn === undefined) throw new RangeError("fast-check drew nothing");
  return drawn;
}

function plan(draw: Draw): Plan {
  const deployed = servers(draw);
  const drawn: DrawnPool[] = [];
  const count = draw.whole(1, 3);
  for (let index = 0; index < count; index += 1) {
    drawn.push(
      pool(
        draw,
        id(draw, "Pool"),
        deployed.map(({ server }) => server),
        drawn,
      ),
    );
  }
  const [first, ...rest] = drawn;
  if (first === undefined) return { steps: [] };
  const balancers = Array.from({ length: draw.pick([1, 1, 1, 2, 2, 3]) }, (_, index) => index);
  const steps = [
    ...deployed.flatMap((each) => each.steps),
    ...drawn.map((each): Step => ({ make: poolClass(each), id: each.id, in: "pools", props: each.props })),
    ...balancers.flatMap((index) => loadBalancer(draw, index, [first, ...rest])),
  ];
  return withOddities(draw, { steps });
}

const poolClass = ({ role }: DrawnPool) => (role === "resolver" ? "ResolverPool" : "AuthoritativePool");

interface DeployedSteps {
  readonly server: DrawnServer;
  readonly steps: readonly Step[];
}

function servers(draw: Draw): DeployedSteps[] {
  const found: DeployedSteps[] = [];
  const count = draw.pick([0, 0, 1, 2, 3]);
  for (let index = 0; index < count; index += 1) {
    const place = site(draw, 20 + index);
    const stack = `server${index}`;
    const primaries = found.map(({ server }) => server).filter(({ make }) => make === "NsdServer");
    const server = draw.chance(50) ? unboundServer(draw) : nsdServer(draw, primaries, place.release !== "DEBIAN_12");
    const daemons = server.make === "UnboundServer" ? "unbound" : "nsd";
    const own = `s${index}`;
    const nodes = node(draw, place, { id: own, host: 2, in: stack, daemons, outOfService: false, alone: true });
    const props: Value = { node: ref(own), ...server.props };
    found.push({ server, steps: [...nodes, { make: server.make, id: server.id, in: stack, props }] });
  }
  return found;
}

/** Odd values in some plans, and an odd id in few. */
function withOddities(draw: Draw, given: Plan): Plan {
  let odd = given;
  const count = draw.pick([0, 0, 0, 0, 0, 0, 0, 1, 1, 2]);
  for (let index = 0; index < count; index += 1) odd = withOddValue(draw, odd);
  return draw.chance(3) ? withOddId(draw, odd) : odd;
}

function withOddId(draw: Draw, { steps }: Plan): Plan {
  const last = steps.length - 1;
  const [first, ...rest] = HOSTILE;
  const name = draw.pick([first, ...rest]);
  return { steps: steps.map((step, index) => (index === last ? { ...step, id: name } : step)) };
}
