import { printNsd } from "../../config/nsd/print.js";
import { printUnbound } from "../../config/unbound/print.js";
import type { DnsServer } from "../../model/dns-server.js";
import type { ComposedFile, NodeSpec, ReleaseFile, SecretFile, Service } from "../../model/node-spec.js";
import type { NsdServer } from "../../model/nsd.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { UnboundServer } from "../../model/unbound.js";
import { featuresOf } from "../features.js";
import { digestOf, sortedByPath } from "./digest.js";
import { ALIVE_ZONE } from "./names.js";
import { compileNsd, nsdAliveFile, nsdCheck, nsdSecrets, nsdStartSettings, nsdZoneFiles } from "./nsd.js";
import { compileUnbound, unboundStartSettings } from "./unbound.js";

/** Compiles a valid server for its node on one platform. Same input, same bytes. */
export function compileServerNode(server: DnsServer, profile: PlatformProfile): NodeSpec {
  const parts = server.kind === "unbound" ? unboundParts(server, profile) : nsdParts(server, profile);
  const proxied = server.clientAddress === "proxy-protocol" && parts.proxyProtocol;
  const manifest: NodeSpec["manifest"] = {
    schema: 1,
    loadBalancer: server.name,
    node: server.node.name,
    user: profile.user,
    services: [parts.service],
    compose: parts.composedFiles,
    ready: server.node.addresses.map((address) => ({
      kind: "dns",
      service: server.kind,
      port: server.port,
      name: parts.aliveName,
      address,
      ...(proxied ? { proxyProtocol: true } : {}),
    })),
    pools: [],
  };
  return {
    loadBalancer: server.name,
    node: server.node.name,
    profile,
    files: sortedByPath([{ path: "manifest.json", content: `${JSON.stringify(manifest, null, 2)}\n` }, ...parts.files]),
    secretFiles: sortedByPath(parts.secretFiles),
    manifest,
  };
}

interface Parts {
  readonly service: Service;
  readonly files: readonly ReleaseFile[];
  readonly secretFiles: readonly SecretFile[];
  readonly composedFiles: readonly ComposedFile[];
  /** Answered by this release and no other, so that a change is believed only when it is in force. */
  readonly aliveName: string;
  readonly proxyProtocol: boolean;
}

function unboundParts(server: UnboundServer, profile: PlatformProfile): Parts {
  const path = "unbound/unbound.conf";
  const conf = `{state}/current/${path}`;
  const text = (aliveName: string) => printUnbound(compileUnbound(server, profile, aliveName));
  const aliveName = aliveNameOf(text(ALIVE_ZONE));
  return {
    service: {
      name: "unbound",
      user: profile.user,
      command: ["unbound", "-d", "-p", "-c", conf],
      check: ["unbound-checkconf", `{release}/${path}`],
      reload: {
        kind: "command",
        command: [
          "unbound-control",
          "-c",
          conf,
          featuresOf(profile.versions).reloadKeepsCache ? "reload_keep_cache" : "reload",
        ],
      },
      startSettings: digestOf(JSON.stringify(unboundStartSettings(server))),
    },
    files: [{ path, content: text(aliveName) }],
    secretFiles: [],
    composedFiles: [],
    aliveName,
    proxyProtocol: true,
  };
}

function nsdParts(server: NsdServer, profile: PlatformProfile): Parts {
  const path = "nsd/nsd.conf";
  const conf = `{state}/current/${path}`;
  const files = [{ path, content: printNsd(compileNsd(server, profile)) }, ...nsdZoneFiles(server)];
  const aliveName = aliveNameOf(...files.flatMap((file) => [file.path, file.content]));
  return {
    service: {
      name: "nsd",
      user: profile.user,
      command: ["nsd", "-d", "-c", conf],
      check: nsdCheck(server),
      reload: { kind: "command", command: ["sh", "-c", RELOAD, "nsd-reload", conf] },
      startSettings: digestOf(JSON.stringify(nsdStartSettings(server, profile))),
      keepsData: true,
    },
    files: [...files, nsdAliveFile(aliveName)],
    ...nsdSecrets(server),
    aliveName,
    proxyProtocol: featuresOf(profile.versions).nsdProxyProtocol,
  };
}

/** First the list of zones and the keys, then the zones' files. */
const RELOAD = 'nsd-control -c "$1" reconfig && nsd-control -c "$1" reload';

function aliveNameOf(...texts: readonly string[]): string {
  return `${digestOf(...texts)}.${ALIVE_ZONE}`;
}
