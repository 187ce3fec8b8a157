import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { printDnsdistListeners, printDnsdistPolicy, runtimeLua } from "../../../lib/config/dnsdist/index.js";
import { printHaproxy } from "../../../lib/config/haproxy/print.js";
import type { Frontend } from "../../../lib/model/frontend.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { DaemonVersions, PlatformProfile } from "../../../lib/model/platform-profile.js";
import type { Pool } from "../../../lib/model/pool.js";
import { compileDnsdistListeners, compileDnsdistPolicy } from "../../../lib/node/compile/dnsdist.js";
import { compileHaproxy } from "../../../lib/node/compile/haproxy.js";
import { installedVersions } from "../../../lib/testing/lab/versions.js";
import { pause } from "../../real/config/dnsdist-node.js";
import { dnsListener, resolverPool, standalone } from "../models.js";

const execute = promisify(execFile);

/** A pool of servers that are each sick in one way: modes of `sick-server.py`. */
export interface SickPool {
  readonly name: string;
  readonly modes: readonly string[];
  readonly ipv6?: boolean;
  readonly changes?: Partial<Pool>;
  /** The name of a pool that stands in for this one. */
  readonly fallback?: string;
}

/** A server as both daemons see it: the verdict of dnsdist over UDP, of dnsdist over TCP, and of HAProxy. */
export type Verdicts = readonly [udp: string, tcp: string, haproxy: string];

const profileOf = (versions: DaemonVersions): PlatformProfile => ({
  name: "lab",
  versions,
  paths: { state: "/mnt", run: "/mnt", agent: "/mnt", trustStore: "/etc/ssl/certs/ca-certificates.crt" },
  user: "root",
  watchUser: "root",
  keepsAddresses: true,
  log: "stdout",
});

/**
 * A network namespace with dnsdist and HAProxy as on a node, in front of sick servers. `root` is the folder of another
 * Debian whose daemons run.
 */
export class SickServers {
  readonly #folder = mkdtempSync(join(tmpdir(), "dnslb-sick-"));
  readonly #processes: ChildProcess[] = [];
  readonly #model: LoadBalancer;
  #profile: PlatformProfile | undefined;
  #owner = 0;
  #sick: ChildProcess | undefined;
  /** The process id of dnsdist. */
  dnsdist = 0;
  /** What dnsdist said. */
  log = "";

  constructor(
    private readonly pools: readonly SickPool[],
    private readonly root?: string,
  ) {
    this.#model = standalone({ frontends: pools.flatMap((pool, index) => this.#frontends(pool, index)) });
  }

