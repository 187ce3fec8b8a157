import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PoolMemberOptions } from "../../../lib/index.js";
import type { Site } from "./site.js";

const HOST = 12;

/** A resolver that the app does not deploy, as its settings name it. */
export const OUTSIDE_RESOLVER: PoolMemberOptions = { name: "resolver3", address: `172.30.53.${HOST}` };

/** Runs that resolver on the engine's bridge; it ends with the engine. */
export async function startOutsideResolver(site: Site): Promise<void> {
  const folder = join(site.workspace.directory, "resolver3");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "unbound.conf");
  const lines = [
    "server:",
    `  interface: ${OUTSIDE_RESOLVER.address}`,
    "  proxy-protocol-port: 53",
    // Unbound has room for 10, and when half of them are taken, it ends those that are silent for 0.3 s.
    "  incoming-num-tcp: 256",
    "  access-control: 0.0.0.0/0 allow",
    "  access-control: ::/0 allow",
    '  username: ""',
    '  chroot: ""',
    `  directory: "${folder}"`,
    `  pidfile: "${join(folder, "pid")}"`,
    '  module-config: "iterator"',
    "  use-syslog: no",
    '  local-zone: "home.arpa." static',
    '  local-data: "health.home.arpa. A 192.0.2.1"',
    '  local-data: "www.home.arpa. A 192.0.2.80"',
    '  local-data: "whoami.home.arpa. TXT resolver3"',
    "remote-control:",
    "  control-enable: no",
    "",
  ];
  writeFileSync(file, lines.join("\n"));
  const { address } = OUTSIDE_RESOLVER;
  await site.client(HOST).query("health.home.arpa", "A", { server: address, timeout: "100ms" });
  const { code, stderr } = await site.clients.run(address, ["unbound", "-c", file]);
  if (code !== 0) throw new Error(`resolver3 does not start: ${stderr}`);
}
