import type { Duration } from "../core/duration.js";
import type { Secret } from "./secret.js";

/** DNS over TLS (RFC 7858) terminated by HAProxy in front of a frontend. */
export interface DotListener {
  readonly kind: "dot";
  /** Unique among the listeners of a load balancer. */
  readonly name: string;
  readonly port: number;
  /** PEM: certificate, chain and private key. */
  readonly certificate: Secret;
  /** Further ones, of which a client gets that for the name it asks for (SNI). @default - none */
  readonly moreCertificates?: readonly Secret[];
  /** Serves only clients that ask for a name that is in a certificate. @default - others get the first */
  readonly strictSni?: true;
  /** The name by which clients verify the first certificate. */
  readonly serverName?: string;
  /** Keys of session tickets that all nodes share. @default - each node makes its own, and changes them */
  readonly ticketKeys?: Secret;
  readonly minimumTlsVersion: "1.2" | "1.3";
  readonly clientAuth?: {
    /** PEM: the certificate authorities of clients. */
    readonly trust: Secret;
    readonly mode: "optional" | "required";
    /** The common names of the clients that are served. @default - all */
    readonly allowedNames?: readonly string[];
  };
  /** How long an idle client may keep its connection. */
  readonly idleTimeout: Duration;
  /** How long a client may take to close what its server has closed. @default - `idleTimeout` */
  readonly closeTimeout?: Duration;
}
