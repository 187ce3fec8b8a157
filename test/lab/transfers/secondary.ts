import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Lab } from "../../../lib/testing/lab/index.js";
import { namespaceName } from "../../../lib/testing/lab/names.js";

/** How a transfer ended. */
export interface Transferred {
  /** "whole", "cut" with a reason if there is one, or the RCODE of a refusal. */
  readonly end: string;
  readonly records: number;
  readonly bytes: number;
  readonly seconds: number;
  /** The version of TLS and the protocol that were agreed upon; empty over plain TCP. */
  readonly tls: readonly string[];
}

const run = promisify(execFile);
const PROGRAM = join(__dirname, "secondary.py");

/** Transfers a zone from an address of the lab that a client has already used; `options` are those of the program. */
export async function transfer(
  lab: Lab,
  client: string,
  { server, zone, records }: { readonly server: string; readonly zone: string; readonly records: number },
  ...options: readonly (string | number)[]
): Promise<Transferred> {
  const program = ["/usr/bin/python3", PROGRAM, server, zone, String(records), ...options.map(String)];
  const namespace = namespaceName(lab.name, `client-${client}`);
  const { stdout } = await run("ip", ["netns", "exec", namespace, ...program]);
  return JSON.parse(stdout);
}
