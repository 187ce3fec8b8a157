import type { NodeDescription } from "./node.js";
import type { Pool } from "./pool.js";
import type { Tsig } from "./tsig.js";
import type { TransferPeer, TransferPermission, Zone } from "./zone.js";

/** An authoritative server: NSD on a node of its own. */
export interface DeployedNsdServer {
  readonly kind: "nsd";
  readonly name: string;
  readonly node: NodeDescription;
  readonly port: number;
  /** Whether queries on this port carry the client's address in a PROXY header; if so, all must. */
  readonly clientAddress: Pool["clientAddress"];
  /** The port for transfers and NOTIFY, which carry no PROXY headers; the same as `port` where that expects none. */
  readonly transferPort: number;
  readonly zones: readonly Zone[];
  /** Secondary servers: may transfer the primary zones, and get NOTIFY on changes. */
  readonly secondaries: readonly TransferPeer[];
  /** Further clients that may transfer all zones. */
  readonly allowTransfer: readonly TransferPermission[];
  /** Further servers that may send NOTIFY for secondary zones, beside the zones' primaries. */
  readonly allowNotify: readonly TransferPermission[];
  /** Answers per second to one client network; 0 for no limit. */
  readonly responseRateLimit: number;
  readonly serverCount: number;
}

/** The TSIG keys that a server needs, each once, sorted by name. */
export function tsigKeysOf({ zones, secondaries, allowTransfer, allowNotify }: DeployedNsdServer): readonly Tsig[] {
  const peers = [
    ...zones.flatMap((zone) => (zone.kind === "secondary" ? zone.primaries : [])),
    ...secondaries,
    ...allowTransfer,
    ...allowNotify,
  ];
  const keys = peers.flatMap(({ key }) => (key === undefined ? [] : [[key.name, key] as const]));
  return [...new Map(keys).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
