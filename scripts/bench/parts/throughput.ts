import type { Sending } from "../loads/dnsperf.js";
import { measured, WARM_UP } from "../measure.js";
import { compete, type Metric } from "../pairs.js";
import type { Results } from "../results.js";
import type { Site, Surroundings } from "../site.js";
import { processesOf, type Subject } from "../subjects/subject.js";
import { processorTime } from "../usage.js";

const PROCESSOR: Metric = { name: "processor", title: "processor time of one", unit: "s" };

/** Which subjects are compared, and how they are asked. */
export interface Throughput<S> {
  readonly name: string;
  readonly pairs: readonly (readonly [S, S])[];
  readonly sending: Omit<Sending, "seconds">;
  /** Whether the processor time of a query is a figure, too, of subjects that have processes of their own. */
  readonly costs?: boolean;
}

/** Compares how many queries per second subjects of a site, by their names, answer on sockets and connections that stay. */
export function throughput(site: Site, around: Surroundings, wanted: Throughput<string>): Promise<Results> {
  const pairs = wanted.pairs.map(([one, other]) => [site.subject(one), site.subject(other)] as const);
  return throughputOf(site, around, { ...wanted, pairs });
}

/** The same for subjects that have other names in the results. */
export function throughputOf(
  site: Site,
  { rounds, seconds }: Surroundings,
  { name, pairs, sending, costs = false }: Throughput<Subject>,
): Promise<Results> {
  const ask = (subject: Subject, time: number) => site.dnsperf.ask(subject, { ...sending, seconds: time });
  return compete({
    ...{ name, rounds, pairs },
    metrics: [{ name: "", title: "", unit: "queries/s" as const }, ...(costs ? [PROCESSOR] : [])],
    run: (subject) =>
      measured(
        subject,
        () => ask(subject, WARM_UP),
        async () => {
          const pids = processesOf(subject);
          const before = processorTime(pids);
          const { rate, answered } = await ask(subject, seconds);
          const cost = pids.length === 0 ? Number.NaN : (processorTime(pids) - before) / answered;
          return costs ? [rate, cost] : [rate];
        },
      ),
  });
}
