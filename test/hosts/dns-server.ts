import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IssuedCertificate } from "../../lib/testing/lab/certificates.js";
import { LabProcess } from "../../lib/testing/lab/process.js";
import { configurationOf, serverFiles } from "../../lib/testing/lab/server-files.js";
import type { StandIn } from "../../lib/testing/lab/stand-in.js";
import type { BridgeHost } from "../e2e/drill/bridge-host.js";
import { until } from "../e2e/run.js";
import { HEALTH } from "./probe.js";

/** A server for a pool. */
export interface DnsServerPlan {
  /** What its `whoami` record says. */
  readonly name: string;
  /** The last part of its addresses. */
  readonly number: number;
  readonly role: "resolver" | "authoritative";
  /**
   * Whether it reads the address of the client from PROXY headers.
   * @default false
   */
  readonly proxy?: boolean;
  /**
   * The name in its certificate for DNS over TLS; a resolver alone can have one.
   * @default - it speaks no TLS
   */
  readonly tlsName?: string;
}

/** Where a server runs. */
export interface DnsServerPlace {
  readonly host: BridgeHost;
  /** The folder of its files. */
  readonly directory: string;
  readonly certificate: IssuedCertificate | undefined;
}

/** The names whose TXT record says which server answers. */
export const WHOAMI = { resolver: "whoami.home.arpa", authoritative: "whoami.example.com" } as const;

/** A server behind the load balancer, on a host of its own. */
export class DnsServer {
  private constructor(
    readonly name: string,
    readonly address: string,
    private readonly process: LabProcess,
  ) {}

  /** Starts it in a folder of its own; it ends with the switch. */
  static async start(plan: DnsServerPlan, address: string, place: DnsServerPlace): Promise<DnsServer> {
    const { host, directory, certificate } = place;
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o755);
    const standIn = standInFor(plan, address);
    const certificates = new Map(certificate === undefined ? [] : [[plan.tlsName ?? "", certificate]]);
    const paths = { directory, program: standIn.program, queryLog: join(directory, "dnstap"), certificates };
    for (const [path, text] of Object.entries(serverFiles(standIn, paths))) writeFileSync(path, text);
    const process = new LabProcess(
      { inside: (argv) => [...host.inside(argv)] },
      {
        name: standIn.program,
        argv: [standIn.program, "-d", "-c", configurationOf(standIn, paths)],
        log: join(directory, "log"),
        restarts: () => false,
        disturbed: async () => {},
      },
    );
    const server = new DnsServer(plan.name, address, process);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const before = this.process.logs().length;
    this.process.start();
    await until(`server ${this.name}`, 10, () => {
      const said = this.process.logs().slice(before);
      if (!this.process.running) throw new Error(`server ${this.name} does not start: ${said}`);
      return /start of service|nsd started/.test(said);
    });
  }

  /** Crashes it: its ports are closed then. */
  kill(): Promise<void> {
    return this.process.kill();
  }

  /** Hangs it: its ports stay open, and nobody answers. */
  pause(): Promise<void> {
    return this.process.pause();
  }

  resume(): Promise<void> {
    return this.process.resume();
  }
}

function standInFor({ name, role, proxy = false, tlsName }: DnsServerPlan, address: string): StandIn {
  const ports = [{ port: 53, proxy }, ...(tlsName === undefined ? [] : [{ port: 853, proxy: false, tls: tlsName }])];
  const common = { name, plays: [], address, ports, probes: [], transfersTo: [] };
  if (role === "resolver") {
    const localData = [`${WHOAMI.resolver}. TXT "${name}"`, `${HEALTH.name}. ${HEALTH.type} 192.0.2.1`];
    return { ...common, program: "unbound", zones: {}, localData };
  }
  const zone = ["@ SOA ns hostmaster 1 3600 600 86400 60", "@ NS ns", "ns A 192.0.2.53", `whoami TXT "${name}"`];
  return { ...common, program: proxy ? "unbound" : "nsd", zones: { "example.com.": zone }, localData: [] };
}
