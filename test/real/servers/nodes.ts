import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NodeSpec } from "../../../lib/model/node-spec.js";
import type { PlatformProfile } from "../../../lib/model/platform-profile.js";
import type { NodeUnderTest } from "../../../lib/testing/nodes-of.js";
import { installAgent } from "../../node/agent/install.js";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Losses of a load, and the different answers in the order in which they came. */
export interface Load {
  readonly sent: number;
  /** What became of each lost query. */
  readonly lost: readonly string[];
  /** TCP connections that the server reset; their queries are asked again, as RFC 7766, section 6.2.4, wants. */
  readonly reset: number;
  readonly answers: readonly string[];
}

const CLIENT = "client";
const USER = "_dnsdist";

/** Servers as real nodes, each in a network namespace of its own on one bridge, with a client at 10.97.0.50. */
export class ServerNodes {
  private readonly dir = mkdtempSync("/run/dns-lb-servers-");
  private readonly prefix = this.dir.slice(-6);
  private readonly children: ChildProcess[] = [];
  private readonly names: string[] = [];
  private readonly agentFolder = join(this.dir, "agent");

  constructor(private readonly versions: PlatformProfile["versions"]) {
    chmodSync(this.dir, 0o755);
    installAgent(this.agentFolder);
    this.addNamespace(CLIENT);
    this.ip("-n", this.namespace(CLIENT), "link", "add", "br0", "type", "bridge");
    this.ip("-n", this.namespace(CLIENT), "link", "set", "br0", "up");
    this.ip("-n", this.namespace(CLIENT), "addr", "add", "10.97.0.50/24", "dev", "br0");
  }

  /** Makes the namespace of a node and supervises its daemon, as a container does. */
  add({ name, node, spec }: NodeUnderTest): void {
    this.addNamespace(name);
    const namespace = this.namespace(name);
    const peer = `to-${name}`;
    this.ip(
      "-n",
      namespace,
      "link",
      "add",
      "eth0",
      "type",
      "veth",
      "peer",
      "name",
      peer,
      "netns",
      this.namespace(CLIENT),
    );
    this.ip("-n", this.namespace(CLIENT), "link", "set", peer, "master", "br0", "up");
    for (const address of node.addresses) this.ip("-n", namespace, "addr", "add", `${address}/24`, "dev", "eth0");
    this.ip("-n", namespace, "link", "set", "eth0", "up");
    this.ip("netns", "exec", namespace, "sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=0");
    mkdirSync(join(this.dir, name));
    const loop = 'trap "kill \\$!; wait \\$!; exit" TERM; while :; do "$@" & wait $!; sleep 0.2; done';
    for (const { name: service } of spec.manifest.services) {
      const log = join(this.dir, `${name}.log`);
      const words = ["-c", `exec >>${log} 2>&1; ${loop}`, "supervisor", ...this.agentWords(name), "run", service];
      this.background(name, "bash", ...words);
    }
  }

  /** What a node of an app is here. */
  specOf(node: NodeUnderTest): NodeSpec {
    const state = join(this.dir, node.name, "state");
    const run = join(this.dir, node.name, "run");
    const paths = { state, run, agent: this.agentFolder, trustStore: "/etc/ssl/certs/ca-certificates.crt" };
    return node.specFor({
      name: "lab",
      versions: this.versions,
      paths,
      user: USER,
      watchUser: USER,
      keepsAddresses: true,
      log: "stdout",
    });
  }

  /** Applies what a node is to run; secrets have these bytes. */
  apply(node: NodeUnderTest, secret = "K2tf3TRjvQkVCmJF3/Z9vA==", spec = this.specOf(node)): Promise<Outcome> {
    const bundle = mkdtempSync(join(this.dir, "bundle-"));
    for (const { path, content } of spec.files) write(join(bundle, path), content, 0o644);
    for (const { path } of spec.secretFiles) write(join(bundle, path), `${secret}\n`, 0o600);
    return this.agent(node.name, "apply", bundle);
  }

  agent(name: string, ...words: string[]): Promise<Outcome> {
    return this.call(name, ...this.agentWords(name), ...words);
  }

  /** Asks from the client, or from another namespace; the answer's data, or the words of dig on a failure. */
  async dig(address: string, words: readonly string[], from = CLIENT): Promise<string> {
    const { stdout } = await this.call(from, "dig", `@${address}`, "+short", "+time=1", "+tries=1", ...words);
    return stdout.trim();
  }

  /** Sends 200 queries a second over UDP, and one in four over TCP, while something happens. */
  async underLoad(address: string, name: string, seconds: number, action: () => Promise<void>): Promise<Load> {
    const load = this.call(CLIENT, "/usr/bin/python3", "-c", LOAD, address, name, String(seconds));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await action();
    const { stdout, stderr } = await load;
    if (stdout === "") throw new RangeError(stderr);
    return JSON.parse(stdout);
  }

