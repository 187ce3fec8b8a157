import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import type { DotListener } from "../../../lib/model/dot-listener.js";
import type { NodeDescription } from "../../../lib/model/node.js";
import { DEBIAN_12, DEBIAN_13, type PlatformProfile } from "../../../lib/model/platform-profile.js";
import { haproxy } from "../../../lib/node/daemons/haproxy.js";
import { testCertificate } from "../../certificates.js";
import { AGENT, FakeNode, ME, manifest } from "../../node/agent/fake-node.js";
import { FRONTEND, PAIR } from "../../node/compile/models.js";
import { testWith } from "../config/daemon.js";

const PROGRAMS = ["haproxy", "openssl", "unshare", "nsenter", "ip", "ss"];
const testTickets = testWith(...PROGRAMS);
const canRun = spawnSync("which", PROGRAMS).status === 0;

const ADDRESS = "127.0.0.53";
const OPEN = 853;
const VERIFIED = 854;
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
  ) {
    const program = join(mkdtempSync(join(inject("scratch"), "tickets-")), "agent");
    writeFileSync(program, `#!/bin/sh\nexec ${enter.join(" ")} ${AGENT} "$@"\n`, { mode: 0o755 });
    this.node = new FakeNode(program);
  }

  static async open(change: Change): Promise<TicketNode> {
    const script = "ip link set lo up && echo up && exec sleep 1000";
    const holder = spawn("unshare", ["--net", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const made = new TicketNode(holder, ["nsenter", `--net=/proc/${holder.pid}/ns/net`]);
    made.node.supervise("haproxy");
    await made.apply(change);
    await made.listens();
    return made;
  }

  async apply({ trusted = authority.pem, mode = "required", given, note = "", listeners }: Change = {}): Promise<void> {
    const { run, state } = this.node;
    const version = spawnSync("haproxy", ["-v"], { encoding: "utf8" }).stdout;
    const profile: PlatformProfile = {
      ...{ name: "lab", user: ME, log: "stdout", keepsAddresses: false },
      versions: / 2\./.test(version) ? DEBIAN_12 : DEBIAN_13,
      paths: { run, state, agent: "/agent", trustStore: "/trust.pem" },
    };
    const ticketKeys = given === undefined ? {} : { ticketKeys: fromNode("/keys") };
    const clientAuth = { trust: fromNode("/trust"), mode };
    const all = [dot("open", OPEN, ticketKeys), dot("verified", VERIFIED, { clientAuth, ...ticketKeys })];
    const used = all.filter(({ name }) => listeners === undefined || listeners.includes(name));
    const frontend = { ...FRONTEND, addresses: [ADDRESS], allowFrom: ["127.0.0.0/8"], listeners: used };
    const loadBalancer = { ...PAIR, frontends: [frontend] };
    const parts = haproxy({ loadBalancer, node: PAIR.nodes[0] as NodeDescription, peers: [], profile });
    if (parts === undefined) throw new RangeError("HAProxy is no part of the node");
    const { service, tls = [], files = [] } = parts;
    const bundle = this.node.bundle(manifest({ services: [service], tls }), {
      ...Object.fromEntries(files.map(({ path, content }) => [path, content])),
      "secrets/open.pem": server.pem + server.keyPem,
      "secrets/verified.pem": server.pem + server.keyPem,
      "secrets/verified-clients.pem": trusted,
      ...(given === undefined ? {} : { "secrets/open-ticket-keys": given, "secrets/verified-ticket-keys": given }),
      "note.txt": note,
    });
    const { status, stderr } = await this.node.agent("apply", bundle);
    expect(status, stderr).toBe(0);
  }

  /** Eight hours pass: the node's clock says so, and its agent does what is due. */
  async rotate(): Promise<void> {
    const path = join(this.node.run, "tls-tickets");
    const [since, ...keys] = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, [Number(since) - 8 * 3_600, ...keys].join("\n"));
    expect(await this.node.agent("upkeep")).toEqual({ status: 0, stdout: "", stderr: "" });
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
beforeAll(async () => {
  if (canRun) [one, other] = await Promise.all([TicketNode.open({}), TicketNode.open({})]);
});
afterAll(() => {
  one?.close();
  other?.close();
});

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

describe("TLS sessions of both versions", () => {
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
    expect(keys.sort()).toEqual(["haproxy-tickets-open", "haproxy-tickets-verified", "tls-tickets"]);
    const modes = keys.map((name) => (statSync(join(one.node.run, name)).mode & 0o7777).toString(8));
    expect(modes).toEqual(["640", "640", "600"]);
    const lines = readFileSync(join(one.node.run, "haproxy-tickets-open"), "utf8").trim().split("\n");
    expect(lines.map((line) => Buffer.from(line, "base64").length)).toEqual([80, 80, 80]);
    expect(spawnSync("grep", ["-rlF", lines[1] ?? "", one.node.state]).stdout.toString()).toBe("");
    await one.apply({ listeners: ["open"] });
    expect(readdirSync(one.node.run).filter((name) => /^haproxy-tickets-/.test(name))).toEqual([
      "haproxy-tickets-open",
    ]);
    await one.apply();
  });
});
