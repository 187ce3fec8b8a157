import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runtimeLua } from "../../../lib/config/dnsdist/runtime.js";
import type { Manifest, ManifestListener, ReadyCheck, Service, Watch } from "../../../lib/model/manifest.js";
import { installAgent } from "../../node/agent/install.js";
import { withoutProgress } from "../../progress-lines.js";

export const VIP = "10.99.0.100";
export const USER = "_dnsdist";
const SERVERS = "10.99.0.21";
const ADDRESSES = { a: "10.99.0.11", b: "10.99.0.12" } as const;

export type NodeName = keyof typeof ADDRESSES;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a release says; each test changes one thing. */
export interface Change {
  readonly servers?: readonly string[];
  readonly haproxy?: string;
  readonly dnsdist?: string;
  readonly password?: string;
  readonly note?: string;
  /** A file of that name. */
  readonly networks?: string;
  /** Of what `haproxy` and `dnsdist` add, as the compiler would tell. */
  readonly listeners?: {
    readonly haproxy?: readonly ManifestListener[];
    readonly dnsdist?: readonly ManifestListener[];
  };
}

/** A socket that a daemon has for itself. */
export function tcp(address: string, port: number): ManifestListener {
  return { address, port, transport: "tcp", foreign: false, shared: false, v6only: false, sockets: 1 };
}

/** What a service has whose release is taken by the agent's module for it. */
const TAKEN_BY_MODULE = { reload: [], settings: {}, restartOn: [], keepsData: false, listeners: [] } as const;

const EVERYWHERE: ManifestListener = {
  ...{ address: "0.0.0.0", port: 53, transport: "udp", foreign: true, shared: true, v6only: false, sockets: 1 },
};

const DNSDIST_ALIVE: ReadyCheck = {
  ...{ kind: "dns", service: "dnsdist", port: 53, name: "alive.dns-lb.invalid." },
  ...{ address: "127.0.0.1", proxyProtocol: false },
};

/** Two nodes with the real daemons and agents, two DNS servers and a client, in network namespaces of their own. */
export class TwoNodes {
  // keepalived runs no script below a folder that others may write to, such as /tmp.
  readonly dir = mkdtempSync("/run/dns-lb-agent-");
  readonly agentFolder = join(this.dir, "agent");
  private readonly prefix = this.dir.slice(-6);
  private readonly children: ChildProcess[] = [];

  /** @param ports whether low ports are everybody's, as in a container's own network, or a right, as in the host's. */
  constructor(private readonly ports: "everybody's" | "a right" = "everybody's") {}

  /** Makes the network and starts the servers. */
  open(): void {
    chmodSync(this.dir, 0o755);
    installAgent(this.agentFolder);
    this.network();
    this.servers();
  }

  namespace(name: NodeName | "client"): string {
    return `agt-${this.prefix}-${name}`;
  }

  state = (node: NodeName) => join(this.dir, node, "state");
  run = (node: NodeName) => join(this.dir, node, "run");

  /** Keeps the daemons of a node running, as a supervisor does. */
  supervise(node: NodeName): void {
    const loop = 'trap "kill \\$!; wait \\$!; exit" TERM; while :; do "$@" & wait $!; sleep 0.2; done';
    for (const service of ["haproxy", "dnsdist", "watch", "keepalived"]) {
      this.background(node, "bash", "-c", loop, "supervisor", ...this.agentWords(node), "run", service);
    }
  }

  agent(node: NodeName, ...words: string[]): Promise<Outcome> {
    return this.call(node, ...this.agentWords(node), ...words);
  }

  check(node: NodeName, ...words: string[]): Promise<Outcome> {
    return this.call(node, join(this.agentFolder, "check"), ...words);
  }

  /** Runs a command in a namespace to its end. */
  call(where: NodeName | "client", ...words: string[]): Promise<Outcome> {
    const child = spawn("ip", ["netns", "exec", this.namespace(where), ...words]);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    return new Promise((resolve) => {
      child.on("close", (status) => resolve({ status, stdout, stderr: withoutProgress(stderr) }));
    });
  }

