import type { Sending } from "../loads/dnsperf.js";
import { measured, WARM_UP } from "../measure.js";
import { compete } from "../pairs.js";
import type { Results } from "../results.js";
import type { Site, Surroundings } from "../site.js";
import type { Subject } from "../subjects/subject.js";

/** Which subjects are compared, by their names, and how they are asked. */
export interface Throughput {
  readonly name: string;
  readonly pairs: readonly (readonly [string, string])[];
  readonly sending: Omit<Sending, "seconds">;
}

/** Compares how many queries per second subjects answer, on sockets and connections that stay. */
export function throughput(site: Site, { rounds, seconds }: Surroundings, wanted: Throughput): Promise<Results> {
  const { name, pairs, sending } = wanted;
  const ask = (subject: Subject, time: number) => site.dnsperf.ask(subject, { ...sending, seconds: time });
  return compete({
    ...{ name, rounds, metrics: [{ name: "", title: "", unit: "queries/s" }] },
    pairs: pairs.map(([one, other]) => [site.subject(one), site.subject(other)] as const),
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
