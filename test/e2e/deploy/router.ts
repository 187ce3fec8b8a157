import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostCidr } from "../../../lib/core/ip.js";
import type { OwnEngine } from "../engine.js";
import { until } from "../run.js";
import { makeTemporary, removeTemporary } from "../temporary.js";
import { ADDRESS, ASN, CLIENT, GATEWAY, NODES, PARENT, ROUTER } from "./anycast-model.js";

const RESOLVER = join(__dirname, "..", "node", "resolver.py");
/** The router's interfaces, to the nodes and to the client. */
const [TO_NODES, TO_CLIENT] = ["eth0", "eth1"];
const BITS = { ipv4: 24, ipv6: 64 } as const;
const FAMILIES = ["ipv4", "ipv6"] as const;

/** A router beside an engine, with a BIRD, a resolver on it and a client behind it, each in a network namespace. */
export class Router {
  /** The file with the password of its sessions. */
  readonly password: string;
  private readonly directory = makeTemporary("router");

  private constructor(private readonly own: OwnEngine) {
    this.password = this.write("password", "only for a test\n");
  }

  static async start(own: OwnEngine): Promise<Router> {
    const router = new Router(own);
    try {
      await router.connect();
      router.run();
      await until("the router", 10, async () => (await router.ask("show status")) !== "");
    } catch (error) {
      router.remove();
      throw error;
    }
    return router;
  }

  /** The argument list that runs a program where the client is. */
  atClient(argv: readonly string[]): readonly string[] {
    return this.own.namespace.inside(["ip", "netns", "exec", "client", ...argv]);
  }

  /** The nodes, by their names, over which the kernel of the router spreads flows to each address of the group. */
  async spreads(): Promise<Readonly<Record<string, readonly string[]>>> {
    const found = FAMILIES.map(async (family) => {
      const version = family === "ipv4" ? "-4" : "-6";
      const argv = ["ip", "-n", "router", version, "route", "show", ADDRESS[family], "proto", "bird"];
      const { stdout } = await this.own.namespace.mustRun(argv);
      const nodes = Object.entries(NODES).filter(([, node]) => stdout.split(/\s+/).includes(node[family]));
      return [ADDRESS[family], nodes.map(([name]) => name)] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  }

  /** What BIRD shows; nothing while it does not answer. */
  async ask(words: string): Promise<string> {
    const { stdout } = await this.own.namespace.run(["birdc", "-s", join(this.directory, "ctl"), words]);
    return stdout;
  }

  /** Its processes end with the engine's namespace. */
  remove(): void {
    removeTemporary(this.directory);
  }

  private async connect(): Promise<void> {
    const lines = [
      "netns add router",
      "netns add client",
      `link add ${PARENT} type veth peer name ${TO_NODES} netns router`,
      `-n router link add ${TO_CLIENT} type veth peer name eth0 netns client`,
      `link set ${PARENT} up`,
      ...["lo", TO_NODES, TO_CLIENT].map((device) => `-n router link set ${device} up`),
      ...["lo", "eth0"].map((device) => `-n client link set ${device} up`),
      ...FAMILIES.flatMap((family) => {
        const [bits, flags] = [BITS[family], family === "ipv6" ? " nodad" : ""];
        return [
          `-n router addr add ${ROUTER[family]}/${bits} dev ${TO_NODES}${flags}`,
          `-n router addr add ${GATEWAY[family]}/${bits} dev ${TO_CLIENT}${flags}`,
          `-n client addr add ${CLIENT[family]}/${bits} dev eth0${flags}`,
          `-n client route add default via ${GATEWAY[family]}`,
        ];
      }),
    ];
    for (const line of lines) await this.own.namespace.mustRun(["ip", ...line.split(" ")]);
    const settings = [
      "net.ipv4.ip_forward=1",
      "net.ipv6.conf.all.forwarding=1",
      "net.ipv4.fib_multipath_hash_policy=1",
      "net.ipv6.fib_multipath_hash_policy=1",
    ];
    await this.own.namespace.mustRun(["ip", "netns", "exec", "router", "sysctl", "-qw", ...settings]);
  }

  private run(): void {
    const log = openSync(join(this.directory, "log"), "a");
    const conf = this.write("bird.conf", this.conf());
    const control = ["-s", join(this.directory, "ctl"), "-P", join(this.directory, "pid")];
    for (const argv of [
      ["bird", "-f", "-c", conf, ...control],
      ["python3", RESOLVER],
    ]) {
      this.own.namespace.start(["ip", "netns", "exec", "router", ...argv], log);
    }
    closeSync(log);
  }

  /** As docs/anycast.md has it. */
  private conf(): string {
    const sessions = Object.entries(NODES).flatMap(([name, node]) =>
      FAMILIES.map((family) => {
        const [digit, everything] = family === "ipv4" ? ["4", "0.0.0.0/0"] : ["6", "::/0"];
        return `protocol bgp ${name}v${digit} from dns {
  neighbor ${node[family]} as ${ASN.nodes};
  password "only for a test";
  ${family} { import filter dns_in; import limit 1 action block; export where net = ${everything}; next hop self; };
}`;
      }),
    );
    return `
log stderr all;
router id ${ROUTER.ipv4};
filter dns_in {
  if !(net = ${hostCidr(ADDRESS.ipv4)} || net = ${hostCidr(ADDRESS.ipv6)}) then reject;
  if (65535, 0) ~ bgp_community then bgp_local_pref = 0;
  accept;
}
protocol device { }
protocol bfd { }
protocol static { ipv4; route 0.0.0.0/0 unreachable; }
protocol static { ipv6; route ::/0 unreachable; }
protocol kernel { merge paths on limit 16; ipv4 { import none; export where source = RTS_BGP; }; }
protocol kernel { merge paths on limit 16; ipv6 { import none; export where source = RTS_BGP; }; }
template bgp dns {
  local as ${ASN.router};
  ttl security on;
  hold time 9;
  keepalive time 3;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 5;
  graceful restart off;
  bfd { min rx interval 300 ms; min tx interval 300 ms; multiplier 3; };
}
${sessions.join("\n")}
`;
  }

  private write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
}