  background(where: NodeName | "client", ...words: string[]): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.namespace(where), ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    child.stdout?.resume();
    child.stderr?.resume();
    this.children.push(child);
    return child;
  }

  async apply(node: NodeName, change: Change = {}): Promise<Outcome> {
    return this.agent(node, "apply", this.bundle(node, change));
  }

  holder(): NodeName[] {
    return (["a", "b"] as const).filter((node) =>
      this.ip("-n", this.namespace(node), "-4", "addr", "show", "eth0").includes(`${VIP}/32`),
    );
  }

  pid(node: NodeName, service: string): number {
    const path = join(this.run(node), `${service}.pid`);
    return existsSync(path) ? Number(readFileSync(path, "utf8").split("\n")[0]) : 0;
  }

  bundle(node: NodeName, change: Change = {}): string {
    const folder = mkdtempSync(join(this.dir, "bundle-"));
    const files: Record<string, string> = {
      "manifest.json": JSON.stringify(manifest(this.watch(node), this.place(node), change)),
      "haproxy/haproxy.cfg": this.haproxy(node, change),
      "dnsdist/dnsdist.conf": this.dnsdist(node, change),
      "dnsdist/policy.lua": policy(change.servers ?? ["s1", "s2"]),
      "dnsdist/runtime.lua": runtimeLua(),
      "keepalived/keepalived.conf": this.keepalived(node),
      "secrets/password": `${change.password ?? "pass word"}\n`,
      note: change.note ?? "",
      ...(change.networks === undefined ? {} : { networks: `${change.networks}\n` }),
    };
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return folder;
  }

  /** The one node that holds the virtual address. */
  master(): NodeName {
    const [node] = this.holder();
    if (node === undefined) throw new Error("no node has the address");
    return node;
  }

  /** What the live release of a node says of itself. */
  note(node: NodeName): string {
    return readFileSync(join(this.state(node), "current/note"), "utf8");
  }

  /** Tells whether a client is answered at the virtual address. */
  async answers(transport: "+tcp" | "+notcp"): Promise<boolean> {
    const words = ["dig", `@${VIP}`, transport, "+short", "+time=1", "+tries=1", "www.example.org"];
    return (await this.call("client", ...words)).stdout.trim() === "192.0.2.53";
  }

  close(): void {
    for (const child of this.children) signal(child, "SIGTERM");
    const names = [this.namespace("a"), this.namespace("b"), this.namespace("client")];
    for (const name of names.filter((each) => existsSync(`/run/netns/${each}`))) {
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

  private agentWords(node: NodeName): string[] {
    // What a container has; a machine has more.
    const set = `-all,+net_admin,+net_raw,+setuid,+setgid${this.ports === "a right" ? ",+net_bind_service" : ""}`;
    return [
      "setpriv",
      "--no-new-privs",
      "--bounding-set",
      set,
      join(this.agentFolder, "dns-lb-agent"),
      "--state",
      this.state(node),
      "--run",
      this.run(node),
    ];
  }

  private network(): void {
    const client = this.namespace("client");
    this.ip("netns", "add", client);
    this.ip("-n", client, "link", "set", "lo", "up");
    this.ip("-n", client, "link", "add", "br0", "type", "bridge");
    this.ip("-n", client, "link", "set", "br0", "up");
    for (const address of ["10.99.0.50", SERVERS]) this.ip("-n", client, "addr", "add", `${address}/24`, "dev", "br0");
    for (const node of ["a", "b"] as const) {
      const name = this.namespace(node);
      this.ip("netns", "add", name);
      this.ip("-n", name, "link", "set", "lo", "up");
      this.ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", `to-${node}`, "netns", client);
      this.ip("-n", client, "link", "set", `to-${node}`, "master", "br0", "up");
      this.ip("-n", name, "addr", "add", `${ADDRESSES[node]}/24`, "dev", "eth0");
      this.ip("-n", name, "link", "set", "eth0", "up");
      // A container of ours has them, a host does not: ports for everybody, answers to queries under way that leave from
      // an address which has just moved on, and silence about addresses on lo.
      const container = [
        ...["net.ipv4.ip_unprivileged_port_start=0", "net.ipv4.ip_nonlocal_bind=1"],
        ...["net.ipv4.conf.all.arp_announce=2", "net.ipv4.conf.all.arp_ignore=1"],
      ];
      const settings = this.ports === "a right" ? ["net.ipv4.ip_unprivileged_port_start=1024"] : container;
      this.ip("netns", "exec", name, "sysctl", "-qw", ...settings);
      mkdirSync(join(this.dir, node));
    }
  }

  private servers(): void {
    const conf = join(this.dir, "servers.conf");
    const listeners = `setLocal("${SERVERS}:5301") addLocal("${SERVERS}:5302") addLocal("${SERVERS}:5303")\n`;
    writeFileSync(
      conf,
      `${listeners}setSecurityPollSuffix("")\nsetMaxTCPQueuedConnections(0)\naddAction(AllRule(), SpoofAction("192.0.2.53"))\n`,
    );
    this.background("client", "dnsdist", "--supervised", "--disable-syslog", "-C", conf);
  }

  private haproxy(node: NodeName, { haproxy = "", servers = ["s1", "s2"] }: Change): string {
    return `global
  default-path config
  stats socket ${this.run(node)}/haproxy.sock mode 600 level admin expose-fd listeners
  hard-stop-after 10m
defaults
  timeout connect 1s
  timeout client 10s
  timeout server 10s
frontend health
  mode http
  bind 127.0.0.1:8405
  http-request return status 200 if { path /alive }
  http-request auth realm r unless { http_auth(statistics) }
  http-request return status 204
frontend dns
  mode tcp
  bind ${VIP}:53 transparent
  bind ${ADDRESSES[node]}:53 transparent
  default_backend resolvers
${haproxy}
backend resolvers
  mode tcp
  balance leastconn
${servers.map((name) => `  server ${name} ${SERVERS}:530${name.slice(1)} check inter 1s\n`).join("")}`;
  }

  private dnsdist(node: NodeName, { dnsdist = "" }: Change): string {
    return `local release = os.getenv("DNSLB_RELEASE") or "."
local file = io.open("${this.run(node)}/dnsdist.key")
local key = file and file:read("*l")
if file then file:close() end
setKey(key or "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
setLocal("0.0.0.0:53", { reusePort = true })
${dnsdist}
setACL({ "0.0.0.0/0" })
controlSocket("127.0.0.1:5199")
setSecurityPollSuffix("")
if inClientStartup() then return end
dofile(release .. "/dnsdist/runtime.lua")
dnslb.start(release)
`;
  }

  private keepalived(node: NodeName): string {
    const peer = node === "a" ? "b" : "a";
    return `global_defs {
  router_id ${node}
  vrrp_version 3
  script_user root
  enable_script_security
}
${this.ports === "everybody's" ? `static_ipaddress {\n  ${VIP}/32 dev lo scope host\n}` : ""}
track_file drain {
  file ${this.run(node)}/drain
  weight -100
  init_file 0
}
track_file dnsdist {
  file ${this.run(node)}/check-dnsdist
  weight -60
}
track_file haproxy {
  file ${this.run(node)}/check-haproxy
  weight -40
}
vrrp_script watch {
  script "${this.agentFolder}/check ${this.run(node)}/watch"
  interval 2
  timeout 1
  fall 2
  rise 1
  weight -3
}
vrrp_instance v4 {
  state BACKUP
  interface eth0
  virtual_router_id 53
  priority 250
  advert_int 0.2
  unicast_src_ip ${ADDRESSES[node]}
  unicast_peer {
    ${ADDRESSES[peer]}
  }
  virtual_ipaddress {
    ${VIP}/32 dev eth0
  }
  track_file {
    drain
    dnsdist
    haproxy
  }
  track_script {
    watch
  }
}
`;
  }

  private place(node: NodeName): Place {
    return { address: ADDRESSES[node], keepsAddresses: this.ports === "everybody's" };
  }

  private watch(node: NodeName): { service: Service; checks: Watch } {
    return {
      service: {
        name: "watch",
        user: USER,
        command: [
          join(this.agentFolder, "dns-lb-agent"),
          "--state",
          this.state(node),
          "--run",
          this.run(node),
          "watch",
        ],
        check: [],
        ...TAKEN_BY_MODULE,
      },
      checks: {
        interval: 200,
        timeout: 400,
        fall: 2,
        rise: 2,
        checks: [
          {
            name: "dnsdist",
            kind: "daemon",
            check: DNSDIST_ALIVE,
          },
          {
            name: "haproxy",
            kind: "daemon",
            check: { kind: "http", service: "haproxy", port: 8405, path: "/alive" },
          },
        ],
      },
    };
  }

  private ip(...words: string[]): string {
    return execFileSync("ip", words, { encoding: "utf8" });
  }
}

/** Starts two nodes with their first release, and waits until one of them serves. */
export async function startTwoNodes(): Promise<TwoNodes> {
  const nodes = new TwoNodes();
  try {
    nodes.open();
    for (const node of ["a", "b"] as const) nodes.supervise(node);
    for (const { status, stdout, stderr } of await Promise.all([nodes.apply("a"), nodes.apply("b")])) {
      if (status !== 0 || stderr !== "") throw new Error(`ended with ${status}: ${stdout}${stderr}`);
    }
    await steady(() => nodes.holder(), 3_000);
    await until(async () => (await nodes.answers("+notcp")) && (await nodes.answers("+tcp")));
    return nodes;
  } catch (error) {
    nodes.close();
    throw error;
  }
}

/** Waits until one node has held the address for a while: it may move until keepalived has seen its checks pass twice. */
async function steady(holder: () => readonly NodeName[], milliseconds: number): Promise<void> {
  let [last, since] = ["", Date.now()];
  await until(async () => {
    const now = holder().join(" and ");
    if (now !== last) [last, since] = [now, Date.now()];
    return (now === "a" || now === "b") && Date.now() - since >= milliseconds;
  });
}

/** Waits until something holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`this did not come true: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function policy(servers: readonly string[]): string {
  const lines = servers.flatMap((name) => {
    const address = `address = "${SERVERS}:530${name.slice(1)}", checkInterval = 1, rise = 1, maxCheckFailures = 2`;
    return [
      `{ id = "resolvers/${name}", pools = { "resolvers" }, options = { ${address} } },`,
      `{ id = "resolvers:tcp/${name}", pools = { "resolvers:tcp" }, options = { ${address}, tcpOnly = true, checkTCP = true } },`,
    ];
  });
  const local = 'NetmaskGroupRule(netmasks({ "127.0.0.1/32" }), false)';
  const named = (name: string) => `AndRule({ ${local}, QNameRule("${name}.dns-lb.invalid.") })`;
  return `return {
  servers = { ${lines.join("\n")} },
  pools = {
    { name = "resolvers", policy = "leastOutstanding" },
    { name = "resolvers:tcp", policy = "leastOutstanding" },
  },
  rules = {
    { name = "alive", rule = ${named("alive")}, action = SpoofAction("127.0.0.1") },
    { name = "others", rule = ${local}, action = DropAction() },
    { name = "tcp", rule = TCPRule(true), action = PoolAction("resolvers:tcp") },
    { name = "udp", rule = AllRule(), action = PoolAction("resolvers") },
  },
}
`;
}

interface Place {
  readonly address: string;
  readonly keepsAddresses: boolean;
}

function manifest(
  watch: { service: Service; checks: Watch },
  { address, keepsAddresses }: Place,
  { servers = ["s1", "s2"], listeners = {} }: Change,
): Manifest {
  const haproxy: Service = {
    name: "haproxy",
    user: USER,
    command: ["haproxy", "-W", "-db", "-S", "{run}/haproxy-master.sock,mode,600", "-f", "{state}/current/haproxy"],
    check: ["haproxy", "-c", "-f", "{release}/haproxy"],
    ...TAKEN_BY_MODULE,
    settings: {
      masterSocket: "{run}/haproxy-master.sock",
      runtimeSocket: "{run}/haproxy.sock",
      stateFile: "{run}/haproxy-servers",
    },
    listeners: [
      ...[VIP, address].map((own) => ({ ...EVERYWHERE, address: own, transport: "tcp" as const })),
      { ...EVERYWHERE, address: "127.0.0.1", port: 8405, transport: "tcp", foreign: false },
      ...(listeners.haproxy ?? []),
    ],
  };
  const dnsdist: Service = {
    name: "dnsdist",
    user: USER,
    command: ["dnsdist", "--supervised", "--disable-syslog", "-C", "{state}/current/dnsdist/dnsdist.conf"],
    check: ["dnsdist", "--check-config", "-C", "{release}/dnsdist/dnsdist.conf"],
    ...TAKEN_BY_MODULE,
    settings: { console: "127.0.0.1:5199", key: "{run}/dnsdist.key", client: "{run}/dnsdist-client.conf" },
    restartOn: ["dnsdist/dnsdist.conf", "dnsdist/runtime.lua"],
    listeners: [
      EVERYWHERE,
      { ...EVERYWHERE, transport: "tcp" },
      { ...EVERYWHERE, address: "127.0.0.1", port: 5199, transport: "tcp", foreign: false, shared: false },
      ...(listeners.dnsdist ?? []),
    ],
  };
  const conf = "keepalived/keepalived.conf";
  const keepalived: Service = {
    name: "keepalived",
    user: "root",
    command: [
      ...["keepalived", "--dont-fork", "--log-console", "--vrrp"],
      ...["--pid", "{run}/private/keepalived-main.pid", "--vrrp_pid", "{run}/private/keepalived-vrrp.pid"],
      ...["--use-file", `{state}/current/${conf}`],
    ],
    check: ["keepalived", "--config-test", "--use-file", `{release}/${conf}`],
    ...TAKEN_BY_MODULE,
    settings: {
      pid: "{run}/private/keepalived-main.pid",
      vrrpPid: "{run}/private/keepalived-vrrp.pid",
      data: "{run}/private/keepalived.data",
    },
  };
  return {
    schema: 2,
    workload: "lb",
    node: "node",
    user: USER,
    services: [haproxy, dnsdist, watch.service, keepalived],
    compose: [
      {
        kind: "service",
        service: "haproxy",
        path: "haproxy/credentials.cfg",
        secret: "secrets/password",
        settings: { userlist: "statistics", user: "ops" },
      },
    ],
    ready: [DNSDIST_ALIVE, { kind: "http", service: "haproxy", port: 8405, path: "/alive" }],
    pools: [
      {
        name: "resolvers",
        servers: servers.map((name) => ({
          ...{ name, address: SERVERS, port: Number(`530${name.slice(1)}`) },
          names: {
            haproxy: { resolvers: `resolvers/${name}` },
            dnsdist: { udp: `resolvers/${name}`, tcp: `resolvers:tcp/${name}` },
          },
        })),
      },
    ],
    mobility: {
      kind: "vrrp",
      service: "keepalived",
      virtualAddresses: [{ address: VIP, interface: "eth0", onLoopback: keepsAddresses }],
    },
    watch: watch.checks,
  };
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid !== undefined) killQuietly(-child.pid, name);
}

function killQuietly(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
