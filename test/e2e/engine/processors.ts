import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/*
 * Containers share the processors as one group among many: beside a build, a deployment and the clients of a drill they
 * would get what one of these gets. On machines of their own they have nearly all.
 */
const TOP = "/sys/fs/cgroup";
/** Ten times as much as any other group. */
const SHARES = "10240";
const WEIGHT = "1000";

/** Gives the containers of an engine more of the processors than anything beside them, where the system allows it. */
export function favour(group: string): void {
  const old = join(TOP, "cpu");
  try {
    if (existsSync(old)) weigh(join(old, group), "cpu.shares", SHARES);
    else if (controllers().includes("cpu")) weigh(join(TOP, group), "cpu.weight", WEIGHT);
  } catch (error) {
    console.warn(`containers get no more of the processors than anything else: ${String(error)}`);
  }
}

function weigh(group: string, file: string, value: string): void {
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, file), value);
}

/** What control groups of version 2 share out. */
function controllers(): readonly string[] {
  const file = join(TOP, "cgroup.subtree_control");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split(" ") : [];
}

/** The argument list that runs a program with what others leave of the processors, as one that runs elsewhere. */
export function modestly(argv: readonly string[]): readonly string[] {
  return weighed(19, argv);
}

/** The argument list that runs a program which must not wait for others, since it measures them. */
export function eagerly(argv: readonly string[]): readonly string[] {
  return weighed(-15, argv);
}

/** The program must lead a session of its own: Linux weighs sessions, then the processes of each. */
function weighed(nice: number, argv: readonly string[]): readonly string[] {
  const script = '{ echo "$1" >/proc/self/autogroup; } 2>/dev/null; renice -n "$1" $$ >/dev/null; shift; exec "$@"';
  return ["sh", "-c", script, "sh", String(nice), ...argv];
}
