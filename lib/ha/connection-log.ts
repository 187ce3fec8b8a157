import type * as model from "../model/connection-log.js";
import { serverAddress } from "../terraform/address-fields.js";
import { factoryMade } from "../terraform/brand.js";
import { madeBy, port } from "../terraform/fields.js";
import { input, parseOptions } from "../terraform/parse.js";
import { object, oneOf, type Shape, withDefault } from "../terraform/schema.js";

/** The log of TCP and TLS connections. */
export type ConnectionLog = model.ConnectionLog;

/** Options for `ConnectionLog.local()`. */
export interface LocalLogOptions {
  /**
   * Words such as `client=10.0.0.77:44600`, or one object of JSON a line.
   * @default "text"
   */
  readonly format?: ConnectionLog["format"];
}

/** Options for `ConnectionLog.syslog()`. */
export interface SyslogOptions extends LocalLogOptions {
  /** The address of the syslog server. It may be down: nothing waits for it. */
  readonly address: string;
  /**
   * The server's port of UDP.
   * @default 514
   */
  readonly port?: number;
  /**
   * The facility of the messages (RFC 5424, 6.2.1), whose severity is "informational".
   * @default "local0"
   */
  readonly facility?: model.SyslogFacility;
}

/**
 * Says where a load balancer logs TCP and TLS connections: one line for each when it ends, with client, frontend, server,
 * times, bytes and how it ended. It is a log of connections, not of queries, and knows nothing of UDP. A log that is slow, full
 * or away loses lines, and holds up no connection.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#8.2.4
 */
export const ConnectionLog = {
  /** Logs to where the node's daemons log: the output of a container, the journal of a host. */
  local(options: LocalLogOptions = {}): ConnectionLog {
    const { format } = parseOptions(LOCAL, options);
    return factoryMade("ConnectionLog", { format, target: { kind: "local" } });
  },

  /** Logs to a syslog server, over UDP (RFC 5424, RFC 5426), which nobody encrypts. */
  syslog(options: SyslogOptions): ConnectionLog {
    const { format, address, port, facility } = parseOptions(SYSLOG, options);
    return factoryMade("ConnectionLog", { format, target: { kind: "syslog", address, port, facility } });
  },
} as const;

/** The schema of the log of connections of a load balancer. */
export const CONNECTION_LOG = madeBy<ConnectionLog>("ConnectionLog", "ConnectionLog.local() or ConnectionLog.syslog()");

const LOCAL_SHAPE = {
  format: withDefault(oneOf<ConnectionLog["format"]>({ text: true, json: true }), "text"),
} satisfies Shape<LocalLogOptions>;

const LOCAL = input({ name: "ConnectionLog.local()", schema: object<LocalLogOptions>()(LOCAL_SHAPE) });

const SYSLOG = input({
  name: "ConnectionLog.syslog()",
  schema: object<SyslogOptions>()({
    ...LOCAL_SHAPE,
    address: serverAddress,
    port: withDefault(port, 514),
    facility: withDefault(
      oneOf<model.SyslogFacility>({
        daemon: true,
        local0: true,
        local1: true,
        local2: true,
        local3: true,
        local4: true,
        local5: true,
        local6: true,
        local7: true,
      }),
      "local0",
    ),
  }),
});
