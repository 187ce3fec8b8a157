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
  /** The node's directory for sockets. */
  readonly run: string;
}

/** The options of HAProxy's `bind` for a listener with TLS. */
export function haproxyTlsBind({ name, minimumVersion, protocol, run }: TlsOptions): string[] {
  return [
    ...["ssl", "crt", `../${certificatePath(name)}`, "alpn", protocol],
    ...["ssl-min-ver", `TLSv${minimumVersion}`],
    ...["tls-ticket-keys", `${run}/${TICKET_KEYS}${name}`],
  ];
}

/** The file of a listener's certificate, chain and key in the release. */
export function certificatePath(name: string): string {
  return `secrets/${name}.pem`;
}
