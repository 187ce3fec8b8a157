import * as net from "node:net";
import * as tls from "node:tls";
import type { Failure, Target } from "./client-protocol.js";

/** Opens a TCP or TLS connection. TLS offers ALPN `dot`, and verifies the server's name if one is given. */
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

/** The event after which a connection can be written to. */
export function readyEvent(target: Target): "connect" | "secureConnect" {
  return target.transport === "dot" ? "secureConnect" : "connect";
}

/** The ALPN protocol and TLS version that were negotiated. */
export function tlsFacts(socket: net.Socket): { alpn?: string; tlsVersion?: string } {
  if (!(socket instanceof tls.TLSSocket)) return {};
  const version = socket.getProtocol();
  return {
    ...(typeof socket.alpnProtocol === "string" ? { alpn: socket.alpnProtocol } : {}),
    ...(version === null ? {} : { tlsVersion: version }),
  };
}

/** Classifies an error of a socket. */
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
