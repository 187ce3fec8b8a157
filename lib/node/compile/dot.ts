import type { Directive, HaproxySection } from "../../config/haproxy/model.js";
import type { DotListener } from "../../model/dot-listener.js";
import type { Frontend } from "../../model/frontend.js";
import type { ManifestListener, TlsListener } from "../../model/manifest.js";
import type { ReleaseFile, SecretFile } from "../../model/node-spec.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Secret } from "../../model/secret.js";
import { featuresOf } from "../features.js";
import { haproxyAccess } from "./access.js";
import { haproxyBind, haproxyListener } from "./bind.js";
import { haproxyClientTimeouts } from "./client-timeouts.js";
import { haproxyFirstMessage, haproxyHandshakeTimeout } from "./connections.js";
import { haproxyRouting } from "./pool.js";
import { haproxyRateLimit } from "./rate-limit.js";
import { certificateFiles, certificatePath, haproxyTlsBind } from "./tls.js";
import { haproxyTransfers } from "./transfer.js";

/** HAProxy's frontend that terminates DNS over TLS; access, limits and pool are those of its frontend. */
export function haproxyDot(
  frontend: Frontend,
  listener: DotListener,
  { versions, paths }: PlatformProfile,
): HaproxySection {
  const features = featuresOf(versions);
  return {
    kind: "frontend",
    name: listener.name,
    directives: [
      ...dotListeners(frontend, listener).map((each) => bind(each, listener, paths.run)),
      ...haproxyClientTimeouts(listener),
      ...haproxyHandshakeTimeout(features.handshakeTimeout),
      ...haproxyAccess(frontend),
      ...haproxyRateLimit(frontend, features),
      ...haproxyAllowedNames(listener),
      ...haproxyFirstMessage(),
      ...haproxyTransfers(frontend),
      ...haproxyRouting(frontend),
    ],
  };
}

/** The sockets of a DoT listener. */
export function dotListeners({ addresses }: Frontend, { port }: DotListener): ManifestListener[] {
  return addresses.map((address) => haproxyListener(address, port));
}

/** The secret files of a listener, by their path in the release. */
export function dotSecretFiles(listener: DotListener): SecretFile[] {
  return [
    ...certificatesOf(listener).flatMap((source, index) =>
      certificateFiles(certificatePath(listener.name, index), source),
    ),
    ...(listener.clientAuth ? [{ path: trustPath(listener), source: listener.clientAuth.trust }] : []),
    ...(listener.ticketKeys ? [{ path: ticketKeysPath(listener), source: listener.ticketKeys }] : []),
  ];
}

/** HAProxy's file with the common names of the clients that a listener serves. */
export function dotClientNames({ name, clientAuth }: DotListener): ReleaseFile[] {
  const { allowedNames } = clientAuth ?? {};
  if (allowedNames === undefined) return [];
  return [{ path: `haproxy/${namesPath(name)}`, content: allowedNames.map((each) => `${each}\n`).join("") }];
}

/** Ends connections of clients by the names of their certificates, whose chains the handshake has verified. */
function haproxyAllowedNames({ name, clientAuth }: DotListener): Directive[] {
  if (clientAuth?.allowedNames === undefined) return [];
  // A session that is resumed has the certificate of the handshake that began it.
  return [
    [
      ...(["tcp-request", "session", "reject", "unless"] as const),
      ...["{", "ssl_c_s_dn(CN)", "-m", "str", "-i", "-f", namesPath(name), "}"],
    ],
  ];
}

function certificatesOf({ certificate, moreCertificates = [] }: DotListener): readonly Secret[] {
  return [certificate, ...moreCertificates];
}

/** What the agent must know of a listener. */
export function dotTls(listener: DotListener): TlsListener {
  const { name, moreCertificates = [], serverName, clientAuth, ticketKeys } = listener;
  return {
    name,
    service: "haproxy",
    certificate: certificatePath(name),
    ...(moreCertificates.length === 0
      ? {}
      : { moreCertificates: moreCertificates.map((_, index) => certificatePath(name, index + 1)) }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(clientAuth ? { clients: { trust: trustPath(listener), mode: clientAuth.mode } } : {}),
    ...(ticketKeys ? { ticketKeys: ticketKeysPath(listener) } : {}),
  };
}

function bind(socket: ManifestListener, listener: DotListener, run: string): Directive {
  const { name, minimumTlsVersion, clientAuth, strictSni = false } = listener;
  const certificates = certificatesOf(listener).length;
  return haproxyBind(
    socket,
    ...haproxyTlsBind({ name, minimumVersion: minimumTlsVersion, protocol: "dot", run, certificates, strictSni }),
    ...(clientAuth ? ["ca-file", `../${trustPath(listener)}`, "verify", clientAuth.mode] : []),
  );
}

function namesPath(name: string): string {
  return `lists/${name}-names.lst`;
}

function ticketKeysPath({ name }: DotListener): string {
  return `secrets/${name}-ticket-keys`;
}

function trustPath({ name }: DotListener): string {
  return `secrets/${name}-clients.pem`;
}
