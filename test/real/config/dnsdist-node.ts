import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  call,
  type DnsdistListeners,
  type DnsdistPolicy,
  type LuaCall,
  list,
  printDnsdistListeners,
  printDnsdistPolicy,
  record,
  runtimeLua,
} from "../../../lib/config/dnsdist/index.js";

const run = promisify(execFile);

/** Tells whether these programs are here; in CI a missing one is a failure, not a skip. */
export function have(...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
  if (missing.length > 0 && process.env["CI"]) throw new Error(`not installed: ${missing.join(", ")}`);
  return missing.length === 0;
}

/** Tells whether network namespaces can be made here. */
export function canIsolate(): boolean {
  const able = spawnSync("unshare", ["-n", "true"]).status === 0;
  if (!able && process.env["CI"]) throw new Error("network namespaces can't be made");
  return able;
}

/** A folder with releases, as on a node. */
export class Releases {
  readonly path = mkdtempSync(join(tmpdir(), "dnslb-dnsdist-"));
  readonly keyFile = join(this.path, "dnsdist.key");
  #count = 0;

  constructor() {
    writeFileSync(this.keyFile, "MXNeLFWHUe4363BBKrY06cAsH8NWNb+Se2eXU5+Bb74=\n");
  }

  /** Writes a release and returns its folder; a text is a policy.lua of its own. */
  write(policy: DnsdistPolicy | string, listeners: DnsdistListeners = this.listeners()): string {
    const release = join(this.path, `r${++this.#count}`);
    mkdirSync(join(release, "dnsdist"), { recursive: true });
    writeFileSync(join(release, "dnsdist/dnsdist.conf"), printDnsdistListeners(listeners));
    writeFileSync(
      join(release, "dnsdist/policy.lua"),
      typeof policy === "string" ? policy : printDnsdistPolicy(policy),
    );
    writeFileSync(join(release, "dnsdist/runtime.lua"), runtimeLua());
    return release;
  }

  listeners(): DnsdistListeners {
    return {
      keyFile: this.keyFile,
      calls: [
        call("setLocal", "0.0.0.0:53", record({ reusePort: true })),
        call("setACL", list("0.0.0.0/0")),
        call("setProxyProtocolACL", list("127.0.0.2/32")),
        call("controlSocket", "127.0.0.1:5199"),
        call("setConsoleConnectionsLogging", false),
        call("webserver", "127.0.0.1:8083"),
        call("setWebserverConfig", record({ statsRequireAuthentication: false })),
        call("setSecurityPollSuffix", ""),
        // As a node's: with the kernel's default, queries are lost as soon as dnsdist gets no processor time for 0.2 s.
        call("setUDPSocketBufferSizes", 1_048_576, 0),
        // Less memory for each server.
        call("setMaxUDPOutstanding", 5000),
      ],
    };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Asks dnsdist for its opinion of a release. */
export function checkConfig(release: string): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(
    "dnsdist",
    ["--check-config", "-C", join(release, "dnsdist/dnsdist.conf")],
    { encoding: "utf8", env: { ...process.env, DNSLB_RELEASE: release } },
  );
  return { status, output: stdout + stderr };
}

/** A network namespace with one dnsdist and DNS servers at 10.9.0.1 to 10.9.0.4, port 5300. 10.9.0.8 and .9 are dead. */
export class DnsdistNode {
  readonly releases = new Releases();
  readonly #processes: ChildProcess[] = [];
  #namespace = 0;
  #release = "";
  /** The process id of dnsdist. */
  pid = 0;
  /** What dnsdist has logged. */
  log = "";

