import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { AGENT } from "../fake-node.js";

const COMMON = `
import json, sys
from dnslb_agent.top import activity, moment, rates, table, text, view
from dnslb_agent.top.activity import *
from dnslb_agent.top.rates import Reading
from dnslb_agent.top.table import *
given = json.load(sys.stdin)
`;

/** Runs a program beside the agent's modules, which prints JSON; it has the input as \`given\`. */
export function python<T = unknown>(program: string, input: unknown = null): T {
  const options = { cwd: dirname(AGENT), encoding: "utf8", input: JSON.stringify(input), maxBuffer: 1e8 } as const;
  return JSON.parse(execFileSync("/usr/bin/python3", ["-B", "-c", `${COMMON}\n${program}`], options)) as T;
}
