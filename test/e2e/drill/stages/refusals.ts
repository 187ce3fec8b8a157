import { setTimeout as sleep } from "node:timers/promises";
import { type Bound, none, within } from "../../../../scripts/figures/bounds.js";
import { table } from "../../../../scripts/figures/table.js";
import { endTraffic, type FlowReport, type Rates } from "../flows.js";
import { nothingLost, type Outcome } from "../outcome.js";
import type { Deployment, Site } from "../site.js";
import { startTraffic } from "../traffic.js";

const RATES: Rates = { udp: 40, tcp: 10, "persistent-tcp": 25, dot: 3, "persistent-dot": 10 };
/** Milliseconds in which a deployment must fail. */
const LIMIT = 60_000;

interface Mistake {
  readonly name: string;
  /** Deploys the mistake and takes it back in what is there to be deployed. */
  readonly make: (site: Site) => Promise<Deployment>;
  /** What the deployment must say: the daemon's own words. */
  readonly words: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    name: "refused by a checker",
    make: (site) => site.deploy({}, { tamper: [["maxconn 8000", "maxconn eight"]] }),
    words: /haproxy.*maxconn|maxconn.*(integer|argument|eight)/is,
  },
  {
    name: "unusable certificate",
    make: async (site) => {
      const restore = site.keepCertificate();
      site.writeCertificate("-----BEGIN CERTIFICATE-----\nnothing of use\n-----END CERTIFICATE-----\n");
      try {
        return await site.deploy();
      } finally {
        restore();
      }
    },
    words: /unable to load (SSL )?certificate|no start line|bad end line|PEM/i,
  },
  {
    name: "passes the check, cannot start",
    make: (site) => site.deploy({}, { tamper: [["maxconn 8000", "maxconn 100000"]] }),
    words: /FD limit|cannot raise|maxconn|reload/i,
  },
];

interface Refusal {
  readonly mistake: string;
  readonly milliseconds: number;
  readonly failed: boolean;
  readonly told: boolean;
  readonly otherTouched: boolean;
  readonly repaired: boolean;
  readonly flows: readonly FlowReport[];
  /** The end of what the deployment said. */
  readonly words: string;
}

/** Deploys configurations that cannot work, and good ones after them. */
export async function refusals(site: Site): Promise<Outcome> {
  const done: Refusal[] = [];
  for (const mistake of MISTAKES) done.push(await refuse(site, mistake));
  return {
    figures: done,
    text: table(
      ["mistake", "failed after ms", "told why", "second node touched", "next one repaired", "lost"],
      done.map(({ mistake, milliseconds, told, otherTouched, repaired, flows }) => [
        ...[mistake, milliseconds, yes(told), yes(otherTouched), yes(repaired)],
        flows.reduce((sum, { lost }) => sum + lost, 0),
      ]),
    ),
    bounds: done.flatMap(boundsOf),
  };
}

async function refuse(site: Site, { name, make, words }: Mistake): Promise<Refusal> {
  const second = async () => [await site.loaderOf("lb2"), (await site.node("lb2").agent("status", "--json")).stdout];
  const releaseOf = (status: string) => (JSON.parse(status) as { readonly release: string }).release;
  const [loader = "", status = ""] = await second();
  const flows = await startTraffic(site, RATES);
  await sleep(500);
  const bad = await make(site);
  const [loaderAfter = "", statusAfter = ""] = await second();
  const good = await site.deploy();
  await sleep(1_000);
  const reports = await endTraffic(flows);
  return {
    ...{ mistake: name, milliseconds: Math.round(bad.seconds * 1_000), failed: bad.code !== 0 },
    told: words.test(bad.text),
    otherTouched: loader !== loaderAfter || releaseOf(status) !== releaseOf(statusAfter),
    ...{ repaired: good.code === 0, flows: reports, words: bad.text.slice(-1_500) },
  };
}

function boundsOf({ mistake, milliseconds, failed, told, otherTouched, repaired, flows }: Refusal): readonly Bound[] {
  const count = (wrong: boolean) => (wrong ? 1 : 0);
  return [
    none(`${mistake}: deployments that did not fail`, count(!failed)),
    none(`${mistake}: failures without the daemon's words`, count(!told)),
    within(`${mistake}: until it failed`, { atMost: LIMIT }, milliseconds),
    none(`${mistake}: second nodes touched`, count(otherTouched)),
    none(`${mistake}: good deployments afterwards that failed`, count(!repaired)),
    ...nothingLost(mistake, flows),
  ];
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}
