import { parseArgs } from "node:util";
import { BenchError } from "./errors.js";

/** How a profiled subject is asked; `sessions` are new ones of DNS over TLS with one query each. */
export type Transport = (typeof TRANSPORTS)[number];

/** What the bench is asked for. */
export interface Options {
  /** The file for the results. */
  readonly json?: string;
  /** The folder for the pictures. */
  readonly pictures?: string;
  /** The names of the parts; empty for all. */
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly rounds: number;
  readonly seconds: number;
  /** The release of Debian whose daemons are measured. */
  readonly debian?: "12" | "13";
  /** The subject to profile, instead of measuring. */
  readonly profile?: string;
  /** How it is asked then. */
  readonly transport: Transport;
}

export const USAGE = `usage: npm run bench -- [--json FILE] [--pictures FOLDER] [--only PART,...] [--quick] [--rounds N]
  [--seconds N] [--debian 12|13] [--profile SUBJECT [--transport udp|tcp|dot|sessions]]`;

const DEFAULTS = { full: { rounds: 20, seconds: 2 }, quick: { rounds: 20, seconds: 0.8 } };
const LEAST_ROUNDS = 5;
const TRANSPORTS = ["udp", "tcp", "dot", "sessions"] as const;

/** Reads the words of the command line. */
export function optionsOf(words: readonly string[], parts: readonly string[]): Options {
  const { json, pictures, only, quick = false, rounds, seconds, debian, profile, transport = "udp" } = valuesOf(words);
  const names = only === undefined ? [] : only.split(",");
  const unknown = names.filter((name) => !parts.some((part) => isWithin(name, part)));
  if (unknown.length > 0) throw usage(`--only: no part ${unknown.join(", ")}; there are ${parts.join(", ")}`);
  if (debian !== undefined && debian !== "12" && debian !== "13") throw usage(`--debian: 12 or 13, got ${debian}`);
  const over = TRANSPORTS.find((each) => each === transport);
  if (over === undefined) throw usage(`--transport: ${TRANSPORTS.join(", ")}, got ${transport}`);
  const defaults = quick ? DEFAULTS.quick : DEFAULTS.full;
  return {
    ...{ only: names, quick, transport: over },
    rounds: numberOf("--rounds", rounds, defaults.rounds, LEAST_ROUNDS),
    seconds: numberOf("--seconds", seconds, defaults.seconds, 0.1),
    ...(json === undefined ? {} : { json }),
    ...(pictures === undefined ? {} : { pictures }),
    ...(debian === undefined ? {} : { debian }),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** Whether a part is the one of a name, or one of those that the name stands for: `growth` for `growth/servers`. */
export function isWithin(name: string, part: string): boolean {
  return part === name || part.startsWith(`${name}/`);
}

function valuesOf(words: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...words],
      options: {
        ...{
          json: text,
          pictures: text,
          only: text,
          rounds: text,
          seconds: text,
          debian: text,
          profile: text,
          transport: text,
        },
        quick: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(option: string, text: string | undefined, fallback: number, least: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (value >= least) return value;
  throw usage(`${option}: a number of at least ${least}, got ${text}`);
}

function usage(problem: string): BenchError {
  return new BenchError(`${problem}\n${USAGE}`);
}
