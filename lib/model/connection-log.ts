/** A facility of syslog (RFC 5424, 6.2.1) that is free for services. */
export type SyslogFacility = "daemon" | `local${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`;

/** The log of TCP and TLS connections: one line for each when it ends. */
export interface ConnectionLog {
  readonly format: "text" | "json";
  /** Where it goes: to the node's own log, or to a syslog server over UDP. */
  readonly target:
    | { readonly kind: "local" }
    | {
        readonly kind: "syslog";
        readonly address: string;
        readonly port: number;
        readonly facility: SyslogFacility;
      };
}
