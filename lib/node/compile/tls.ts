import type { Directive } from "../../config/haproxy/model.js";
import { listenersOf } from "../../model/listener.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import type { SecretFile } from "../../model/node-spec.js";
import type { Secret } from "../../model/secret.js";

/**
 * The files with the keys of session tickets, in the node's directory for sockets: this and the name of the listener. Each
 * listener has keys of its own, because HAProxy lets a ticket of one listener pass at another, whatever clients must
 * present there.
 */
export const TICKET_KEYS = "haproxy-tickets-";

/** What stands before the path of a file in the release where HAProxy's configuration, in a folder of it, names it. */
export const CERTIFICATES = "../";

/*
 * The ciphers of TLS 1.2 that Mozilla's policy "intermediate" has, but for those with Diffie-Hellman over finite fields:
 * forward secrecy and authenticated encryption alone (RFC 9325, section 4.2). All of TLS 1.3 are such.
 * See https://wiki.mozilla.org/Security/Server_Side_TLS.
 */
const CIPHERS = [
  ...["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  ...["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  ...["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"],
];

/** What all listeners of HAProxy with TLS have in common, where it has such: the ciphers of TLS 1.2, and no cache. */
export function haproxyTls({ frontends, statistics }: LoadBalancer): Directive[] {
  const hasTls = statistics?.certificate !== undefined || frontends.some((each) => listenersOf(each, "dot").length > 0);
  if (!hasTls) return [];
  return [
    ["ssl-default-bind-ciphers", CIPHERS.join(":")],
    // Sessions are resumed by tickets, whose keys the nodes share. A cache of sessions would be filled by each of them.
    ["tune.ssl.cachesize", "0"],
  ];
}

/** How a listener of HAProxy speaks TLS. */
export interface TlsOptions {
  /** The name of the listener, unique among those with TLS. */
  readonly name: string;
  readonly minimumVersion: "1.2" | "1.3";
  /** The protocol that runs inside, as registered for ALPN (RFC 7301). */
  readonly protocol: string;
  /** The number of its certificates. @default 1 */
  readonly certificates?: number;
  /** Ends handshakes for a name that is in no certificate. @default false */
  readonly strictSni?: boolean;
  /** The node's directory for sockets. */
  readonly run: string;
}

/** The options of HAProxy's `bind` for a listener with TLS. */
export function haproxyTlsBind({
  name,
  minimumVersion,
  protocol,
  run,
  certificates = 1,
  strictSni = false,
}: TlsOptions): string[] {
  const files = Array.from({ length: certificates }, (_, index) => certificatePath(name, index));
  return [
    "ssl",
    // Clients that HAProxy finds no certificate for get the first.
    ...files.flatMap((path) => ["crt", `${CERTIFICATES}${path}`]),
    ...(strictSni ? ["strict-sni"] : []),
    ...["alpn", protocol],
    ...["ssl-min-ver", `TLSv${minimumVersion}`],
    ...["tls-ticket-keys", `${run}/${TICKET_KEYS}${name}`],
  ];
}

/** The secret files of a certificate: a private key in a file of its own lies beside it, where HAProxy looks for it. */
export function certificateFiles(path: string, source: Secret): SecretFile[] {
  if (source.kind !== "node-file" || source.key === undefined) return [{ path, source }];
  return [
    { path, source },
    { path: `${path}.key`, source: { kind: "node-file", path: source.key }, keyOf: source },
  ];
}

/** The file of a listener's certificate, chain and key in the release; of the first, or of a further one. */
export function certificatePath(name: string, index = 0): string {
  return index === 0 ? `secrets/${name}.pem` : `secrets/${name}/${index + 1}.pem`;
}