  /** Starts all of it; servers take `delay` milliseconds for an answer, `calls` stand in dnsdist.conf beside the usual. */
  async start(policy: DnsdistPolicy, delay: number, calls: readonly LuaCall[] = []): Promise<void> {
    const addresses = ["10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.8", "10.9.0.9", "10.9.1.1", "10.9.1.2"];
    const setUp = ["ip link set lo up", ...addresses.map((address) => `ip addr add ${address}/32 dev lo`)];
    const owner = this.#keep(
      spawn("unshare", ["-n", "sh", "-c", `${setUp.join(" && ")} && echo ready && exec sleep 600`]),
    );
    await firstOutput(owner);
    this.#namespace = owner.pid ?? 0;
    const server = join(__dirname, "dns-server.py");
    await firstOutput(this.#inside("python3", [server, String(delay), ...addresses.slice(0, 4)]));
    const listeners = this.releases.listeners();
    this.#release = this.releases.write(policy, { ...listeners, calls: [...listeners.calls, ...calls] });
    const dnsdist = this.#inside(
      "dnsdist",
      ["--supervised", "--disable-syslog", "-C", join(this.#release, "dnsdist/dnsdist.conf")],
      // As the node's agent starts it.
      { DNSLB_RELEASE: this.#release, MALLOC_MMAP_THRESHOLD_: "131072" },
    );
    this.pid = dnsdist.pid ?? 0;
    for (const stream of [dnsdist.stdout, dnsdist.stderr]) {
      stream?.on("data", (text: Buffer) => {
        this.log += text;
      });
    }
    await waitFor(async () => (await this.console("dnslb.release()")).startsWith("ok release"));
  }

  /** Runs a program in the namespace. */
  async exec(program: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run("nsenter", ["-t", String(this.#namespace), "-n", program, ...args]);
    return stdout;
  }

  /** Runs a line of Lua in dnsdist. */
  async console(line: string): Promise<string> {
    return this.exec("dnsdist", "-C", join(this.#release, "dnsdist/dnsdist.conf"), "-e", line);
  }

  /** Changes to a policy as the node's agent does. Returns what staging it said. */
  async change(policy: DnsdistPolicy, { wait = true } = {}): Promise<string> {
    const release = this.releases.write(policy);
    const staged = await this.must(`dnslb.stage("${release}")`);
    if (wait) await this.#probed();
    await this.must("dnslb.commit()");
    return staged;
  }

  /** Waits until every staged server has passed a probe, but not for long: some are dead. */
  async #probed(): Promise<void> {
    const end = Date.now() + 1_500;
    while (!/^ok pending \S+ 0\b/.test(await this.must("dnslb.pending()"))) {
      const left = end - Date.now();
      if (left <= 0) return;
      await pause(Math.min(left, 150));
    }
  }

  /** Runs a phase, which must succeed. */
  async must(line: string): Promise<string> {
    const answer = await this.console(line);
    if (!answer.startsWith("ok ")) throw new Error(`${line}: ${answer}`);
    return answer;
  }

  /** The states of servers by id. */
  async states(): Promise<Record<string, string>> {
    return this.#statesIn(await this.must("dnslb.status()"));
  }

  /** The state of every server at the very moment after a call: no probe comes in between. */
  async statesAfter(call: string): Promise<Record<string, string>> {
    return this.#statesIn(await this.must(`(function() ${call}; return dnslb.status() end)()`));
  }

  #statesIn(answer: string): Record<string, string> {
    const [, ...lines] = answer.trim().split("\n");
    const servers = lines.map((line) => JSON.parse(line) as { readonly id: string; readonly state: string });
    return Object.fromEntries(servers.map(({ id, state }) => [id, state]));
  }

  /** Lines of `showServers()`: the words by server name. */
  async table(): Promise<Record<string, readonly string[]>> {
    const lines = (await this.console("showServers()")).trim().split("\n").slice(1, -1);
    return Object.fromEntries(lines.map((line) => [line.trim().split(/\s+/)[1], line.trim().split(/\s+/)]));
  }

  /** How many queries each server got. */
  async queries(): Promise<Record<string, number>> {
    const table = Object.entries(await this.table());
    return Object.fromEntries(table.map(([server, words]) => [server, Number(words[8])]));
  }

  /** Asks dnsdist; the answer's address, or its status, or nothing. */
  async ask(name: string, ...options: readonly string[]): Promise<string> {
    const output = await this.exec(
      "sh",
      "-c",
      `dig @10.9.1.1 +tries=1 +time=1 ${[...options, name].join(" ")} || true`,
    );
    return /\sA\s+(\S+)$/m.exec(output)?.[1] ?? /status: (\w+)/.exec(output)?.[1] ?? "";
  }

  /** Ends all processes and removes all files. */
  async stop(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.kill("SIGKILL")) await ended;
    }
    this.releases.remove();
  }

  #inside(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const words = ["-t", String(this.#namespace), "-n", program, ...args];
    return this.#keep(spawn("nsenter", words, { env: { ...process.env, ...env } }));
  }

  #keep(child: ChildProcess): ChildProcess {
    child.stdout?.resume();
    child.stderr?.resume();
    this.#processes.push(child);
    return child;
  }
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until something is true, five seconds at most. */
export async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    if (await condition().catch(() => false)) return;
    await pause(100);
  }
  throw new Error("waited in vain");
}

async function firstOutput(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
  });
}
