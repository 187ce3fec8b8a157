import { createConnection } from "node:net";
import { LabError } from "./errors.js";

const TIMEOUT = 2_000;
/** Of reply codes from here on, BIRD could not do what it was told. */
const FAILED = 8_000;

/**
 * Tells BIRD a command by its control socket, and gives the lines of its reply without their codes. Throws if BIRD does not
 * answer, or refuses.
 */
export function askBird(socket: string, command: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket);
    const lines: string[] = [];
    let rest = "";
    let greeted = false;
    const end = (error?: Error) => {
      connection.removeAllListeners().on("error", () => {});
      connection.destroy();
      if (error === undefined) resolve(lines);
      else reject(new LabError(`bird: ${command}: ${error.message}`));
    };
    connection.setEncoding("utf8").setTimeout(TIMEOUT, () => end(new Error("no answer")));
    connection.on("error", end).on("close", () => end(new Error("no answer")));
    connection.on("data", (text: string) => {
      const received = `${rest}${text}`.split("\n");
      rest = received.pop() ?? "";
      for (const line of received) {
        const [, code, last, said = ""] = /^(\d{4})([ -])(.*)$/.exec(line) ?? [];
        if (!greeted) {
          greeted = true;
          connection.write(`${command}\n`);
          continue;
        }
        lines.push(code === undefined ? line.slice(1) : said);
        if (last === " ") return end(Number(code) < FAILED ? undefined : new Error(said));
      }
    });
  });
}
