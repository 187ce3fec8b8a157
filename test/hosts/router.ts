import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Namespace } from "../e2e/engine/namespace.js";
import { until } from "../e2e/run.js";
import type { Machine } from "./machine.js";
import { OPERATOR } from "./network.js";

/** A group of nodes: its number, that of its router, and what it announces. */
export const GROUP = {
  asn: 64_512,
  router: 64_500,
  addresses: { ipv4: "203.0.113.53", ipv6: "2001:db8:113::53" },
} as const;

/** BIRD on the operator's side of the switch, which leads clients to the nodes of a group. */
export class Router {
  private constructor(
    private readonly namespace: Namespace,
    private readonly directory: string,
  ) {}

  static async start(
    namespace: Namespace,
    directory: string,
    nodes: readonly Machine[],
    password: string,
  ): Promise<Router> {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "bird.conf"), configuration(nodes, password), { mode: 0o600 });
    const forward = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv4.conf.all.send_redirects=0"];
    const hash = ["net.ipv4.fib_multipath_hash_policy=1", "net.ipv6.fib_multipath_hash_policy=1"];
    await namespace.mustRun(["sysctl", "-qw", ...forward, ...hash, "net.ipv4.conf.br0.send_redirects=0"]);
    const router = new Router(namespace, directory);
    const log = openSync(join(directory, "log"), "a");
    namespace.start(
      ["bird", "-f", "-c", join(directory, "bird.conf"), ...router.#control, "-P", "/run/router.pid"],
      log,
    );
    closeSync(log);
    await until("the router", 10, async () => (await router.ask("show", "status")).includes("is up"));
    return router;
  }

  /** What BIRD says. */
  async ask(...words: readonly string[]): Promise<string> {
    return (await this.namespace.run(["birdc", ...this.#control, ...words])).stdout;
  }

  /** The nodes to which it sends clients, by the last part of their addresses, for each family. */
  async nodes(): Promise<{ readonly ipv4: readonly number[]; readonly ipv6: readonly number[] }> {
    const { ipv4, ipv6 } = GROUP.addresses;
    const ways = async (family: string, address: string) => {
      const { stdout } = await this.namespace.run(["ip", "-o", family, "route", "show", address]);
      return [...stdout.matchAll(/via \S*?[.:](\d+) /g)].map(([, number]) => Number(number)).sort((a, b) => a - b);
    };
    return { ipv4: await ways("-4", ipv4), ipv6: await ways("-6", ipv6) };
  }

  get #control(): readonly string[] {
    return ["-s", join(this.directory, "ctl")];
  }
}

function configuration(nodes: readonly Machine[], password: string): string {
  const sessions = nodes.flatMap(({ name, address, address6 }) =>
    [
      ["ipv4", address],
      ["ipv6", address6],
    ].map(
      ([family, neighbor]) =>
        `protocol bgp ${name}_${family} from node { neighbor ${neighbor} as ${GROUP.asn}; ${family} { import filter service; import limit 1 action block; export none; }; }`,
    ),
  );
  const { ipv4, ipv6 } = GROUP.addresses;
  return [
    `router id ${OPERATOR[0]};`,
    `define SERVICE4 = [ ${ipv4}/32 ];`,
    `define SERVICE6 = [ ${ipv6}/128 ];`,
    "filter service {",
    "  if !(net.type = NET_IP4 && net ~ SERVICE4) && !(net.type = NET_IP6 && net ~ SERVICE6) then reject;",
    "  if (65535, 0) ~ bgp_community then bgp_local_pref = 0;",
    "  accept;",
    "}",
    "protocol device { }",
    "protocol bfd { }",
    "protocol kernel { merge paths on limit 8; ipv4 { import none; export where source = RTS_BGP; }; }",
    "protocol kernel { merge paths on limit 8; ipv6 { import none; export where source = RTS_BGP; }; }",
    "template bgp node {",
    `  local as ${GROUP.router};`,
    `  password "${password}";`,
    "  ttl security on; hold time 9; keepalive time 3; connect delay time 1; graceful restart off;",
    "  bfd { min rx interval 300 ms; min tx interval 300 ms; multiplier 3; };",
    "}",
    ...sessions,
    "",
  ].join("\n");
}
