import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine.js";
import { mustRun } from "../run.js";
import { makeTemporary, removeTemporary } from "../temporary.js";
import { ensureInstalled } from "./install.js";

const PORT = 2_222;
/** How the host is called; only the client's own settings know where it is. */
const NAME = "engine.example";

/** An SSH server on the host of an engine, for a key of its own. */
export class SshServer {
  private constructor(
    private readonly engine: Engine,
    private readonly directory: string,
  ) {}

  /** Starts Debian's, with its own limits; it ends with the engine. */
  static async start(engine: Engine): Promise<SshServer> {
    await ensureInstalled(["openssh-server", "openssh-client"]);
    const server = new SshServer(engine, makeTemporary("ssh"));
    for (const key of ["host", "client"]) {
      await mustRun(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", server.path(key)]);
    }
    const [hostKey = "", clientKey = ""] = ["host.pub", "client.pub"].map((name) => server.read(name));
    server.write("authorized_keys", clientKey);
    server.write("known_hosts", `${NAME} ${hostKey}`);
    server.write(
      "sshd_config",
      ...[`ListenAddress 127.0.0.1:${PORT}`, `HostKey ${server.path("host")}`, `PidFile ${server.path("pid")}`],
      // The folder for temporary files is everybody's.
      ...["StrictModes no", `AuthorizedKeysFile ${server.path("authorized_keys")}`, "PasswordAuthentication no"],
    );
    const [nsenter = "", ...words] = engine.inside([process.execPath, join(__dirname, "stdio.mjs"), String(PORT)]);
    server.write(
      "config",
      ...[`IdentityFile ${server.path("client")}`, "IdentitiesOnly yes", "BatchMode yes"],
      ...[`UserKnownHostsFile ${server.path("known_hosts")}`, "StrictHostKeyChecking yes"],
      `ProxyCommand ${nsenter} ${words.join(" ")}`,
    );
    const sshd = ["/usr/sbin/sshd", "-f", server.path("sshd_config"), "-E", server.path("log")];
    await engine.run(["mkdir", "-p", "/run/sshd"]);
    const { code, stderr } = await engine.run(sshd);
    if (code !== 0) throw new Error(`sshd ended with ${code}: ${stderr}`);
    return server;
  }

  /** The engine's address over SSH. */
  get host(): string {
    return `ssh://root@${NAME}${this.engine.host.slice("unix://".length)}`;
  }

  /** What `ssh` needs to be told to find it. */
  get options(): readonly string[] {
    return ["-F", this.path("config")];
  }

  /** Takes the host's key from those that are known. */
  forgetHost(): void {
    this.write("known_hosts");
  }

  log(): string {
    return this.read("log");
  }

  remove(): void {
    removeTemporary(this.directory);
  }

  private path(name: string): string {
    return join(this.directory, name);
  }

  private read(name: string): string {
    return readFileSync(this.path(name), "utf8").trim();
  }

  private write(name: string, ...lines: readonly string[]): void {
    writeFileSync(this.path(name), lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
  }
}
