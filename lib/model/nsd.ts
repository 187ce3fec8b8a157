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
  /** Whether queries at that port carry the client's address by the PROXY protocol; if so, all must. */
  readonly clientAddress: Pool["clientAddress"];
  /** Where transfers and NOTIFY go, which never carry PROXY headers; `port` itself where that expects none. */
  readonly transferPort: number;
  readonly zones: readonly Zone[];
  /** May transfer what the server holds itself, and are told of changes. */
  readonly secondaries: readonly TransferPeer[];
  /** May transfer everything. */
  readonly allowTransfer: readonly TransferPermission[];
  /** May tell of changes of secondary zones, beside their primaries. */
  readonly allowNotify: readonly TransferPermission[];
  /** Answers per second to one client's network; 0 for any number. */
  readonly responseRateLimit: number;
  readonly serverCount: number;
}

/** The keys that a server must know, each once, by name. */
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
