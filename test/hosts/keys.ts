import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Namespace } from "../e2e/engine/namespace.js";
import { mustRun, until } from "../e2e/run.js";

/** The keys of one machine's SSH server: paths of files. */
export interface HostKey {
  readonly key: string;
  /** The public key as `known_hosts` has it, without the name of the host. */
  readonly known: string;
  /** The certificate of an authority for the key, if clients are to know that alone. */
  readonly certificate?: string;
}

/** The SSH keys of a site: of its operator, of its machines, and of the authority that signs some of these. */
export class SshKeys {
  private constructor(private readonly directory: string) {}

  static async create(directory: string): Promise<SshKeys> {
    mkdirSync(directory, { mode: 0o700 });
    const keys = new SshKeys(directory);
    await Promise.all(["client", "authority"].map((name) => keys.#generate(name)));
    return keys;
  }

  /** The file with the operator's private key. */
  get client(): string {
    return join(this.directory, "client");
  }

  /** The line of `authorized_keys` for it. */
  get authorized(): string {
    return this.#read("client.pub");
  }

  /** The public key of the authority. */
  get authority(): string {
    return this.#read("authority.pub");
  }

  /** Makes the key of a machine; with names, it is signed for them. */
  async host(name: string, certifiedFor: readonly string[] = []): Promise<HostKey> {
    const file = `host-${name}`;
    const key = await this.#generate(file);
    const known = this.#read(`${file}.pub`);
    if (certifiedFor.length === 0) return { key, known };
    const signed = ["-q", "-s", join(this.directory, "authority"), "-h", "-I", name, "-n", certifiedFor.join(",")];
    await mustRun(["ssh-keygen", ...signed, `${key}.pub`]);
    return { key, known, certificate: `${key}-cert.pub` };
  }

  /** Starts an SSH agent that has the operator's key, and gives its socket; it ends with the namespace. */
  async startAgent(namespace: Namespace): Promise<string> {
    const socket = join(this.directory, "agent");
    const [program = "", ...args] = namespace.inside(["ssh-agent", "-D", "-a", socket]);
    spawn(program, args, { stdio: "ignore" }).unref();
    await until("the SSH agent", 10, () => existsSync(socket));
    await mustRun(["ssh-add", "-q", this.client], { env: { SSH_AUTH_SOCK: socket } });
    return socket;
  }

  async #generate(name: string): Promise<string> {
    const path = join(this.directory, name);
    await mustRun(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
    return path;
  }

  #read(name: string): string {
    return readFileSync(join(this.directory, name), "utf8").trim();
  }
}
