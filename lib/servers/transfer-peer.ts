import { canonicalAddress, canonicalCidr } from "../core/ip.js";
import type { TransferPeer, TransferPermission } from "../model/zone.js";
import { address, network, port } from "../terraform/fields.js";
import { object, optional } from "../terraform/schema.js";
import { TSIG, type Tsig } from "./tsig.js";

/** A server that zones are transferred to or from. */
export interface TransferPeerOptions {
  /** Its IPv4 or IPv6 address. */
  readonly address: string;
  /**
   * The port that it takes transfers and NOTIFY on.
   * @default 53
   */
  readonly port?: number;
  /**
   * Signs and checks what the servers tell each other.
   * @default - the address is proof enough
   */
  readonly key?: Tsig;
}

/** Clients that may transfer zones, or tell of changes. */
export interface TransferPermissionOptions {
  /** Their network. */
  readonly from: string;
  /**
   * What they must sign with.
   * @default - the address is proof enough
   */
  readonly key?: Tsig;
}

/** The schema of a server that zones are transferred to or from. */
export const TRANSFER_PEER = object<TransferPeerOptions>({ address, port: optional(port), key: optional(TSIG) });

/** The schema of clients that may do something. */
export const TRANSFER_PERMISSION = object<TransferPermissionOptions>({ from: network, key: optional(TSIG) });

/** The model of a server, defaults filled in. */
export function peerOf({ address, port = 53, key }: TransferPeerOptions): TransferPeer {
  return Object.freeze({ address: canonicalAddress(address), port, ...(key === undefined ? {} : { key }) });
}

/** The model of clients that may do something. */
export function permissionOf({ from, key }: TransferPermissionOptions): TransferPermission {
  return Object.freeze({ from: canonicalCidr(from) ?? from, ...(key === undefined ? {} : { key }) });
}
