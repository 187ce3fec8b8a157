import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { Lab } from "../../../lib/testing/index.js";
import { group } from "../../anycast/model.js";
import { OPTIONS } from "../../anycast/site.js";
import { PASSWORD, quickModel, startProduction } from "../../lab/production/stack.js";
import type { Fault, Plan } from "./fault.js";
import { SECRETS } from "./faults/certificates.js";
import { FAULTS_OF_A_GROUP, FAULTS_OF_A_PAIR } from "./faults/index.js";
import { PLANS_OF_A_GROUP, PLANS_OF_A_PAIR } from "./plans.js";
import type { Outlook } from "./prometheus.js";

/** Load balancers in the lab, and what is made there. */
export interface Site extends Outlook {
  readonly what: string;
  readonly start: () => Promise<Lab>;
  readonly plans: readonly Plan[];
  readonly faults: readonly Fault[];
  /** Whether it has all that dashboards show. */
  readonly hasAll: boolean;
}

const STATISTICS_PASSWORD = "secrets/statistics-password";
const PAIR = quickModel();
const GROUP: LoadBalancer = {
  ...group(),
  statistics: {
    ...{ addresses: [], port: 8404, user: "ops", password: { kind: "local-file", path: STATISTICS_PASSWORD } },
  },
};

/** A pair, and a group behind routers. */
export const SITES: readonly Site[] = [
  {
    ...{ what: "examples/production", model: PAIR, address: "10.0.0.90", password: PASSWORD },
    start: () => startProduction("monitoring", PAIR, SECRETS),
    ...{ plans: PLANS_OF_A_PAIR, faults: FAULTS_OF_A_PAIR, hasAll: true },
  },
  {
    // In the network of the nodes, so that it reaches them by no router.
    ...{ what: "three nodes behind two routers", model: GROUP, address: "10.9.0.90", password: PASSWORD },
    start: () =>
      Lab.start([GROUP], {
        ...OPTIONS,
        name: "monitoring_group",
        secrets: { ...OPTIONS.secrets, [STATISTICS_PASSWORD]: PASSWORD },
      }),
    ...{ plans: PLANS_OF_A_GROUP, faults: FAULTS_OF_A_GROUP, hasAll: false },
  },
];
