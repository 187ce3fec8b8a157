import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, vi } from "vitest";
import type { DotListener } from "../../lib/model/dot-listener.js";
import type { NodeDescription } from "../../lib/model/node.js";
import { DEBIAN_12, DEBIAN_13, type PlatformProfile } from "../../lib/model/platform-profile.js";
import { haproxy } from "../../lib/node/daemons/haproxy.js";
import { rooted } from "../../lib/testing/lab/root.js";
import { testCertificate } from "../certificates.js";
import { AGENT, FakeNode, ME, manifest } from "../node/agent/fake-node.js";
import { FRONTEND, PAIR } from "../node/compile/models.js";
import { testWith } from "../real/config/daemon.js";
import { onBothGenerations } from "./generations.js";

const PROGRAMS = ["haproxy", "openssl", "curl", "unshare", "nsenter", "ip", "ss"];
const testTickets = testWith(...PROGRAMS);
const canRun = spawnSync("which", PROGRAMS).status === 0;

const ADDRESS = "127.0.0.53";
const OPEN = 853;
const VERIFIED = 854;
const STATISTICS = 8404;
const PASSWORD = "changeme";
type Version = "tls1_2" | "tls1_3";

const authority = testCertificate({ subject: "clients", ca: true });
const otherAuthority = testCertificate({ subject: "other clients", ca: true });
const server = testCertificate({ subject: "dns.test" });
const client = testCertificate({ subject: "client", issuer: authority });
const key = (letter: string) => Buffer.from(letter.repeat(48)).toString("base64");
const GIVEN = [key("a"), key("b"), key("c")].join("\n");

const fromNode = (path: string) => ({ kind: "node-file", path }) as const;
const dot = (name: string, port: number, more: Partial<DotListener> = {}): DotListener => ({
  ...{ kind: "dot", name, port, certificate: fromNode("/cert"), minimumTlsVersion: "1.2", idleTimeout: "30s" },
  ...more,
});

/** What a release says beside the certificates. */
interface Change {
  readonly trusted?: string;
  readonly mode?: "optional" | "required";
  /** The user's keys, for both listeners. */
  readonly given?: string;
  readonly note?: string;
  /** Only these listeners. */
  readonly listeners?: readonly string[];
}

/** A node with HAProxy alone, in a network of its own, and an agent that applies its releases. */
class TicketNode {
  readonly node: FakeNode;

