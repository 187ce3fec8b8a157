/** `stay.ts [guest]`: starts a site with a machine, or with a guest, says where it is, and stays: what a test aborts. */
import { Site } from "./site.js";

const PLAN = { name: "lb1", suite: "bookworm", number: 2 } as const;

async function main(): Promise<void> {
  const withGuest = process.argv[2] === "guest";
  const site = await Site.open({ machines: withGuest ? [] : [PLAN] });
  if (withGuest) await (await site.addGuest({ ...PLAN, userData: "#cloud-config" })).powerOn();
  else await site.start();
  console.log(site.directory);
  setInterval(() => undefined, 1000);
}

void main();
