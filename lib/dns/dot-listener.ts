import { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import { daemonName } from "../core/names.js";
import type * as model from "../model/dot-listener.js";
import { construct, port, secret } from "../terraform/fields.js";
import { placeOf } from "../terraform/parent.js";
import { input, parseProps } from "../terraform/parse.js";
import { object, oneOf, optional, withDefault } from "../terraform/schema.js";
import { recordSourceLocation } from "../terraform/source-location.js";
import type { Certificate } from "./certificate.js";
import { checkCloseTimeout } from "./close-timeout.js";
import { checkName } from "./construct-name.js";
import { FRONTEND, type IDnsFrontend } from "./dns-frontend.js";
import { IDLE_TIMEOUT } from "./pool.js";
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
  /** Certificate, chain and private key in one PEM text. */
  readonly certificate: Certificate;
  /**
   * Requests certificates from clients.
   * @default - no client certificates
   */
  readonly clientAuth?: ClientAuthOptions;
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
    clientAuth: optional(
      object<ClientAuthOptions>()({
        trust: secret("TrustStore"),
        mode: withDefault(oneOf<"optional" | "required">({ optional: true, required: true }), "required"),
      }),
    ),
    port: withDefault(port, 853),
    minimumTlsVersion: withDefault(oneOf<"1.2" | "1.3">({ "1.2": true, "1.3": true }), "1.2"),
    idleTimeout: withDefault(IDLE_TIMEOUT, "30s"),
    closeTimeout: optional(IDLE_TIMEOUT),
  }),
});
