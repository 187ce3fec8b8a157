import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DaemonVersion } from "../../../lib/model/platform-profile.js";
import type { ServerSoftware } from "../../../lib/model/server-software.js";
import { serverSettings } from "../../../lib/node/compile/server-settings.js";
import type { Suite } from "./roots.js";

/** The clients: one whom every server answers, and one whom those refuse that can. */
export const ALLOWED = "10.0.1.7";
export const DENIED = "10.0.2.7";

/** The port of all servers. */
export const PORT = 5_300;

/** How a server shows that it knows its client. */
export interface Behaviour {
  /** What the denied client gets; nothing where the server refuses no one. */
  readonly denied?: "REFUSED" | "timeout";
  /** Whether the port answers queries without a header, too. */
  readonly plainToo: boolean;
}

/** A server to be tried. */
export interface Program extends Behaviour {
  readonly software: ServerSoftware;
  readonly role: "resolver" | "authoritative";
  readonly versions: Partial<Readonly<Record<Suite, DaemonVersion>>>;
  /** Writes its files, and gives its command. */
  readonly command: (place: Place) => readonly string[];
}

/** Where a server runs, and what it is told. */
export interface Place {
  readonly directory: string;
  readonly address: string;
  readonly version: DaemonVersion;
  /** The addresses of the load balancer's node. */
  readonly sources: readonly string[];
}

const ZONE = `$ORIGIN example.com.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
www A 192.0.2.80
health A 192.0.2.53
`;

const lines = (software: ServerSoftware, { sources, version }: Place, indent = ""): string =>
  serverSettings(software, { sources, version, ports: [PORT] })
    .map((line) => `${indent}${line}\n`)
    .join("");

function write(directory: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
}

/** The networks that may ask: the client's, and the load balancer's, whose probes come in its own name. */
const mayAsk = (sources: readonly string[]) => ["10.0.1.0/24", ...sources.map((source) => `${source}/32`)];

export const PROGRAMS: readonly Program[] = [
  {
    ...{ software: "bind", role: "authoritative", denied: "REFUSED", plainToo: false },
    versions: { trixie: "9.20" },
    command: (place) => {
      const { directory, sources } = place;
      write(directory, {
        "example.com": ZONE,
        "named.conf": `options {
  directory "${directory}";
  pid-file none;
  session-keyfile none;
  recursion no;
  querylog yes;
  allow-query { ${mayAsk(sources).join("; ")}; };
${lines("bind", place, "  ")}};
controls { };
zone "example.com" { type primary; file "${directory}/example.com"; };
`,
      });
      return ["named", "-g", "-n", "1", "-c", `${directory}/named.conf`];
    },
  },
  {
    ...{ software: "nsd", role: "authoritative", plainToo: false },
    versions: { trixie: "4.12" },
    command: (place) => {
      const { directory, address } = place;
      write(directory, {
        "example.com": ZONE,
        "nsd.conf": `server:
  ip-address: ${address}@${PORT}
  username: ""
  chroot: ""
  zonesdir: "${directory}"
  pidfile: "${directory}/nsd.pid"
  xfrdfile: "${directory}/xfrd.state"
  xfrdir: "${directory}"
  zonelistfile: "${directory}/zone.list"
${lines("nsd", place)}remote-control:
  control-enable: no
zone:
  name: example.com
  zonefile: example.com
  allow-query: ${ALLOWED} NOKEY
${place.sources.map((source) => `  allow-query: ${source} NOKEY\n`).join("")}`,
      });
      return ["nsd", "-d", "-c", `${directory}/nsd.conf`];
    },
    denied: "REFUSED",
  },
  {
    ...{ software: "pdns", role: "authoritative", plainToo: true },
    versions: { bookworm: "4.7", trixie: "4.9" },
    command: (place) => {
      const { directory, address } = place;
      write(directory, {
        "example.com": ZONE,
        "named.conf": `zone "example.com" { type master; file "${directory}/example.com"; };\n`,
        "pdns.conf": `launch=bind
bind-config=${directory}/named.conf
local-address=${address}
local-port=${PORT}
socket-dir=${directory}
daemon=no
guardian=no
log-dns-queries=yes
loglevel=6
${lines("pdns", place)}`,
      });
      return ["pdns_server", `--config-dir=${directory}`];
    },
  },
  {
    ...{ software: "pdns-recursor", role: "resolver", denied: "timeout", plainToo: true },
    versions: { bookworm: "4.8", trixie: "5.2" },
    command: (place) => {
      const { directory, address, sources } = place;
      const old = place.version.startsWith("4.");
      write(directory, {
        "example.com": ZONE,
        ...(old
          ? {
              "recursor.conf": `local-address=${address}
local-port=${PORT}
allow-from=${mayAsk(sources).join(",")}
auth-zones=example.com=${directory}/example.com
socket-dir=${directory}
daemon=no
quiet=no
security-poll-suffix=
${lines("pdns-recursor", place)}`,
            }
          : {
              "recursor.yml": `${lines("pdns-recursor", place)}  listen: ["${address}:${PORT}"]
  allow_from: [${mayAsk(sources)
    .map((network) => `"${network}"`)
    .join(", ")}]
recursor:
  socket_dir: ${directory}
  security_poll_suffix: ""
  auth_zones:
    - zone: example.com
      file: ${directory}/example.com
logging:
  quiet: false
`,
            }),
      });
      return ["pdns_recursor", `--config-dir=${directory}`];
    },
  },
  {
    ...{ software: "knot-resolver", role: "resolver", denied: "REFUSED", plainToo: true },
    versions: { bookworm: "5.6", trixie: "5.7" },
    command: (place) => {
      const { directory, address } = place;
      write(directory, {
        "kresd.conf": `net.listen("${address}", ${PORT}, { kind = "dns" })
${lines("knot-resolver", place)}modules = { "view", "hints > iterate" }
view:addr("${DENIED}/32", policy.all(policy.REFUSE))
hints["www.example.com"] = "192.0.2.80"
hints["health.example.com"] = "192.0.2.53"
log_level("info")
`,
      });
      return ["kresd", "-n", "-c", `${directory}/kresd.conf`, directory];
    },
  },
  {
    ...{ software: "unbound", role: "resolver", denied: "REFUSED", plainToo: false },
    versions: { bookworm: "1.17", trixie: "1.22" },
    command: (place) => {
      const { directory, address } = place;
      write(directory, {
        "unbound.conf": `server:
  interface: ${address}@${PORT}
  username: ""
  chroot: ""
  pidfile: ""
  directory: "${directory}"
  do-daemonize: no
  use-syslog: no
  module-config: "iterator"
  access-control: ${ALLOWED}/32 allow
  access-control: 0.0.0.0/0 refuse
  local-zone: example.com static
  local-data: "www.example.com 60 IN A 192.0.2.80"
  local-data: "health.example.com 60 IN A 192.0.2.53"
${lines("unbound", place)}`,
      });
      return ["unbound", "-d", "-c", `${directory}/unbound.conf`];
    },
  },
];
