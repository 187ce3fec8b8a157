import type { PeerPart } from "./part.js";
import { throughput } from "./throughput.js";

/** UDP: what the node costs against a hand-made dnsdist, nginx, and nothing at all. */
export const udp: PeerPart = {
  ...{ name: "udp", title: "UDP", among: "peers" },
  bounds: [
    { of: "udp/native:dnsdist", title: "UDP, a policy of dnsdist itself / dnsdist by hand", limit: { atLeast: 0.95 } },
    { of: "udp/shipped:dnsdist", title: "UDP, fair policy / dnsdist by hand", limit: { atLeast: 0.8 } },
    { of: "udp/weighted:dnsdist", title: "UDP, weights / dnsdist by hand", limit: { atLeast: 0.8 } },
    { of: "udp/shipped:nginx", title: "UDP / nginx stream", limit: { atLeast: 1.3 } },
    {
      ...{ of: "udp/processor/shipped:nginx", title: "UDP, processor time of a query / nginx stream" },
      limit: { atMost: 1 },
    },
    { of: "udp/cache:dnsdist-cache", title: "UDP, cache / dnsdist by hand, cache", limit: { atLeast: 0.95 } },
  ],
  measure: (site, around) =>
    throughput(site, around, {
      ...{ name: "udp", costs: true },
      pairs: [
        ["native", "dnsdist"],
        ["shipped", "dnsdist"],
        ["weighted", "dnsdist"],
        ["shipped", "nginx"],
        ["shipped", "straight"],
        ["cache", "dnsdist-cache"],
        ["dnsdist-cache", "dnsdist"],
      ],
      sending: { transport: "udp" },
    }),
};
