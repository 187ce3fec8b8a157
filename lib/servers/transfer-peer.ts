import { address, network, port } from "../terraform/fields.js";
import { object, optional, withDefault } from "../terraform/schema.js";
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
export const TRANSFER_PEER = object<TransferPeerOptions>()({
  address,
  port: withDefault(port, 53),
  key: optional(TSIG),
});

/** The schema of clients that may do something. */
export const TRANSFER_PERMISSION = object<TransferPermissionOptions>()({ from: network, key: optional(TSIG) });
