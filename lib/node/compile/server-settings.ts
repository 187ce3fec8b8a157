import { hostCidr } from "../../core/ip.js";
import type { DaemonVersion } from "../../model/platform-profile.js";
import type { ServerSoftware } from "../../model/server-software.js";
import { isOlder } from "../features.js";

/*
 * What servers that this library does not deploy need in their configurations to take the addresses of clients from PROXY
 * headers. Each line is for whoever configures the server, so none is written to a node.
 */

/** What the settings depend on. */
export interface ServerSettingsInput {
  /** From where load balancers query: the addresses of their nodes. */
  readonly sources: readonly string[];
  /** The ports of the pool's servers. */
  readonly ports: readonly number[];
  readonly version: DaemonVersion;
}

/** The lines for the configuration of a server. */
export function serverSettings(software: ServerSoftware, input: ServerSettingsInput): readonly string[] {
  return SETTINGS[software](input);
}

const SETTINGS: Readonly<Record<ServerSoftware, (input: ServerSettingsInput) => readonly string[]>> = {
  bind: ({ sources, ports }) => [
    ...ports.flatMap((port) => [
      `listen-on port ${port} proxy plain { any; };`,
      `listen-on-v6 port ${port} proxy plain { any; };`,
    ]),
    `allow-proxy { ${sources.map((source) => `${source}; `).join("")}};`,
  ],
  "knot-resolver": ({ sources, version }) =>
    isOlder(version, "6.0")
      ? [`net.proxy_allowed({ ${quoted(sources)} })`]
      : ["network:", "  proxy-protocol:", `    allow: [${quoted(sources)}]`],
  nsd: ({ ports }) => ["server:", ...ports.map((port) => `    proxy-protocol-port: ${port}`)],
  pdns: ({ sources }) => [`proxy-protocol-from=${sources.join(",")}`],
  "pdns-recursor": ({ sources, version }) =>
    isOlder(version, "5.0")
      ? [`proxy-protocol-from=${sources.join(",")}`]
      : ["incoming:", `  proxy_protocol_from: [${quoted(sources)}]`],
  unbound: ({ sources, ports }) => [
    "server:",
    ...ports.map((port) => `    proxy-protocol-port: ${port}`),
    ...sources.map((source) => `    access-control: ${hostCidr(source)} allow`),
  ],
};

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(", ");
}
