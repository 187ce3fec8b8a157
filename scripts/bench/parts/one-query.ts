import { type ConnectionKind, connectionsTo } from "../loads/connections.js";
import { measured, WARM_UP } from "../measure.js";
import { compete } from "../pairs.js";
import type { Results } from "../results.js";
import { SERVER_NAME, type Site, type Surroundings } from "../site.js";
import { processesOf, type Subject } from "../subjects/subject.js";
import { processorTime } from "../usage.js";

/** Which subjects are compared, by their names, and how clients connect. */
export interface OneQuery {
  readonly name: string;
  readonly kind: ConnectionKind;
  readonly pairs: readonly (readonly [string, string])[];
}

/**
 * Compares how many connections per second subjects serve, each with one query, and what one costs their processors: clients
 * need much of the processors themselves, so that rates alone say less than they seem to.
 */
export function oneQuery(site: Site, { rounds, seconds }: Surroundings, wanted: OneQuery): Promise<Results> {
  const { name, kind, pairs } = wanted;
  const trust = { authority: site.lab.authority.certificate, name: SERVER_NAME };
  const connect = (subject: Subject, time: number) => connectionsTo(site.client, subject, kind, time, trust);
  const unit = kind === "plain" ? "connections/s" : "sessions/s";
  return compete({
    ...{ name, rounds },
    metrics: [
      { name: "", title: "", unit },
      { name: "processor", title: "processor time of one", unit: "s" },
    ],
    pairs: pairs.map(([one, other]) => [site.subject(one), site.subject(other)] as const),
    run: (subject) =>
      measured(
        subject,
        () => connect(subject, WARM_UP),
        async () => {
          const pids = processesOf(subject);
          const before = processorTime(pids);
          const { rate, connections } = await connect(subject, seconds);
          return [rate, (processorTime(pids) - before) / connections];
        },
      ),
  });
}
