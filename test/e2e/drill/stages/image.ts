import { setTimeout as sleep } from "node:timers/promises";
import { none } from "../../../../scripts/figures/bounds.js";
import { endTraffic, type Rates } from "../flows.js";
import { type Outcome, showFlows } from "../outcome.js";
import { PAIR, type Site } from "../site.js";
import { startTraffic } from "../traffic.js";
import { cost } from "./calm.js";

const RATES: Rates = { udp: 40, tcp: 12, "persistent-tcp": 10, dot: 4, "persistent-dot": 5 };

/** Gives both nodes another image under load: one after the other, each drained before. */
export async function image(site: Site): Promise<Outcome> {
  const other = `${site.settings.base}-again`;
  await tag(site, site.settings.base, other);
  await site.settle();
  const created = () => Promise.all(site.pair.map((node) => node.created()));
  const before = await created();
  const flows = await startTraffic(site, RATES, { retry: true });
  await sleep(1_000);
  const { code, seconds, text } = await site.deploy({ base: other });
  await sleep(2_000);
  const reports = await endTraffic(flows);
  const after = await created();
  const kept = PAIR.filter((_, index) => before[index] === after[index]);
  return {
    figures: { seconds, flows: reports, kept, ...(code === 0 ? {} : { text: text.slice(-2_000) }) },
    text: showFlows([["image changed", reports]]),
    bounds: [
      none("changed image: status of the deployment", code ?? 1),
      none("changed image: nodes that kept the old one", kept.length),
      ...cost("changed image", reports),
    ],
  };
}

async function tag(site: Site, reference: string, other: string): Promise<void> {
  const [repo = "", name = ""] = other.split(":");
  await site.engine.docker.getImage(reference).tag({ repo, tag: name });
}
