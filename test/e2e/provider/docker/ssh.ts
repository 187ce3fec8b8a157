import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { makeTemporary, removeTemporary } from "../../temporary.js";

/**
 * Reaches an engine as the real provider does: each connection is a process of its own of the system's `ssh`, which runs
 * `docker system dial-stdio` on the other side. Keys, known hosts and all else are those of `ssh`.
 */
export class SshTunnel {
  /** What the process that failed last has said. */
  words = "";
  private readonly children = new Set<ChildProcess>();

  private constructor(
    private readonly directory: string,
    private readonly argv: readonly string[],
    private readonly server: Server,
  ) {}

  static async open(url: URL, options: readonly string[]): Promise<SshTunnel> {
    const { username, hostname, port, pathname } = url;
    const timeout = options.some((option) => option.includes("ConnectTimeout")) ? [] : ["-o ConnectTimeout=30"];
    const argv = [
      ...[...options, ...timeout, "-T"],
      ...(username === "" ? [] : ["-l", decodeURIComponent(username)]),
      ...(port === "" ? [] : ["-p", port]),
      ...["--", hostname, "docker"],
      ...(pathname === "" || pathname === "/" ? [] : ["--host", `unix://${pathname}`]),
      ...["system", "dial-stdio"],
    ];
    const server = createServer({ allowHalfOpen: true });
    const tunnel = new SshTunnel(makeTemporary("tunnel"), argv, server);
    server.on("connection", (socket) => tunnel.connect(socket));
    server.listen(tunnel.path);
    await once(server, "listening");
    return tunnel;
  }

  /** The local socket whose connections reach the engine. */
  get path(): string {
    return join(this.directory, "socket");
  }

  /** Ends all connections: the real provider's end with it. */
  close(): void {
    this.server.close();
    for (const child of this.children) child.kill();
    removeTemporary(this.directory);
  }

  private connect(socket: Socket): void {
    const child = spawn("ssh", this.argv, { stdio: "pipe" });
    this.children.add(child);
    let words = "";
    child.stderr.on("data", (chunk: Buffer) => {
      words += chunk.toString();
    });
    for (const stream of [socket, child.stdin]) stream.on("error", () => undefined);
    socket.pipe(child.stdin);
    child.stdout.pipe(socket, { end: false });
    socket.once("close", () => child.kill());
    child.once("error", (error) => {
      this.words = error.message;
      socket.destroy();
    });
    child.once("close", (code) => {
      this.children.delete(child);
      if (code !== 0 && code !== null) {
        this.words = `command [ssh ${this.argv.join(" ")}] has exited with exit status ${code}, stderr=${words.trim()}`;
      }
      socket.end();
    });
  }
}