  /** Waits until something holds; if it does not, tells what the daemons said. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 15_000;
    while (!(await holds())) {
      if (Date.now() > end) {
        const logs = this.names.filter((name) => name !== CLIENT).map((name) => this.log(name));
        throw new Error(`this did not come true: ${holds}\n${logs.join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Takes a node off the network. */
  cut(name: string): void {
    this.ip("-n", this.namespace(CLIENT), "link", "set", `to-${name}`, "down");
  }

  heal(name: string): void {
    this.ip("-n", this.namespace(CLIENT), "link", "set", `to-${name}`, "up");
  }

  state(name: string, path: string): string {
    return join(this.dir, name, "state", path);
  }

  pid(name: string, service: string): number {
    return Number(readFileSync(join(this.dir, name, "run", `${service}.pid`), "utf8").split("\n")[0]);
  }

  log(name: string): string {
    return readFileSync(join(this.dir, `${name}.log`), "utf8");
  }

  close(): void {
    for (const child of this.children) if (child.pid !== undefined) killQuietly(-child.pid, "SIGTERM");
    const namespaces = this.names.map((name) => this.namespace(name));
    for (const name of namespaces.filter((each) => existsSync(`/run/netns/${each}`))) {
      for (let round = 0; round < 50; round++) {
        const pids = this.ip("netns", "pids", name).split("\n").filter(Boolean);
        if (pids.length === 0) break;
        for (const pid of pids) killQuietly(Number(pid), round < 10 ? "SIGTERM" : "SIGKILL");
        execFileSync("sleep", ["0.05"]);
      }
      this.ip("netns", "del", name);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  private namespace(name: string): string {
    return `srv-${this.prefix}-${name}`;
  }

  private addNamespace(name: string): void {
    this.ip("netns", "add", this.namespace(name));
    this.names.push(name);
    this.ip("-n", this.namespace(name), "link", "set", "lo", "up");
  }

  private agentWords(name: string): string[] {
    // What a container has; a machine has more.
    const rights = ["setpriv", "--no-new-privs", "--bounding-set", "-all,+setuid,+setgid"];
    const folder = join(this.dir, name);
    return [...rights, join(this.agentFolder, "dns-lb-agent"), "--state", `${folder}/state`, "--run", `${folder}/run`];
  }

  private call(where: string, ...words: string[]): Promise<Outcome> {
    const child = spawn("ip", ["netns", "exec", this.namespace(where), ...words]);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
  }

  private background(where: string, ...words: string[]): void {
    const child = spawn("ip", ["netns", "exec", this.namespace(where), ...words], { stdio: "ignore", detached: true });
    this.children.push(child);
  }

  private ip(...words: string[]): string {
    return execFileSync("ip", words, { encoding: "utf8" });
  }
}

function write(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

/* Each query has 2 s to be answered with NOERROR and an A record; no query is sent twice. */
const LOAD = `
import json, socket, sys, threading, time
address, name, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
query = b"BB\\x01\\x00\\x00\\x01" + bytes(6)
query += b"".join(bytes([len(l)]) + l for l in name.encode().split(b".")) + b"\\x00\\x00\\x01\\x00\\x01"
seen, lost, reset, threads = [], [], [], []
def ask(tcp, again=False):
    try:
        with socket.socket(type=socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as c:
            c.settimeout(2)
            c.connect((address, 53))
            c.sendall((len(query).to_bytes(2, "big") if tcp else b"") + query)
            answer = c.recv(4096)[2 if tcp else 0:]
            if len(answer) < 12 or answer[3] & 15 or answer[7] == 0:
                lost.append("rcode %d" % (answer[3] & 15) if len(answer) > 3 else "cut")
            else:
                at = answer.index(b"\\xc0\\x0c\\x00\\x01\\x00\\x01") + 12
                text = ".".join(map(str, answer[at:at + 4]))
                if text not in seen:
                    seen.append(text)
    except ConnectionResetError as error:
        (lost if again else reset).append("tcp: %s" % error)
        if not again:
            # What resets one connection may reset the next.
            time.sleep(0.1)
            ask(tcp, again=True)
    except OSError as error:
        lost.append("%s: %s" % ("tcp" if tcp else "udp", error))
end = time.monotonic() + seconds
while time.monotonic() < end:
    threads.append(threading.Thread(target=ask, args=(len(threads) % 4 == 3,)))
    threads[-1].start()
    time.sleep(0.005)
for thread in threads:
    thread.join()
print(json.dumps({"sent": len(threads), "lost": lost, "reset": len(reset), "answers": seen}))
`;
