/** Starts a site with a machine, says where it is, and stays: what a test aborts. */
import { Site } from "./site.js";

async function main(): Promise<void> {
  const site = await Site.open({ machines: [{ name: "lb1", suite: "bookworm", number: 2 }] });
  await site.start();
  console.log(site.directory);
  setInterval(() => undefined, 1000);
}

void main();
