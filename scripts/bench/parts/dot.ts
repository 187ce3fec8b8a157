import { sessionsWith } from "../loads/sessions.js";
import { measured, WARM_UP } from "../measure.js";
import { compete } from "../pairs.js";
import { type Results, together } from "../results.js";
import { SERVER_NAME, type Site, type Surroundings } from "../site.js";
import type { Subject } from "../subjects/subject.js";
import type { PeerPart } from "./part.js";
import { throughput } from "./throughput.js";

const SESSIONS = ["new", "resumed"] as const;

/** DNS over TLS: with connections that stay, and with sessions that are new or resumed, one query on each. */
export const dot: PeerPart = {
  ...{ name: "dot", title: "DNS over TLS", among: "peers" },
  bounds: [
    { of: "dot/persistent/shipped:dnsdist", title: "DoT, persistent / dnsdist's DoT", limit: { atLeast: 1.6 } },
    { of: "dot/new/shipped:dnsdist", title: "DoT, new sessions / dnsdist's DoT", limit: { atLeast: 1 } },
    { of: "dot/resumed/shipped:dnsdist", title: "DoT, resumed sessions / dnsdist's DoT", limit: { atLeast: 1 } },
  ],
  measure: async (site, around) => {
    const persistent = await throughput(site, around, {
      ...{ name: "dot/persistent", pairs: [["shipped", "dnsdist"]] },
      sending: { transport: "dot", connections: "persistent" },
    });
    const results = [persistent];
    for (const kind of SESSIONS) results.push(await sessions(site, around, kind));
    return together(results);
  },
};

function sessions(site: Site, { rounds, seconds }: Surroundings, kind: (typeof SESSIONS)[number]): Promise<Results> {
  const options = { kind, authority: site.lab.authority.certificate, serverName: SERVER_NAME };
  const open = (subject: Subject, time: number) => sessionsWith(site.client, subject, { ...options, seconds: time });
  return compete({
    ...{ name: `dot/${kind}`, rounds, metrics: [{ name: "", title: "", unit: "sessions/s" }] },
    pairs: [[site.subject("shipped"), site.subject("dnsdist")]],
    run: async (subject) => [
      await measured(
        subject,
        () => open(subject, WARM_UP),
        () => open(subject, seconds),
      ),
    ],
  });
}
