/**
 * The files with the keys of session tickets, in the node's directory for sockets: this and the name of the listener. Each
 * listener has keys of its own, because HAProxy lets a ticket of one listener pass at another, whatever clients must
 * present there.
 */
export const TICKET_KEYS = "haproxy-tickets-";

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
    ...files.flatMap((path) => ["crt", `../${path}`]),
    ...(strictSni ? ["strict-sni"] : []),
    ...["alpn", protocol],
    ...["ssl-min-ver", `TLSv${minimumVersion}`],
    ...["tls-ticket-keys", `${run}/${TICKET_KEYS}${name}`],
  ];
}

/** The file of a listener's certificate, chain and key in the release; of the first, or of a further one. */
export function certificatePath(name: string, index = 0): string {
  return index === 0 ? `secrets/${name}.pem` : `secrets/${name}/${index + 1}.pem`;
}
