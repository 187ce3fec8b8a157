import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { Lab, LabSecret } from "../../lib/testing/index.js";
import { BenchError } from "./errors.js";
import { Dnsperf, records } from "./loads/dnsperf.js";
import { Machine, settle } from "./machine.js";
import { CERTIFICATE, type Shipping, ship, shipped } from "./subjects/shipped.js";
import { freeze, type Subject } from "./subjects/subject.js";

/** What all parts of the bench are told. */
export interface Surroundings {
  /** Pairs of runs for each ratio. */
  readonly rounds: number;
  /** The length of a run. */
  readonly seconds: number;
  /** The folder of the Debian system whose daemons are measured. @default - those of this machine */
  readonly root?: string;
}

/** The name that the certificates are for. */
export const SERVER_NAME = "dns.example.com";

/** Where the load comes from; part of no network of tests. */
const CLIENT = "10.0.0.77";
/* Of load balancers with a thousand servers it takes as long. */
const READY_WITHIN = "120s";
const LAB = "bench";

/** How many processors a node may use. */
export const processors = availableParallelism();

/** The addresses of servers, two if not told otherwise. */
export function serverAddresses(count = 2): string[] {
  return Array.from({ length: count }, (_, index) => `10.0.1.${index + 1}`);
}

/** Some nodes, their servers and a client, in one network. */
export class Site {
  readonly #subjects: Subject[] = [];

  private constructor(
    readonly lab: Lab,
    /** Makes the load. */
    readonly client: Machine,
    readonly dnsperf: Dnsperf,
    private readonly root: string | undefined,
  ) {}

  /** Starts nodes as the library makes them, with servers that log nothing. */
  static async start(shippings: readonly Shipping[], { root }: Pick<Surroundings, "root">): Promise<Site> {
    const outdir = mkdtempSync(join(tmpdir(), "dns-lb-bench-"));
    try {
      const app = new App({ outdir });
      const stack = new TerraformStack(app, "bench");
      for (const shipping of shippings) ship(stack, shipping);
      const lab = await Lab.start(app, {
        ...{ name: LAB, queryLog: false, readyWithin: READY_WITHIN },
        zones: { "example.com": records() },
        secrets: { [CERTIFICATE]: LabSecret.certificate(SERVER_NAME) },
        ...(root === undefined ? {} : { root }),
      });
      const client = await Machine.add(lab, CLIENT);
      const site = new Site(lab, client, new Dnsperf(client), root);
      for (const shipping of shippings) site.add(await settled(shipped(lab, shipping)));
      return site;
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  /** The addresses of all servers. */
  get servers(): readonly string[] {
    return this.lab.servers.map(({ address }) => address);
  }

  get subjects(): readonly Subject[] {
    return this.#subjects;
  }

  /** Adds a host for a subject that is made by hand. */
  machine(address: string): Promise<Machine> {
    return Machine.add(this.lab, address, this.root);
  }

  add(subject: Subject): void {
    this.#subjects.push(subject);
  }

  subject(name: string): Subject {
    const found = this.#subjects.find((subject) => subject.name === name);
    if (found !== undefined) return found;
    const known = this.#subjects.map((subject) => subject.name).join(", ");
    throw new BenchError(`the bench has no subject ${name}; it has ${known}`);
  }

  /** Waits until every subject answers. */
  async answers(): Promise<void> {
    const client = this.lab.client("10.0.0.78");
    for (const { name, address, port } of this.#subjects) {
      await this.lab.waitFor(
        async () => {
          const { status } = await client.query("h0.example.com", "A", { server: address, port, transport: "tcp" });
          return status === "NOERROR";
        },
        { what: `${name} answers`, timeout: "20s" },
      );
    }
  }

  /** Stops all subjects until they are measured. */
  rest(): void {
    freeze(...this.#subjects);
  }

  stop(): Promise<void> {
    return this.lab.stop();
  }
}

async function settled(subject: Subject): Promise<Subject> {
  if (subject.namespace !== undefined) await settle(subject.namespace);
  return subject;
}
