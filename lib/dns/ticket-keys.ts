import type { Secret } from "../model/secret.js";
import type { Report } from "../terraform/parse.js";
import { localText } from "./local-text.js";

/** As many keys must there be: the last three count. */
const FEWEST = 3;
const SHORTEST = 32;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Checks keys of session tickets, if they are a file of this machine. The agent checks them all, by the same rules. */
export function checkTicketKeys(path: readonly string[], secret: Secret, report: Report): void {
  const local = localText(secret, path, "DNSLB164", report);
  const problem = local && ticketKeysProblem(local.text);
  if (problem !== undefined) report("DNSLB164", path, `${problem} (${local?.file})`);
}

/** What is wrong with a text of keys; it names lines, never what they hold. */
export function ticketKeysProblem(text: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trim());
  const keys = lines.flatMap((line, index) => (line === "" ? [] : [{ line, number: index + 1 }]));
  const fix = '"openssl rand -base64 48" makes one';
  const bad = keys.find(({ line }) => !BASE64.test(line) || Buffer.from(line, "base64").length < SHORTEST);
  if (bad !== undefined) {
    return `must have ${SHORTEST} or more bytes in Base64 on each line, got something else on line ${bad.number}; ${fix}`;
  }
  if (keys.length < FEWEST) return `must have at least ${FEWEST} lines with a key each, got ${keys.length}; ${fix}`;
  const again = keys.find(({ line }, index) => keys.findIndex((other) => other.line === line) < index);
  return again === undefined ? undefined : `must have each key once, got one again on line ${again.number}; ${fix}`;
}
