import type { LabRouter } from "../../../../lib/testing/index.js";
import type { Fault } from "../fault.js";
import { COLLECTION } from "../settings.js";

/** Seconds until a session is known to be down. */
const DETECTION = 1;
/** The one that is broken; the other one leads clients to the nodes. */
const BROKEN = "router2";
/** The port of BFD (RFC 5881). */
const BFD = 3_784;
const TABLE = "drill";

/** Lets a router have no packets of BFD. */
async function filterBfd(router: LabRouter): Promise<void> {
  const chain = `table inet ${TABLE} { chain input { type filter hook input priority 0; udp dport ${BFD} drop; }; }`;
  await nft(router, chain);
}

async function nft(router: LabRouter, words: string): Promise<void> {
  const { status, stderr } = await router.exec(["nft", words]);
  if (status !== 0) throw new Error(`${router.name}: nft ${words}: ${stderr}`);
}

/** Routers before the nodes of a group, and what the nodes announce to them. */
export const routers: readonly Fault[] = [
  {
    ...{ alerts: ["DnsLbBgpSessionDown"], fault: "a router loses its power", shows: COLLECTION + DETECTION },
    make: async ({ lab }) => {
      await lab.router(BROKEN).kill();
      return () => lab.router(BROKEN).start();
    },
  },
  {
    ...{ alerts: ["DnsLbBfdSessionDown"], fault: "a router filters BFD", shows: COLLECTION + DETECTION },
    make: async ({ lab }) => {
      await filterBfd(lab.router(BROKEN));
      return () => nft(lab.router(BROKEN), `delete table inet ${TABLE}`);
    },
  },
  {
    ...{
      alerts: ["DnsLbNodeHeldBack"],
      fault: "dnsdist of one of three nodes stays down",
      shows: COLLECTION + DETECTION,
    },
    make: async ({ lab }) => {
      const process = lab.node("node2").process("dnsdist");
      await process.stop();
      return async () => process.start();
    },
  },
];
