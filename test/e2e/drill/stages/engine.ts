import { type Bound, none, within } from "../../../../scripts/figures/bounds.js";
import { table } from "../../../../scripts/figures/table.js";
import { until } from "../../run.js";
import type { Outcome } from "../outcome.js";
import { startOutsideResolver } from "../outside-resolver.js";
import type { Site } from "../site.js";
import { changedStacks } from "./deploy.js";

/** Milliseconds from the engine's start until both nodes serve. */
const LIMIT = 30_000;

interface Comeback {
  readonly after: string;
  readonly milliseconds: number;
  readonly unanswered: number;
  /** Stacks that a deployment afterwards found something to do in. */
  readonly changed: number;
  readonly status: number | null;
}

/** Ends the engine, and starts it: everything must come back by itself. */
export async function engine(site: Site): Promise<Outcome> {
  const { own } = site.engine;
  if (own === undefined) throw new Error("a foreign engine is never ended");
  const done = [
    await comeback(site, "the engine was restarted", () => own.stopDaemon()),
    await comeback(site, "everything was killed", () => own.crash()),
    await comeback(site, "a reboot without goodbye", () => own.powerCut()),
  ];
  return {
    figures: done,
    text: table(
      ["after", "both nodes back after ms", "stacks changed by a deployment"],
      done.map(({ after, milliseconds, changed }) => [after, milliseconds, changed]),
    ),
    bounds: done.flatMap(boundsOf),
  };
}

async function comeback(site: Site, after: string, end: () => Promise<void>): Promise<Comeback> {
  const { own } = site.engine;
  await site.settle();
  await site.clients.close();
  await end();
  const started = performance.now();
  await own?.startDaemon();
  await until("both nodes are back", 60, async () => {
    const ready = await Promise.all(site.pair.map((node) => node.ready().catch(() => false)));
    return ready.every(Boolean) && (await site.leader().catch(() => undefined)) !== undefined;
  });
  const milliseconds = Math.round(performance.now() - started);
  let unanswered = 0;
  for (const server of [...site.settings.internal, ...site.settings.public]) {
    const name = site.settings.internal.includes(server) ? "whoami.home.arpa" : "whoami.example.com";
    for (const transport of ["udp", "tcp"] as const) {
      const { status } = await site.client(101).query(name, "TXT", { server, transport });
      if (status !== "NOERROR") unanswered += 1;
    }
  }
  await startOutsideResolver(site);
  await site.settle();
  const { code: status, text } = await site.deploy();
  return { after, milliseconds, unanswered, changed: changedStacks(text), status };
}

function boundsOf({ after, milliseconds, unanswered, changed, status }: Comeback): readonly Bound[] {
  return [
    within(`${after}: until both nodes are back`, { atMost: LIMIT }, milliseconds),
    none(`${after}: queries not answered then`, unanswered),
    none(`${after}: status of a deployment`, status ?? 1),
    none(`${after}: stacks that it changed`, changed),
  ];
}
