import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Answer, ClientReply, ClientTransport } from "../../../lib/testing/lab/client-protocol.js";
import type { Engine } from "../engine.js";

const ROOT = join(__dirname, "..", "..", "..");
const NAME = "www.example.com";
/** What the resolver of these tests answers. */
const ADDRESS = "192.0.2.80";

/** Asks nodes from where the engine's bridges are, or from wherever else programs are run. */
export class Client {
  private child: ChildProcess | undefined;
  private readonly open = new Map<number, (answer: Answer | undefined) => void>();
  private asked = 0;

  constructor(private readonly engine: Pick<Engine, "inside">) {}

  /** Whether an address answers with what the resolver says. */
  async isAnswered(server: string, transport: ClientTransport, timeout = 500): Promise<boolean> {
    const answer = await this.ask(server, transport, timeout);
    return answer?.status === "NOERROR" && answer.answers.join() === ADDRESS;
  }

  stop(): void {
    this.child?.stdin?.end();
  }

  private ask(server: string, transport: ClientTransport, timeout: number): Promise<Answer | undefined> {
    const child = this.process();
    const id = this.asked++;
    const message = { name: NAME, type: "A", class: "IN", recursion: true, opcode: 0, bufferSize: 1232 };
    const target = { server, port: 53, transport, timeout };
    return new Promise((resolve) => {
      this.open.set(id, resolve);
      child.stdin?.write(`${JSON.stringify({ id, op: "exchange", target, messages: [message] })}\n`);
    });
  }

  /** The process that asks; a crash of the engine takes it along. */
  private process(): ChildProcess {
    if (this.child?.exitCode === null && this.child.signalCode === null) return this.child;
    const loader = join(ROOT, "node_modules/tsx/dist/loader.mjs");
    const program = join(ROOT, "lib/testing/lab/client-process.ts");
    const [nsenter = "", ...words] = this.engine.inside([process.execPath, "--import", loader, program]);
    const child = spawn(nsenter, words, { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const reply: ClientReply = JSON.parse(line);
      const answers = "result" in reply ? (reply.result as readonly Answer[]) : [];
      this.open.get(reply.id)?.(answers[0]);
      this.open.delete(reply.id);
    });
    child.once("exit", () => {
      for (const resolve of this.open.values()) resolve(undefined);
      this.open.clear();
    });
    this.child = child;
    return child;
  }
}
