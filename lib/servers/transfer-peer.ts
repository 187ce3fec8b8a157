import { clientNetwork, serverAddress } from "../terraform/address-fields.js";
import { port } from "../terraform/fields.js";
import { object, optional, withDefault } from "../terraform/schema.js";
import { TSIG, type Tsig } from "./tsig.js";

/** A server that zones are transferred to or from. */
export interface TransferPeerOptions {
  /** The IPv4 or IPv6 address of the server. */
  readonly address: string;
  /**
   * The server's port for transfers and NOTIFY.
   * @default 53
   */
  readonly port?: number;
  /**
   * The key that signs transfers and NOTIFY between the servers.
   * @default - no signatures; the server is authenticated by its address
   */
  readonly key?: Tsig;
}

/** Clients that may transfer zones, or send NOTIFY. */
export interface TransferPermissionOptions {
  /** The network of the clients. */
  readonly from: string;
  /**
   * The key with which the clients must sign.
   * @default - no signatures; the clients are authenticated by their addresses
   */
  readonly key?: Tsig;
}

/** The schema of a server that zones are transferred to or from. */
export const TRANSFER_PEER = object<TransferPeerOptions>()({
  address: serverAddress,
  port: withDefault(port, 53),
  key: optional(TSIG),
});

/** The schema of clients that may transfer zones, or send NOTIFY. */
export const TRANSFER_PERMISSION = object<TransferPermissionOptions>()({ from: clientNetwork, key: optional(TSIG) });