  private constructor(
    private readonly holder: ChildProcess,
    private readonly enter: readonly string[],
    private readonly root: string | undefined,
  ) {
    const program = join(mkdtempSync(join(inject("scratch"), "tickets-")), "agent");
    const words = [...enter, ...this.installed(AGENT)].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    writeFileSync(program, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
    this.node = new FakeNode(program);
  }

  /** A command with the programs of the node: those of this machine, or of the other release. */
  private installed(...words: readonly string[]): readonly string[] {
    return this.root === undefined ? words : rooted(this.root, words);
  }

  static async open(root: string | undefined): Promise<TicketNode> {
    const script = "ip link set lo up && echo up && exec sleep 1000";
    const holder = spawn("unshare", ["--net", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const made = new TicketNode(holder, ["nsenter", `--net=/proc/${holder.pid}/ns/net`], root);
    made.node.supervise("haproxy");
    await made.apply();
    await made.listens();
    return made;
  }

  async apply({ trusted = authority.pem, mode = "required", given, note = "", listeners }: Change = {}): Promise<void> {
    const { run, state } = this.node;
    const [command = "", ...words] = this.installed("haproxy", "-v");
    const version = spawnSync(command, words, { encoding: "utf8" }).stdout;
    const profile: PlatformProfile = {
      ...{ name: "lab", user: ME, watchUser: ME, log: "stdout", keepsAddresses: false },
      versions: / 2\./.test(version) ? DEBIAN_12 : DEBIAN_13,
      paths: { run, state, agent: "/agent", trustStore: "/trust.pem" },
    };
    const ticketKeys = given === undefined ? {} : { ticketKeys: fromNode("/keys") };
    const clientAuth = { trust: fromNode("/trust"), mode };
    const all = [dot("open", OPEN, ticketKeys), dot("verified", VERIFIED, { clientAuth, ...ticketKeys })];
    const used = all.filter(({ name }) => listeners === undefined || listeners.includes(name));
    const frontend = { ...FRONTEND, addresses: [ADDRESS], allowFrom: ["127.0.0.0/8"], listeners: used };
    const [password, certificate] = [fromNode("/password"), fromNode("/cert")];
    const statistics = { addresses: [ADDRESS], port: STATISTICS, user: "ops", password, certificate };
    const loadBalancer = { ...PAIR, frontends: [frontend], statistics };
    const parts = haproxy({ loadBalancer, node: PAIR.nodes[0] as NodeDescription, peers: [], profile });
    if (parts === undefined) throw new RangeError("HAProxy is no part of the node");
    const { service, tls = [], files = [], composedFiles: compose = [] } = parts;
    const bundle = this.node.bundle(manifest({ services: [service], tls, compose }), {
      ...Object.fromEntries(files.map(({ path, content }) => [path, content])),
      "secrets/open.pem": server.pem + server.keyPem,
      "secrets/verified.pem": server.pem + server.keyPem,
      "secrets/verified-clients.pem": trusted,
      "secrets/statistics.pem": server.pem + server.keyPem,
      "secrets/statistics-password": PASSWORD,
      ...(given === undefined ? {} : { "secrets/open-ticket-keys": given, "secrets/verified-ticket-keys": given }),
      "note.txt": note,
    });
    const { status, stderr } = await this.node.agent("apply", bundle);
    expect(status, stderr).toBe(0);
  }

  /** Eight hours pass: the node's clock says so, and its agent does what is due. */
  async rotate(): Promise<void> {
    this.age();
    expect(await this.node.agent("upkeep")).toEqual({ status: 0, stdout: "", stderr: "" });
  }

  /** The same, done by the agent that waits for releases, as that of an image does. */
  async rotateByServing(): Promise<void> {
    const aged = this.age();
    const { process, outcome } = this.node.start("serve", join(this.node.dir, "inbox", "socket"));
    await vi.waitFor(() => expect(readFileSync(this.keys, "utf8")).not.toBe(aged), { timeout: 20_000, interval: 50 });
    // Then HAProxy is told, before the next bundle is accepted.
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill("SIGTERM");
    expect((await outcome).stderr).not.toContain("upkeep");
  }

  private age(): string {
    const [since, ...keys] = readFileSync(this.keys, "utf8").split("\n");
    const aged = [Number(since) - 8 * 3_600, ...keys].join("\n");
    writeFileSync(this.keys, aged);
    return aged;
  }

  private get keys(): string {
    return join(this.node.run, "tls-tickets");
  }

  /** The HTTP status of the statistics, and what they are asked with. */
  get(url: string, ...options: readonly string[]): string {
    const format = "%{http_code} %{http_version}";
    return this.run("curl", "-sko", "/dev/null", "-m", "5", "-w", format, ...options, url).stdout;
  }

  /** Connects and keeps the session. */
  session(version: Version, port = OPEN, certificate = false): string {
    const file = join(this.node.dir, `${version}-${port}-${Math.random()}`);
    expect(this.connect(version, port, ["-sess_out", file], certificate)).toBe("new");
    return file;
  }

  /** Connects with a session: whether it is taken, or the connection refused. */
  resume(version: Version, session: string, port = OPEN, certificate = false): string {
    return this.connect(version, port, ["-sess_in", session], certificate);
  }

  /** What a client says of its handshake that knows a version alone, and, unlike Debian's curl, speaks old ones, too. */
  handshake(version: string, port: number): string {
    const target = ["-connect", `${ADDRESS}:${port}`, `-${version}`, "-cipher", "DEFAULT@SECLEVEL=0"];
    return this.run("sh", "-c", 'openssl s_client "$@" </dev/null 2>&1', "sh", ...target).stdout;
  }

  private connect(version: Version, port: number, words: readonly string[], certificate: boolean): string {
    const pem = join(this.node.dir, "client.pem");
    writeFileSync(pem, client.pem + client.keyPem);
    const presented = certificate ? ["-cert", pem, "-key", pem] : [];
    // Held open until the session is taken or kept, for tickets and refusals of TLS 1.3, which follow the handshake.
    const script = [
      'out=$1 kept=$2; shift 2; : >"$out"',
      "hold() { for i in $(seq 50); do",
      'if grep -q "^Reused\\|alert " "$out" || [ -s "$kept" ]; then break; fi',
      'if [ -z "$kept" ] && grep -q "^New, TLS" "$out"; then sleep 0.3; break; fi',
      "sleep 0.05; done; }",
      'hold | openssl s_client "$@" >"$out" 2>&1; cat "$out"',
    ].join("\n");
    const [, file = ""] = words;
    const kept = words[0] === "-sess_out" ? file : "";
    const target = ["-connect", `${ADDRESS}:${port}`, `-${version}`, ...presented, ...words];
    const { stdout } = this.run("sh", "-c", script, "sh", join(this.node.dir, "out"), kept, ...target);
    if (/alert (handshake failure|certificate required)/.test(stdout)) return "refused";
    return /^Reused, /m.test(stdout) ? "resumed" : /^New, TLS/m.test(stdout) ? "new" : stdout;
  }

  private async listens(): Promise<void> {
    for (let round = 0; round < 200; round += 1) {
      if (this.run("sh", "-c", `ss -lnt | grep -q ${ADDRESS}:${VERIFIED}`).status === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("HAProxy does not listen");
  }

  private run(...words: readonly string[]) {
    const [command = "", ...rest] = [...this.enter, ...words];
    return spawnSync(command, rest, { encoding: "utf8", timeout: 20_000 });
  }

  close(): void {
    this.node.close();
    this.holder.kill("SIGKILL");
    this.holder.stdout?.destroy();
  }
}

let one: TicketNode;
let other: TicketNode;

/** What holds of a session of each version of TLS. */
type Each<T> = Readonly<Record<Version, T>>;
const each = <T>(make: (version: Version) => T): Each<T> => ({ tls1_2: make("tls1_2"), tls1_3: make("tls1_3") });
const both = (outcome: string) => each(() => outcome);

/** A session of each version with a node. */
const sessions = (node: TicketNode, port = OPEN, certificate = false) =>
  each((version) => node.session(version, port, certificate));

/** What becomes of a session of each version with a node. */
const resume = (node: TicketNode, kept: Each<string>, port = OPEN) =>
  each((version) => node.resume(version, kept[version], port));

onBothGenerations(
  ({ options }) => {
    beforeAll(async () => {
      if (canRun) [one, other] = await Promise.all([TicketNode.open(options.root), TicketNode.open(options.root)]);
    });
    afterAll(() => {
      one?.close();
      other?.close();
    });

    testTickets("survive reloads, and their key's change until its time is over", async () => {
      const first = sessions(one);
      expect(resume(one, first)).toEqual(both("resumed"));
      await one.apply({ note: "1" });
      expect(resume(one, first)).toEqual(both("resumed"));
      // The other node has keys of its own.
      expect(resume(other, first)).toEqual(both("new"));

      await one.rotate();
      expect(resume(one, first)).toEqual(both("resumed"));
      await one.apply({ note: "2" });
      expect(resume(one, first)).toEqual(both("resumed"));
      const second = sessions(one);

      await one.rotate();
      expect(resume(one, first)).toEqual(both("new"));
      expect(resume(one, second)).toEqual(both("resumed"));
      await one.apply({ note: "3" });
      expect(resume(one, first)).toEqual(both("new"));
      expect(resume(one, second)).toEqual(both("resumed"));
    });

    testTickets("are worth nothing where clients must present more", async () => {
      const verified = sessions(one, VERIFIED, true);
      expect(resume(one, verified, VERIFIED)).toEqual(both("resumed"));
      expect(resume(one, verified, OPEN)).toEqual(both("new"));
      expect(resume(one, sessions(one), VERIFIED)).toEqual(both("refused"));

      await one.apply({ trusted: otherAuthority.pem });
      expect(resume(one, verified, VERIFIED)).toEqual(both("refused"));
      await one.apply({ mode: "optional" });
      const anonymous = sessions(one, VERIFIED);
      await one.apply({ mode: "required" });
      expect(resume(one, anonymous, VERIFIED)).toEqual(both("refused"));
      expect(resume(one, verified, VERIFIED)).toEqual(both("resumed"));
    });

    testTickets("move with the addresses by keys that the user gives", async () => {
      await Promise.all([one.apply({ given: GIVEN }), other.apply({ given: GIVEN })]);
      const first = sessions(one);
      expect(resume(other, first)).toEqual(both("resumed"));
      expect(resume(other, sessions(one, VERIFIED, true), VERIFIED)).toEqual(both("resumed"));
      // The nodes change one after the other.
      await one.apply({ given: `${GIVEN}\n${key("d")}` });
      const second = sessions(one);
      expect(resume(other, second)).toEqual(both("resumed"));
      await other.apply({ given: `${GIVEN}\n${key("d")}` });
      expect(resume(one, first)).toEqual(both("resumed"));
      await one.apply({ given: [key("c"), key("d"), key("e")].join("\n") });
      expect(resume(one, first)).toEqual(both("new"));
      // They are not the node's to change.
      const third = sessions(one);
      for (let round = 0; round < 3; round += 1) await one.rotate();
      expect(resume(one, third)).toEqual(both("resumed"));
      await Promise.all([one.apply(), other.apply()]);
    });

    testTickets("have keys that lie in memory, for the daemon alone, and end with their listener", async () => {
      const keys = readdirSync(one.node.run).filter((name) => /tickets/.test(name));
      expect(keys.sort()).toEqual([
        "haproxy-tickets-open",
        "haproxy-tickets-statistics",
        "haproxy-tickets-verified",
        "tls-tickets",
      ]);
      const modes = keys.map((name) => (statSync(join(one.node.run, name)).mode & 0o7777).toString(8));
      expect(modes).toEqual(["640", "640", "640", "600"]);
      const lines = readFileSync(join(one.node.run, "haproxy-tickets-open"), "utf8").trim().split("\n");
      expect(lines.map((line) => Buffer.from(line, "base64").length)).toEqual([80, 80, 80]);
      expect(spawnSync("grep", ["-rlF", lines[1] ?? "", one.node.state]).stdout.toString()).toBe("");
      await one.apply({ listeners: ["open"] });
      expect(readdirSync(one.node.run).filter((name) => /^haproxy-tickets-/.test(name))).toEqual([
        "haproxy-tickets-open",
        "haproxy-tickets-statistics",
      ]);
      await one.apply();
    });

    testTickets(
      "are those of the statistics, which are served over TLS alone, to whoever has the password",
      async () => {
        const credential = ["--user", `ops:${PASSWORD}`];
        const https = `https://${ADDRESS}:${STATISTICS}`;
        for (const path of ["/stats", "/metrics", "/metrics/node"]) {
          expect(one.get(`${https}${path}`, ...credential)).toBe("200 1.1");
          expect(one.get(`${https}${path}`)).toBe("401 1.1");
          expect(one.get(`http://${ADDRESS}:${STATISTICS}${path}`, ...credential)).toBe("000 0");
        }
        expect(one.handshake("tls1_1", STATISTICS)).toContain("alert protocol version");
        expect(one.handshake("tls1_2", STATISTICS)).toContain("New, TLSv1.2");
        for (const version of ["1.2", "1.3"]) {
          expect(one.get(`${https}/stats`, ...credential, `--tlsv${version}`, "--tls-max", version)).toBe("200 1.1");
        }
        // Their keys are changed with the others.
        const kept = sessions(one, STATISTICS);
        await one.rotateByServing();
        expect(resume(one, kept, STATISTICS)).toEqual(both("resumed"));
        expect(resume(one, kept, OPEN)).toEqual(both("new"));
        await one.rotateByServing();
        expect(resume(one, kept, STATISTICS)).toEqual(both("new"));
      },
    );
  },
  { ownIfShort: true },
);
