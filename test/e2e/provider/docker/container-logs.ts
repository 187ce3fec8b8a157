import type { Container } from "dockerode";
import { Refusal } from "../sdk/resource.js";

/** The real provider ends, in the middle of its work, at a line that is as long, with its end. */
const LONGEST_LINE = 64 * 1024;

/**
 * Reads what a container says until it ends, as the real provider does: line by line from the
 * engine's raw stream, so without a terminal (`tty`) each chunk keeps its eight bytes of header.
 */
export async function followLogs(container: Container): Promise<string> {
  const stream = await container.logs({ stdout: true, stderr: true, follow: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  const lines = Buffer.concat(chunks).toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (lines.some((line) => Buffer.byteLength(line) >= LONGEST_LINE)) {
    throw new Refusal("the provider crashes: bufio.Scanner: token too long");
  }
  return lines.map((line) => `${line.replace(/\r$/, "")}\n`).join("");
}
