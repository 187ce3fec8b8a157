import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, vi } from "vitest";
import type { AnnouncementRules, BgpAddresses, Manifest, WatchCheck } from "../../../lib/model/manifest.js";
import { AGENT, FakeNode, manifest, service, until as soon } from "../../node/agent/fake-node.js";

export const until = (holds: () => boolean, milliseconds = 25_000) => soon(holds, milliseconds);

export let node: FakeNode;

/** Gives each test of a file a node of its own, with a daemon that answers as BIRD does. */
export function withAnnouncer(): void {
  /* Drains and daemons that hang take seconds on an idle machine. */
  vi.setConfig({ testTimeout: 90_000 });
  afterAll(() => vi.resetConfig());
  beforeEach(() => {
    node = new FakeNode();
    mkdirSync(node.run, { mode: 0o750 });
    const path = join(__dirname, "fake-bird.py");
    node.program("bird", `#!/bin/sh\nexport FAKE_BIRD='${node.dir}'\nexec /usr/bin/python3 -B '${path}' "$@"\n`);
    // Not by this process, which may be busy for longer than a watch may be silent.
    node.background("bash", "-c", BEATS, "watch", join(node.run, "watch"), join(node.dir, "silent"));
  });
  afterEach(() => node.close());
}

const BEATS = 'while :; do read now _ < /proc/uptime; [ -e "$2" ] || echo "${now%%.*}" > "$1"; sleep 0.2; done';

export const uptime = () => Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));
export const put = (name: string, text: string) => writeFileSync(join(node.run, name), text);
export const fails = (check: string, failing = true) => put(`check-${check}`, failing ? "1\n" : "0\n");
export const mode = (text: string) => writeFileSync(join(node.dir, "mode"), text);

export const BIRD = service({
  name: "bird",
  command: [
    ...["bird", "-f", "-c", "{state}/current/bird/bird.conf"],
    ...["-s", "{run}/private/bird.ctl"],
    ...["-P", "{run}/private/bird.pid"],
  ],
  settings: {
    ...{ control: "{run}/private/bird.ctl", pid: "{run}/private/bird.pid" },
    announcement: "{run}/private/announcement.conf",
  },
  reload: [],
});

export const ask = {
  kind: "dns",
  service: "dnsdist",
  port: 9,
  name: "a.",
  address: "127.0.0.1",
  proxyProtocol: false,
} as const;
export const CHECKS: readonly WatchCheck[] = [
  { kind: "daemon", name: "dnsdist", check: ask },
  { kind: "daemon", name: "haproxy", check: ask },
];

export const RULES: AnnouncementRules = {
  checks: [
    { name: "dnsdist", cost: 4, whenFailing: "withdraw" },
    { name: "haproxy", cost: 3, whenFailing: "prepend" },
  ],
  ...{ staleCost: 1, staleAfter: 3_000, hold: 600, moves: 9, damping: 60_000, grace: 4_100 },
};

/** Addresses of this machine that no other run of this file has. */
const NETWORK = `127.${64 + (process.pid & 63)}.${(process.pid >> 6) & 255}`;
export const [OWN, PEER] = [`${NETWORK}.1`, `${NETWORK}.2`];

/** A group of this node and another one. */
export function group(part: Partial<BgpAddresses> = {}): BgpAddresses {
  return {
    ...{ kind: "bgp", service: "bird", addresses: ["2001:db8:113::53"] },
    sessions: [{ name: "router1", neighbor: "192.0.2.1", asn: 64_500, bfd: true, families: ["ipv6"] }],
    peers: [{ name: "b", address: PEER }],
    words: { address: OWN, port: 5_398 },
    announcement: RULES,
    ...part,
  };
}

export function releaseOf(part: Partial<Manifest> = {}): Manifest {
  const watch = { ...{ interval: 200, timeout: 400, fall: 2, rise: 2 }, checks: [...CHECKS] };
  return manifest({ services: [BIRD], mobility: group(), watch, ...part });
}

export const apply = (release = releaseOf(), note = "") =>
  node.agent("apply", node.bundle(release, { "bird/bird.conf": `# ${note}\n` }), "--timeout", "3");

/** A node whose announcer has told the daemon that it is at its best. */
export async function announcing(release = releaseOf()): Promise<void> {
  for (const { name } of CHECKS) fails(name, false);
  expect(await apply(release)).toMatchObject({ status: 0 });
  node.supervise("bird");
  await until(() => node.journal().at(-1) === "told 0 0");
}

export const told = (text: string) => until(() => node.journal().at(-1) === text);
export const child = () => Number(readFileSync(join(node.run, "private/bird.pid"), "utf8"));
/** The process beside the daemon that the announcer has started. */
export const watchdog = () => {
  const announcer = node.pid("bird") ?? 0;
  const children = () => readFileSync(`/proc/${announcer}/task/${announcer}/children`, "utf8").trim().split(" ");
  return Number(children().find((pid) => Number(pid) !== child()));
};
export const runs = (pid: number) => {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
};
export const status = async () => JSON.parse((await node.agent("status", "--json")).stdout);

/** Another node of the group, which says of itself what it is told to. */
export function other(said: object): () => void {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("message", (data, from) => {
    const { nonce, ...rest } = JSON.parse(data.toString());
    const word = { announces: true, leaving: false, serves: true, cost: 0, announced: 0, pools: [], ...said };
    if (!("announces" in rest)) socket.send(JSON.stringify({ v: 1, nonce, ...word }), from.port, from.address);
  });
  socket.bind(5_398, PEER);
  return () => socket.close();
}

/** What a Python program with the modules of the agent prints for an input, both as JSON. */
export const python = (program: string, input: unknown) =>
  JSON.parse(
    execFileSync("/usr/bin/python3", ["-B", "-c", program], {
      ...{ cwd: dirname(AGENT), encoding: "utf8", input: JSON.stringify(input) },
    }),
  );
