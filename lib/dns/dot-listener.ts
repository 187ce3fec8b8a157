import { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import { daemonName } from "../core/names.js";
import type { Listener } from "../model/listener.js";
import { boolean, construct, port, secret, writtenName } from "../terraform/fields.js";
import { placeOf } from "../terraform/parent.js";
import { input, parseProps, type Report } from "../terraform/parse.js";
import { type Filled, field, type Kept, listOf, object, oneOf, optional, withDefault } from "../terraform/schema.js";
import { recordSourceLocation } from "../terraform/source-location.js";
import type { Certificate } from "./certificate.js";
import { checkAuthorities, checkCertificate } from "./certificate-files.js";
import { checkCloseTimeout } from "./close-timeout.js";
import { checkName } from "./construct-name.js";
import { FRONTEND, type IDnsFrontend } from "./dns-frontend.js";
import { checkDuplicates } from "./duplicates.js";
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
  /**
   * Only clients whose certificate has one of these common names (CN) are served; upper and lower case are the same, and
   * `*` is a letter like others. **Alternative names (SAN) do not count**: no HAProxy of Debian 12 or 13 can look at them.
   * For an authority that names clients by SAN alone, give clients an authority of their own. At least one; each of 1 to 64
   * printable ASCII characters. Not with `mode: "optional"`, where a client that is not named would present nothing.
   * @default - every client with a certificate of these authorities
   * @see https://docs.haproxy.org/2.6/configuration.html#7.3.4-ssl_c_s_dn
   */
  readonly allowedNames?: readonly string[];
}

/** How a listener passes TLS on to the servers, which terminate it themselves. */
export interface PassThroughOptions {
  /** The name for which every server of the pool has a certificate. Clients verify it, and so do the nodes' probes. */
  readonly name: string;
  /**
   * The port on which the servers speak DNS over TLS.
   * @default - the port of a server that the pool queries over TLS, else 853
   */
  readonly port?: number;
  /**
   * The authorities that the probes trust to have signed the certificates of the servers.
   * @default - those of the pool's `tls`; without it, those that the node's system trusts
   */
  readonly trust?: TrustStore;
  /**
   * States that the servers themselves enforce on clients what the frontend says about queries: nobody else reads what is
   * in the TLS stream. They must be told who asks: the pool needs `clientAddress: "proxy-protocol"`, and the servers must
   * expect the PROXY header on `port`, too, in the clear before TLS begins (DNSLB026).
   * @default false
   */
  readonly serversJudge?: boolean;
}

