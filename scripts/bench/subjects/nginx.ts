import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DNS_PORT } from "../../../lib/model/dns-listener.js";
import type { Machine } from "../machine.js";
import type { Subject } from "./subject.js";

/** How an nginx is tuned by hand. */
export interface NginxTuning {
  readonly servers: readonly string[];
  readonly processors: number;
}

/**
 * Starts nginx with its stream module. A session over UDP ends when its client was silent, not after the first answer:
 * this is how nginx is fastest.
 */
export function nginxByHand(machine: Machine, tuning: NginxTuning): Subject {
  for (const folder of ["logs", "temp"]) mkdirSync(join(machine.directory, folder), { recursive: true });
  const config = machine.write("nginx.conf", nginxConf(machine, tuning));
  machine.start("nginx", ["nginx", "-p", machine.directory, "-e", join(machine.directory, "error.log"), "-c", config]);
  const { address, namespace } = machine;
  return { name: "nginx", title: "nginx stream", address, port: DNS_PORT, namespace };
}

/** The configuration of nginx by hand. */
export function nginxConf(
  { address, directory }: Pick<Machine, "address" | "directory">,
  { servers, processors }: NginxTuning,
): string {
  return `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
user root;
pid ${directory}/nginx.pid;
worker_processes ${processors};
worker_rlimit_nofile 20000;
error_log ${directory}/error.log error;
events { worker_connections 9000; }
stream {
  upstream dns {
${servers.map((server) => `    server ${server}:${DNS_PORT};`).join("\n")}
  }
  server {
    listen ${address}:${DNS_PORT} udp reuseport;
    proxy_timeout 5s;
    proxy_pass dns;
  }
  server {
    listen ${address}:${DNS_PORT} reuseport;
    proxy_timeout 30s;
    proxy_pass dns;
  }
}
`;
}
