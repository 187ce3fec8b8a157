import type { Sending } from "../loads/dnsperf.js";
import { measured, WARM_UP } from "../measure.js";
import { compete } from "../pairs.js";
import type { Results } from "../results.js";
import type { Site, Surroundings } from "../site.js";
import type { Subject } from "../subjects/subject.js";

/** Which subjects are compared, and how they are asked. */
export interface Throughput<S> {
  readonly name: string;
  readonly pairs: readonly (readonly [S, S])[];
  readonly sending: Omit<Sending, "seconds">;
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
  { name, pairs, sending }: Throughput<Subject>,
): Promise<Results> {
  const ask = (subject: Subject, time: number) => site.dnsperf.ask(subject, { ...sending, seconds: time });
  return compete({
    ...{ name, rounds, pairs, metrics: [{ name: "", title: "", unit: "queries/s" as const }] },
    run: async (subject) => {
      const { rate } = await measured(
        subject,
        () => ask(subject, WARM_UP),
        () => ask(subject, seconds),
      );
      return [rate];
    },
  });
}
