import { join } from "node:path";
import { command } from "../../lib/testing/lab/command.js";
import { BenchError } from "./errors.js";
import { drawFlameGraph } from "./flame-graph.js";
import { connectionsTo } from "./loads/connections.js";
import { measured, WARM_UP } from "./measure.js";
import type { Transport } from "./options.js";
import { SERVER_NAME, type Site } from "./site.js";
import { foldedStacks, hottest } from "./stacks.js";
import { processesOf } from "./subjects/subject.js";

/** How a subject is profiled. */
export interface ProfileOptions {
  readonly transport: Transport;
  readonly seconds: number;
  /** The folder for the flame graph. @default - none is drawn */
  readonly pictures?: string;
}

/* Odd, so that nothing that happens in the same rhythm is seen always, or never. */
const FREQUENCY = 997;

/**
 * Tells where a subject spends its processor time under full load, by the kernel's clock, which every machine has. Packages of
 * Debian have no symbols but those that libraries export: what has none counts for its program.
 */
export async function profile(site: Site, name: string, options: ProfileOptions): Promise<string> {
  const { transport, seconds, pictures } = options;
  const subject = site.subject(name);
  if (subject.namespace === undefined) throw new BenchError(`${name} is nothing between client and server`);
  const ask = (time: number): Promise<{ readonly rate: number }> => {
    if (transport !== "sessions") return site.dnsperf.ask(subject, { transport, seconds: time });
    const trust = { authority: site.lab.authority.certificate, name: SERVER_NAME };
    return connectionsTo(site.client, subject, "new", time, trust);
  };
  const data = join(site.client.directory, "perf.data");
  const { rate } = await measured(
    subject,
    () => ask(WARM_UP),
    async () => {
      const pids = processesOf(subject).join(",");
      const record = ["perf", "record", "--event", "cpu-clock", "--freq", String(FREQUENCY), "--call-graph", "fp"];
      const recorded = command([...record, "--output", data, "--pid", pids, "--", "sleep", String(seconds)]);
      const [answers] = await Promise.all([ask(seconds), recorded]);
      return answers;
    },
  );
  // Inlined functions would be looked up one by one, for minutes.
  const { stdout } = await command(["perf", "script", "--input", data, "--no-inline", "--fields", "comm,ip,sym,dso"]);
  const stacks = foldedStacks(stdout);
  if (pictures !== undefined)
    drawFlameGraph(pictures, `${name}-${transport}`, stacks, `${subject.title}, ${transport}`);
  return `${subject.title}, ${transport}: ${Math.round(rate).toLocaleString("en-US")} queries/s\n\n${hottest(stacks)}`;
}
