import { afterAll, beforeAll } from "vitest";
import { capabilities } from "./capabilities.js";
import { health } from "./health.js";
import { limits } from "./limits.js";
import { privileges } from "./privileges.js";
import { recovery } from "./recovery.js";
import { service } from "./service.js";
import { Site } from "./site.js";
import { stop } from "./stop.js";

/*
 * Nodes in Docker as they are deployed: one engine, one image, one pair and one single node for all subjects. Those that
 * break things come last, and leave everything working.
 */

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site?.stop());

const given = () => site;
service(given);
privileges(given);
capabilities(given);
limits(given);
health(given);
stop(given);
recovery(given);
