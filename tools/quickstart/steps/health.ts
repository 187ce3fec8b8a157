import { type LoadBalancer, poolsOf } from "../../../lib/model/load-balancer.js";
import type { Lab } from "../../../lib/testing/index.js";
import { table } from "../../../scripts/figures/table.js";
import type { Health, ServerHealth } from "../report.js";

interface AgentStatus {
  readonly pools: readonly {
    readonly name: string;
    readonly servers: readonly {
      readonly name: string;
      readonly haproxy: Readonly<Record<string, string>>;
      readonly dnsdist: Readonly<Record<string, string>>;
    }[];
  }[];
}

/** Asks a node's agent what both daemons think of every server. */
export async function healthOf(lab: Lab, model: LoadBalancer, node: string): Promise<Health> {
  const { status, stdout, stderr } = await lab.node(node).agent("status", "--json");
  if (status !== 0) throw new RangeError(`the agent of ${node} tells no status: ${(stderr + stdout).trim()}`);
  const { pools } = JSON.parse(stdout) as AgentStatus;
  const servers = poolsOf(model).flatMap((pool) =>
    pool.servers.map(({ name, tls }) => {
      const found = pools.find((each) => each.name === pool.name)?.servers.find((each) => each.name === name);
      const { udp, tcp } = found?.dnsdist ?? {};
      // To dnsdist a server that is asked over TLS is one, whatever its clients speak.
      const dnsdist = { udp: udp ?? "unknown", tcp: (tls === undefined ? tcp : udp) ?? "unknown" };
      return healthOfServer(pool.name, name, Object.values(found?.haproxy ?? {}), dnsdist);
    }),
  );
  return { node, servers };
}

/** Shows the health of all servers. */
export function showHealth({ servers }: Health): string {
  return table(
    ["pool", "server", "HAProxy TCP", "dnsdist UDP", "dnsdist TCP"],
    servers.map(({ pool, server, haproxy, dnsdistUdp, dnsdistTcp }) => [pool, server, haproxy, dnsdistUdp, dnsdistTcp]),
  );
}

function healthOfServer(
  pool: string,
  server: string,
  haproxy: readonly string[],
  { udp, tcp }: { readonly udp: string; readonly tcp: string },
): ServerHealth {
  const up = [...haproxy, udp, tcp].every((state) => /^up/i.test(state));
  const told = haproxy.length === 0 ? {} : { haproxy: [...new Set(haproxy)].join("/").toLowerCase() };
  return { pool, server, ...told, dnsdistUdp: udp, dnsdistTcp: tcp, up };
}
