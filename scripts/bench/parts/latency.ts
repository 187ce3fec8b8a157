import { measured, WARM_UP } from "../measure.js";
import { compete } from "../pairs.js";
import type { PeerPart } from "./part.js";

const METRICS = [
  { name: "p50", title: "median", unit: "s" },
  { name: "p99", title: "99th percentile", unit: "s" },
  { name: "p999", title: "99.9th percentile", unit: "s" },
] as const;

const SUBJECTS = ["shipped", "dnsdist", "nginx"] as const;
const UDP = { transport: "udp" } as const;

/** How long answers over UDP take at half of what the slowest subject can answer, the same number of queries for all. */
export const latency: PeerPart = {
  ...{ name: "latency", title: "latency at half load", among: "peers" },
  bounds: [
    {
      ...{ of: "latency/p99/shipped:dnsdist", title: "UDP, latency at half load, 99th percentile / dnsdist by hand" },
      limit: { atMost: 1.25 },
    },
  ],
  measure: async (site, { rounds, seconds }) => {
    const rates = [];
    for (const name of SUBJECTS) {
      const subject = site.subject(name);
      const ask = (time: number) => () => site.dnsperf.ask(subject, { ...UDP, seconds: time });
      const { rate } = await measured(subject, ask(WARM_UP), ask(seconds));
      rates.push(rate);
    }
    const rate = Math.floor(Math.min(...rates) / 2);
    return compete({
      ...{ name: "latency", rounds, metrics: METRICS },
      pairs: [
        [site.subject("shipped"), site.subject("dnsdist")],
        [site.subject("shipped"), site.subject("nginx")],
        [site.subject("shipped"), site.subject("straight")],
      ],
      run: async (subject) => {
        const { median, p99, p999 } = await measured(
          subject,
          () => site.dnsperf.ask(subject, { ...UDP, seconds: WARM_UP, rate }),
          () => site.dnsperf.time(subject, { ...UDP, seconds, rate }),
        );
        return [median, p99, p999];
      },
    });
  },
};
