import { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import { daemonName } from "../core/names.js";
import type * as model from "../model/dot-listener.js";
import { construct, port, secret, writtenName } from "../terraform/fields.js";
import { placeOf } from "../terraform/parent.js";
import { input, parseProps } from "../terraform/parse.js";
import { object, oneOf, optional, withDefault } from "../terraform/schema.js";
import { recordSourceLocation } from "../terraform/source-location.js";
import type { Certificate } from "./certificate.js";
import { checkAuthorities, checkCertificate } from "./certificate-files.js";
import { checkCloseTimeout } from "./close-timeout.js";
import { checkName } from "./construct-name.js";
import { FRONTEND, type IDnsFrontend } from "./dns-frontend.js";
import { IDLE_TIMEOUT } from "./pool.js";
import type { Secret } from "./secret.js";
import { checkTicketKeys } from "./ticket-keys.js";
import type { TrustStore } from "./trust-store.js";

/** Whether clients must present a certificate, and which authorities may sign it. */
export interface ClientAuthOptions {
  /** The certificate authorities of the clients' certificates. */
  readonly trust: TrustStore;
  /**
   * Whether clients must present a certificate; one that is presented must be valid in both modes.
   * @default "required"
   */
  readonly mode?: "optional" | "required";
}

/** Properties of a `DotListener`. */
export interface DotListenerProps {
  /** The frontend whose addresses, pool, access rules and limits the listener shares. */
  readonly frontend: IDnsFrontend;
  /**
   * Certificate, chain and private key in one PEM text: the certificate first, each issuer after what it has signed, and
   * the key without a password. A file of the deploying machine is read at synthesis, if it is there: what is wrong with
   * it is an error, and an end that is near or past a warning.
   */
  readonly certificate: Certificate;
  /**
   * The name by which clients verify the certificate (RFC 8310), which must be one of its DNS names; its common name does
   * not count (RFC 6125).
   * @default - names are not checked
   * @see https://www.rfc-editor.org/rfc/rfc8310#section-8
   */
  readonly serverName?: string;
  /**
   * Requests certificates from clients.
   * @default - no client certificates
   */
  readonly clientAuth?: ClientAuthOptions;
  /**
   * Keys of TLS session tickets that all nodes share, so that clients resume their sessions also after the virtual
   * addresses have moved. The text has at least three keys, one a line, the newest at the end: each 32 or more random
   * bytes in Base64, as from `openssl rand -base64 48`. Of the last three, the middle one encrypts, and all decrypt.
   *
   * **Such keys end forward secrecy** (RFC 8446, section 8.1): whoever gets one reads what was recorded under it, and they lie in
   * the volume of the node's releases and wherever the secret is. Add a new one at the end every few hours, deploy, and
   * remove the old. What one node has just been given, it uses only at the next rotation, when the other has it, too.
   * @default - each node makes keys of its own, keeps them in memory and changes them every 8 hours: sessions survive
   * reloads, not a move of the addresses
   * @see https://docs.haproxy.org/2.6/configuration.html#5.1-tls-ticket-keys
   */
  readonly ticketKeys?: Secret;
  /**
   * The port to listen on.
   * @default 853
   */
  readonly port?: number;
  /**
   * The oldest version of TLS that clients may speak.
   * @default "1.2"
   */
  readonly minimumTlsVersion?: "1.2" | "1.3";
  /**
   * How long an idle client may keep its connection, once its first message is there, which must come within 5 s of the
   * handshake. The handshake itself has 5 s too, with HAProxy before 3.0 this time.
   * @default "30s"
   */
  readonly idleTimeout?: Duration;
  /**
   * How long a client may take to close its connection after the server has closed it; then it is dropped. A client
   * that closes first gets its answers all the same. Between "1s" and the `idleTimeout`.
   * @default - `idleTimeout`
   * @see https://docs.haproxy.org/2.6/configuration.html#4-timeout%20client-fin
   */
  readonly closeTimeout?: Duration;
}

/** Serves DNS over TLS (RFC 7858) beside a frontend. */
export class DotListener extends Construct {
  constructor(scope: Construct, id: string, props: DotListenerProps) {
    super(...placeOf("DotListener", scope, id));
    recordSourceLocation(this);
    const { frontend, ...own } = parseProps(
      this,
      {
        ...INPUT,
        check: (value, report) => {
          checkName(this, report);
          checkCloseTimeout(value, report);
          const { certificate, clientAuth, serverName, ticketKeys } = value;
          checkCertificate(this, ["certificate"], certificate, serverName, report);
          if (clientAuth) checkAuthorities(this, ["clientAuth", "trust"], clientAuth.trust, report);
          if (ticketKeys) checkTicketKeys(["ticketKeys"], ticketKeys, report);
        },
      },
      props,
    );
    const listener: model.DotListener = { kind: "dot", name: daemonName(id), ...own };
    frontend[FRONTEND].addListener(this, listener);
  }
}

const INPUT = input({
  name: "DotListener",
  schema: object<DotListenerProps>()({
    frontend: construct<IDnsFrontend>(["DnsFrontend"], "a DnsFrontend"),
    certificate: secret("Certificate"),
    serverName: optional(writtenName),
    clientAuth: optional(
      object<ClientAuthOptions>()({
        trust: secret("TrustStore"),
        mode: withDefault(oneOf<"optional" | "required">({ optional: true, required: true }), "required"),
      }),
    ),
    ticketKeys: optional(secret("Secret")),
    port: withDefault(port, 853),
    minimumTlsVersion: withDefault(oneOf<"1.2" | "1.3">({ "1.2": true, "1.3": true }), "1.2"),
    idleTimeout: withDefault(IDLE_TIMEOUT, "30s"),
    closeTimeout: optional(IDLE_TIMEOUT),
  }),
});
