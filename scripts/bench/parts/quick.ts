import { together } from "../results.js";
import type { PeerPart } from "./part.js";
import { throughput } from "./throughput.js";

/** UDP and TCP in two minutes, with gross bounds: whether something has become much slower. */
export const quick: PeerPart = {
  ...{ name: "quick", title: "UDP and TCP, gross bounds", among: "peers" },
  bounds: [
    { of: "quick/udp/shipped:dnsdist", title: "UDP / dnsdist by hand", limit: { atLeast: 0.7 } },
    { of: "quick/tcp/shipped:article", title: "TCP, persistent / the article's HAProxy", limit: { atLeast: 0.7 } },
  ],
  measure: async (site, around) => {
    const udp = await throughput(site, around, {
      ...{ name: "quick/udp", pairs: [["shipped", "dnsdist"]] },
      sending: { transport: "udp" },
    });
    const tcp = await throughput(site, around, {
      ...{ name: "quick/tcp", pairs: [["shipped", "article"]] },
      sending: { transport: "tcp" },
    });
    return together([udp, tcp]);
  },
};