/** Properties of a `DotListener`. */
export interface DotListenerProps {
  /** The frontend whose addresses, pool, access rules and limits the listener shares. */
  readonly frontend: IDnsFrontend;
  /**
   * Terminates TLS on the node by a certificate; either this or `passThrough`. Certificate, chain and private key in one PEM text: the certificate first, each issuer after what it has signed, and
   * the key without a password. A file of the deploying machine is read at synthesis, if it is there: what is wrong with
   * it is an error, and an end that is near or past a warning.
   * @default - `passThrough`
   */
  readonly certificate?: Certificate;
  /**
   * Passes TLS on to the servers of the frontend's pool unread, so that clients see the servers' own certificate and no node
   * has its key; either this or `certificate`. HAProxy balances connections that begin with the ClientHello of TLS, and
   * probes the servers by queries over verified TLS. `allowFrom`, access rules by network alone and limits of connections
   * hold; all else that the frontend says about queries is refused beside it (DNSLB025), unless `serversJudge`. The
   * `fallback`, `whenAllDown` and `minHealthy` of the pool do not count: while no server is up, connections are closed.
   * @default - `certificate`
   */
  readonly passThrough?: PassThroughOptions;
  /**
   * Further certificates on the same addresses and port, in the same form. A client gets the one that is for the name it
   * asks for (SNI, RFC 6066), by its DNS names, `*.example.com` among them; a client that names none, or a name that is in
   * no certificate, gets `certificate`. Two for one name with keys of different kinds (ECDSA, RSA) go by what the client
   * knows.
   * @default - `certificate` alone
   * @see https://docs.haproxy.org/2.6/configuration.html#5.1-crt
   */
  readonly moreCertificates?: readonly Certificate[];
  /**
   * Ends the handshake of clients that name no server, or one that is in no certificate. Clients that know the load balancer
   * by its address alone (opportunistic privacy, RFC 7858) often name none.
   * @default false
   * @see https://docs.haproxy.org/2.6/configuration.html#5.1-strict-sni
   */
  readonly strictSni?: boolean;
  /**
   * The name by which clients verify `certificate` (RFC 8310), which must be one of its DNS names; its common name does
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
   * The oldest version of TLS that clients may speak: `"1.2"` is Mozilla's policy "intermediate", with ciphers that have
   * forward secrecy and authenticated encryption alone (RFC 9325), `"1.3"` its policy "modern".
   * @default "1.2"
   * @see https://wiki.mozilla.org/Security/Server_Side_TLS
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
    const kept = parseProps(this, { ...INPUT, check: (value, report) => check(this, value, report) }, props);
    kept.frontend[FRONTEND].addListener(this, listenerOf(daemonName(id), kept));
  }
}

/** Of the two ways, one is given. */
function listenerOf(name: string, kept: Kept<typeof SCHEMA>): Listener {
  const { frontend: _, certificate, passThrough, strictSni, ...own } = kept;
  if (certificate !== undefined) {
    return { kind: "dot", name, ...own, certificate, ...(strictSni ? { strictSni } : {}) };
  }
  if (passThrough === undefined) throw new RangeError("a DotListener has neither a certificate nor passThrough");
  const { port, idleTimeout, closeTimeout } = own;
  const { name: serverName, port: serverPort, ...rest } = passThrough;
  return {
    ...{ kind: "pass-through", name, port, serverName, ...rest, idleTimeout },
    ...(serverPort === undefined ? {} : { serverPort }),
    ...(closeTimeout === undefined ? {} : { closeTimeout }),
  };
}

function check(scope: DotListener, value: Filled<typeof SCHEMA>, report: Report): void {
  checkName(scope, report);
  checkCloseTimeout(value, report);
  const { certificate, moreCertificates = [], passThrough, clientAuth, serverName, ticketKeys } = value;
  if (certificate !== undefined) checkCertificate(scope, ["certificate"], certificate, serverName, report);
  for (const [index, each] of moreCertificates.entries()) {
    checkCertificate(scope, ["moreCertificates", index], each, undefined, report);
  }
  if (clientAuth) checkClientAuth(scope, clientAuth, report);
  if (ticketKeys) checkTicketKeys(["ticketKeys"], ticketKeys, report);
  if (passThrough?.trust) checkAuthorities(scope, ["passThrough", "trust"], passThrough.trust, report);
  checkWay(value, report);
}

/** Reports neither of the two ways or both, and what the nodes cannot do to a stream that they pass on. */
function checkWay(value: Filled<typeof SCHEMA>, report: Report): void {
  const { certificate, passThrough, strictSni, minimumTlsVersion } = value;
  if (passThrough === undefined) {
    if (certificate !== undefined) return;
    const message =
      "is required: Certificate.fromLocalFile(), or another Certificate, to terminate TLS on the node; or give 'passThrough', to let the servers do so";
    report("DNSLB102", ["certificate"], message);
    return;
  }
  const given: readonly (keyof DotListenerProps)[] = [
    ...(["certificate", "moreCertificates", "serverName", "clientAuth", "ticketKeys"] as const).filter(
      (name) => value[name] !== undefined,
    ),
    ...(strictSni ? (["strictSni"] as const) : []),
    ...(minimumTlsVersion === "1.2" ? [] : (["minimumTlsVersion"] as const)),
  ];
  for (const name of given) {
    report(
      "DNSLB113",
      [name],
      "cannot go with 'passThrough', by which the servers terminate TLS with certificates of their own; leave out the one or the other",
    );
  }
}

function checkClientAuth(scope: DotListener, clientAuth: Filled<typeof CLIENT_AUTH>, report: Report): void {
  const { trust, mode, allowedNames } = clientAuth;
  checkAuthorities(scope, ["clientAuth", "trust"], trust, report);
  if (allowedNames === undefined) return;
  const path = ["clientAuth", "allowedNames"];
  if (allowedNames.length === 0) {
    report(
      "DNSLB111",
      path,
      "must hold at least one name, got an empty list, which serves nobody; leave it out for all",
    );
  }
  checkDuplicates(path.join("."), allowedNames, (name) => name.toLowerCase(), report);
  if (mode === "optional") {
    report(
      "DNSLB113",
      path,
      'cannot go with mode "optional", which serves clients without a certificate, so that whoever is not named presents none; require certificates, or leave the names out',
    );
  }
}

/** How the subject of a client's certificate calls it: a line of HAProxy's list, in which `#` begins a comment. */
const commonName = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: "a common name of 1 to 64 printable ASCII characters, without spaces around it, that does not begin with #",
  accepts: (value) => typeof value === "string" && /^(?![ #])[ -~]{1,64}(?<! )$/.test(value),
});

const CLIENT_AUTH = object<ClientAuthOptions>()({
  trust: secret("TrustStore"),
  mode: withDefault(oneOf<"optional" | "required">({ optional: true, required: true }), "required"),
  allowedNames: optional(listOf(commonName)),
});

const SCHEMA = object<DotListenerProps>()({
  frontend: construct<IDnsFrontend>(["DnsFrontend"], "a DnsFrontend"),
  certificate: optional(secret("Certificate")),
  passThrough: optional(
    object<PassThroughOptions>()({
      name: writtenName,
      port: optional(port),
      trust: optional(secret("TrustStore")),
      serversJudge: withDefault(boolean, false),
    }),
  ),
  serverName: optional(writtenName),
  moreCertificates: optional(listOf(secret("Certificate"))),
  strictSni: withDefault(boolean, false),
  clientAuth: optional(CLIENT_AUTH),
  ticketKeys: optional(secret("Secret")),
  port: withDefault(port, 853),
  minimumTlsVersion: withDefault(oneOf<"1.2" | "1.3">({ "1.2": true, "1.3": true }), "1.2"),
  idleTimeout: withDefault(IDLE_TIMEOUT, "30s"),
  closeTimeout: optional(IDLE_TIMEOUT),
});

const INPUT = input({ name: "DotListener", schema: SCHEMA });
