import { afterAll, beforeAll } from "vitest";
import { anycast } from "./anycast.js";
import { host } from "./host.js";
import { image } from "./image.js";
import { Site } from "./site.js";

/*
 * What Terraform makes on an engine of its own, by small apps: images, a group before which a router stands, and nodes on a
 * host that has settings of its own.
 */

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site?.stop());

const given = () => site;
image(given);
anycast(given);
host(given);