  async start(): Promise<void> {
    const { root = "" } = this;
    this.#profile = profileOf(await installedVersions(this.root));
    const addresses = this.pools.flatMap((pool, index) => [
      ...[8, 9].map((third) => `10.9.${third}.${index + 1}/32`),
      ...pool.modes.map((_, at) => `${this.#address(pool, index, at)}/${pool.ipv6 ? 128 : 32}`),
    ]);
    const setUp = [
      `mount --bind ${this.#folder} ${root}/mnt`,
      "ip link set lo up",
      ...["10.0.0.2/32", ...addresses].map((address) => `ip addr add ${address} dev lo`),
    ];
    const owner = this.#keep(
      spawn("unshare", ["-nm", "sh", "-c", `${setUp.join(" && ")} && echo ready && exec sleep 900`]),
    );
    await firstOutput(owner);
    this.#owner = owner.pid ?? 0;
    const servers = this.pools.flatMap((pool, index) =>
      pool.modes.map((mode, at) => `${this.#address(pool, index, at)}=${mode}`),
    );
    this.#sick = this.#inside("python3", [join(__dirname, "sick-server.py"), ...servers]);
    await firstOutput(this.#sick);
    this.release("r1");
    mkdirSync(join(this.#folder, "lists"));
    for (const { name, allowFrom } of this.#model.frontends) {
      writeFileSync(join(this.#folder, `lists/${name}-allow.lst`), `${allowFrom.join("\n")}\n`);
    }
    writeFileSync(
      join(this.#folder, "haproxy.cfg"),
      printHaproxy(compileHaproxy(this.#model, this.#node(), this.#profileInUse())),
    );
    const dnsdist = this.#daemon(
      ...["dnsdist", "--supervised", "--disable-syslog", "-C", "/mnt/r1/dnsdist/dnsdist.conf"],
    );
    const haproxy = this.#daemon("haproxy", "-f", "/mnt/haproxy.cfg");
    for (const stream of [dnsdist.stdout, dnsdist.stderr, haproxy.stdout, haproxy.stderr]) {
      stream?.on("data", (chunk) => {
        this.log += chunk;
      });
    }
    this.dnsdist = dnsdist.pid ?? 0;
  }

  /** Writes a release, and returns its folder as the daemons see it. */
  release(name: string, change: (text: string) => string = (text) => text): string {
    const folder = join(this.#folder, name, "dnsdist");
    mkdirSync(folder, { recursive: true });
    const work = { loadBalancer: this.#model, node: this.#node(), peers: [], profile: this.#profileInUse() };
    writeFileSync(join(this.#folder, "dnsdist.key"), "MXNeLFWHUe4363BBKrY06cAsH8NWNb+Se2eXU5+Bb74=\n");
    writeFileSync(join(folder, "dnsdist.conf"), printDnsdistListeners(compileDnsdistListeners(work)));
    writeFileSync(join(folder, "policy.lua"), change(printDnsdistPolicy(compileDnsdistPolicy(work))));
    writeFileSync(join(folder, "runtime.lua"), runtimeLua());
    return `/mnt/${name}`;
  }

  /** Makes a server of a pool sick in another way. */
  turn(pool: string, at: number, mode: string): void {
    const index = this.pools.findIndex(({ name }) => name === pool);
    const found = this.pools[index];
    if (found) this.#sick?.stdin?.write(`${this.#address(found, index, at)}=${mode}\n`);
  }

  /** Runs a line of Lua in dnsdist. */
  async console(line: string): Promise<string> {
    const words = ["dnsdist", "-C", "/mnt/r1/dnsdist/dnsdist.conf", "-e", line];
    const { stdout } = await execute("nsenter", [...this.#enter(), ...this.#rooted(words)], { maxBuffer: 1 << 26 });
    return stdout;
  }

  /** The verdicts, by `pool/server`. Servers are named `s0` and so on. */
  async verdicts(): Promise<Record<string, Verdicts>> {
    const dnsdist = new Map(
      (await this.console("dnslb.status()"))
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as { readonly id: string; readonly state: string })
        .map(({ id, state }) => [id, state]),
    );
    const haproxy = await this.#haproxyStates();
    return Object.fromEntries(
      this.pools.flatMap(({ name, modes }) =>
        modes.map((_, at): [string, Verdicts] => [
          `${name}/s${at}`,
          [
            dnsdist.get(`${name}/s${at}`) ?? "?",
            dnsdist.get(`${name}:tcp/s${at}`) ?? "?",
            haproxy.get(`${name}/s${at}`) ?? "?",
          ],
        ]),
      ),
    );
  }

  /** How many of `count` answers were bad or missing: by pool, over UDP, inspected TCP, and direct TCP. */
  async bad(count: number): Promise<Record<string, readonly number[]>> {
    const results = await this.#ask(count);
    return Object.fromEntries(Object.entries(results).map(([name, paths]) => [name, paths.map(({ bad }) => bad)]));
  }

  /** The numbers of the servers that gave some of `count` answers, from 1 on: by pool, on the same paths. */
  async answering(count: number): Promise<Record<string, readonly (readonly number[])[]>> {
    const results = await this.#ask(count);
    return Object.fromEntries(
      Object.entries(results).map(([name, paths]) => [name, paths.map(({ octets }) => octets)]),
    );
  }

  async #ask(count: number): Promise<Record<string, readonly PathResult[]>> {
    const paths = [
      ["udp", 8],
      ["tcp", 9],
      ["tcp", 8],
    ] as const;
    const words = this.pools.flatMap((_, index) =>
      paths.map(([transport, third], path) => `${index}:${path}=${transport}=10.9.${third}.${index + 1}=${count}`),
    );
    const output = await execute("nsenter", [...this.#enter(), "python3", join(__dirname, "ask.py"), ...words]);
    const results = JSON.parse(output.stdout) as Record<string, PathResult>;
    const none: PathResult = { bad: -1, octets: [] };
    return Object.fromEntries(
      this.pools.map(({ name }, index) => [name, paths.map((_, path) => results[`${index}:${path}`] ?? none)]),
    );
  }

  async stop(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.kill("SIGKILL")) await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #haproxyStates(): Promise<Map<string, string>> {
    const program = [
      "import socket",
      "s = socket.socket(socket.AF_UNIX); s.connect('/mnt/haproxy.sock'); s.sendall(b'show stat\\n')",
      "print(s.makefile().read())",
    ].join("\n");
    const words = this.root === undefined ? ["python3"] : ["chroot", this.root, "python3"];
    const { stdout } = await execute("nsenter", [...this.#enter(), ...words, "-c", program]);
    const [header = [], ...rows] = stdout.split("\n").map((line) => line.split(","));
    return new Map(
      rows.map((row) => [`${row[0]}/${row[1]}`, row[header.indexOf("status")]?.split(" ")[0]?.toLowerCase() ?? "?"]),
    );
  }

  #pool(sick: SickPool): Pool {
    const index = this.pools.indexOf(sick);
    const fallback = this.pools.find(({ name }) => name === sick.fallback);
    return {
      ...resolverPool(),
      name: sick.name,
      servers: sick.modes.map((_, at) => ({
        ...{ name: `s${at}`, address: this.#address(sick, index, at), port: 5300, weight: 1 },
      })),
      balance: { kind: "round-robin" },
      ...(fallback ? { fallback: this.#pool(fallback) } : {}),
      ...sick.changes,
    };
  }

  #frontends(sick: SickPool, index: number): Frontend[] {
    const pool = this.#pool(sick);
    return (["direct", "inspected"] as const).map((tcpPath, at) => ({
      name: `${sick.name}-${tcpPath}`,
      addresses: [`10.9.${8 + at}.${index + 1}`],
      pool,
      tcpPath,
      allowFrom: ["0.0.0.0/0"],
      accessRules: [],
      listeners: [dnsListener(`${sick.name}-${tcpPath}`)],
    }));
  }

  #address({ ipv6 }: SickPool, index: number, at: number): string {
    return ipv6 ? `fd09::${(index + 1).toString(16)}:${at + 1}` : `10.9.${100 + index}.${at + 1}`;
  }

  #node() {
    const [node] = this.#model.nodes;
    if (node === undefined) throw new Error("no node");
    return node;
  }

  #profileInUse(): PlatformProfile {
    if (this.#profile === undefined) throw new Error("not started");
    return this.#profile;
  }

  #enter(): string[] {
    return ["-t", String(this.#owner), "-n", "-m"];
  }

  #rooted(words: readonly string[]): string[] {
    return this.root === undefined ? [...words] : ["chroot", this.root, ...words];
  }

  #daemon(...words: readonly string[]): ChildProcess {
    const [program = "", ...args] = this.#rooted(words);
    return this.#inside(program, args);
  }

  #inside(program: string, args: readonly string[]): ChildProcess {
    const env = { ...process.env, DNSLB_RELEASE: "/mnt/r1" };
    return this.#keep(spawn("nsenter", [...this.#enter(), program, ...args], { env }));
  }

  #keep(child: ChildProcess): ChildProcess {
    child.stdout?.resume();
    child.stderr?.resume();
    this.#processes.push(child);
    return child;
  }
}

interface PathResult {
  readonly bad: number;
  readonly octets: readonly number[];
}

/** Waits until both daemons say this, a time at most; returns what they said last. */
export async function settled(
  servers: SickServers,
  expected: Readonly<Record<string, Verdicts>>,
  milliseconds: number,
): Promise<Record<string, Verdicts>> {
  const end = Date.now() + milliseconds;
  while (true) {
    const found = await servers.verdicts().catch((): Record<string, Verdicts> => ({}));
    const same = Object.entries(expected).every(([name, verdicts]) => String(found[name]) === String(verdicts));
    if (same || Date.now() > end)
      return Object.fromEntries(Object.keys(expected).map((name) => [name, found[name] ?? ["?", "?", "?"]]));
    await pause(500);
  }
}

async function firstOutput(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
  });
}
