import * as net from "node:net";
import * as tls from "node:tls";
import type { Failure, Target } from "./client-protocol.js";

/** A TCP or TLS connection, not yet open. TLS speaks ALPN `dot` and, unless no name is given, checks the server's. */
export function connect(target: Target): net.Socket {
  const { server: host, port } = target;
  if (target.transport !== "dot" || target.tls === undefined) return net.connect({ host, port, noDelay: true });
  const { ca, name, certificate } = target.tls;
  return tls.connect({
    host,
    port,
    ca,
    ALPNProtocols: ["dot"],
    ...(name === undefined ? { checkServerIdentity: () => undefined } : { servername: name }),
    ...(certificate === undefined ? {} : { cert: certificate, key: certificate }),
  });
}

/** The event that says that a connection can be written to. */
export function readyEvent(target: Target): "connect" | "secureConnect" {
  return target.transport === "dot" ? "secureConnect" : "connect";
}

/** What TLS agreed on. */
export function tlsFacts(socket: net.Socket): { alpn?: string; tlsVersion?: string } {
  if (!(socket instanceof tls.TLSSocket)) return {};
  const version = socket.getProtocol();
  return {
    ...(typeof socket.alpnProtocol === "string" ? { alpn: socket.alpnProtocol } : {}),
    ...(version === null ? {} : { tlsVersion: version }),
  };
}

/** Sorts the errors of sockets. */
export function failureOf(error: NodeJS.ErrnoException): Failure {
  switch (error.code) {
    case "ECONNREFUSED":
      return "CONNECTION-REFUSED";
    case "ECONNRESET":
    case "EPIPE":
      return "CONNECTION-CLOSED";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "UNREACHABLE";
    case "ETIMEDOUT":
      return "TIMEOUT";
    default:
      return "TLS-FAILED";
  }
}
