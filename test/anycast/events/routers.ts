import type { Event } from "../event.js";
import { ROUTERS } from "../model.js";

/** A router that is gone: nodes take the default route of the other one, and clients reach them by it. */
export const routers: readonly Event[] = [
  {
    ...{ key: "router-killed", name: "router killed", victims: ROUTERS, site: { bfd: "100ms" } },
    ...{ within: 600, lasts: 3_000 },
    strike: (site, victim) => site.lab.router(victim).kill(),
    recover: (site, victim) => site.lab.router(victim).start(),
  },
];
