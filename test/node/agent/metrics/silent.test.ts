import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import type { Manifest } from "../../../../lib/model/manifest.js";
import { AGENT, manifest, service } from "../fake-node.js";

/*
 * What a node tells while one of its daemons does not answer: all that others know, such as the kernel. `fakes` is Python that
 * stands for the daemon and the kernel.
 */

const PROGRAM = `
import json, os, sys
from dnslb_agent import announcer_state, certificates, kernel, last_change, outdated, processes
from dnslb_agent.announcer_state import AnnouncerState, PeerState
from dnslb_agent.daemons import BgpSessionState, bird, keepalived
from dnslb_agent.decode import decode
from dnslb_agent.errors import Failure
from dnslb_agent.manifest import Manifest
from dnslb_agent.metrics.collector import Collector
from dnslb_agent.metrics.samples import Samples
from dnslb_agent.node import Node
from dnslb_agent.processes import Process
def fails(error):
    def fail(*given):
        raise error
    return fail
given = json.load(sys.stdin)
runs = lambda node, name: None
exec(given["fakes"])
processes.find_running = lambda *given: runs(*given)
live = decode(given["manifest"], Manifest, "manifest.json")
node = Node("/nowhere", "/nowhere")
made, samples = Collector(node), Samples()
made._read_release = lambda: live
print(made.text())
`;

function told(live: Manifest, fakes: string): readonly string[] {
  const options = { cwd: dirname(AGENT), encoding: "utf8", input: JSON.stringify({ manifest: live, fakes }) } as const;
  return execFileSync("/usr/bin/python3", ["-B", "-c", PROGRAM], options)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

const VRRP = manifest({
  services: [service({ name: "keepalived" })],
  mobility: {
    ...({ kind: "vrrp", service: "keepalived" } as const),
    virtualAddresses: ["192.0.2.53", "192.0.2.54"].map((address) => ({
      address,
      interface: "eth0",
      onLoopback: false,
    })),
  },
});
const HERE = ['dnslb_address_here{address="192.0.2.53"} 1', 'dnslb_address_here{address="192.0.2.54"} 0'];
const addressesAre = (value: number) => `dnslb_source_up{source="addresses"} ${value}`;
const KERNEL = 'kernel.local_addresses = lambda: {"192.0.2.53", "192.0.2.2"}\n';

test.each([
  ["says nothing", "keepalived.Keepalived.vrrp = lambda *given: None"],
  ["ends while it is asked", "keepalived.Keepalived.vrrp = fails(ProcessLookupError())"],
])("tells which virtual addresses are here when what speaks VRRP %s", (_, daemon) => {
  const lines = told(VRRP, KERNEL + daemon);
  expect(lines).toEqual(expect.arrayContaining([...HERE, addressesAre(0)]));
  expect(lines.filter((line) => line.startsWith("dnslb_vrrp"))).toEqual([]);
});

const BGP = manifest({
  services: [service({ name: "bird" })],
  mobility: {
    ...({ kind: "bgp", service: "bird", addresses: ["192.0.2.53", "192.0.2.54"] } as const),
    sessions: [{ name: "router1", neighbor: "192.0.2.1", asn: 64_500, bfd: true, families: ["ipv4"] }],
    peers: [{ name: "b", address: "192.0.2.3" }],
    words: { address: "192.0.2.2", port: 5_353 },
    announcement: {
      checks: [],
      ...{ staleCost: 1, staleAfter: 3_000, hold: 10_000, moves: 3, damping: 600_000, grace: 10_000 },
    },
  },
});
const LOOPBACK = 'kernel.loopback_addresses = lambda: {"192.0.2.53"}\n';
const RUNS = "runs = lambda node, name: Process(os.getpid(), '0', '', '', 0.0)\n";
const STATE = `
peer = PeerState("b", "192.0.2.3", 10, True, False, True)
announcer_state.read = lambda node: AnnouncerState(
    int(announcer_state.now() * 1000), "r", "announce", 0, True, "", 0, 3, [], False, 0, 0, False, False, True, "", [peer]
)
`;
const SESSION = `
session = BgpSessionState("router1", "192.0.2.1", "Established", "", "Up", 2, "")
bird.Bird.sessions = lambda *given: [session]
`;
const SAYS_NOTHING = "bird.Bird.sessions = fails(TimeoutError())\n";
const NO_STATE = "announcer_state.read = lambda node: None\n";

test("tells what others know when what speaks BGP says nothing", () => {
  const lines = told(BGP, LOOPBACK + RUNS + STATE + SAYS_NOTHING);
  expect(lines).toEqual(
    expect.arrayContaining([
      // It is not on the loopback interface; whether routers are told the other one is unknown.
      'dnslb_address_here{address="192.0.2.54"} 0',
      'dnslb_peer_serves{peer="192.0.2.3"} 1',
      "dnslb_announcement_cost 0",
      addressesAre(0),
    ]),
  );
  expect(lines.filter((line) => /address_here.*53"|bgp_|bfd_/.test(line))).toEqual([]);
});

test("tells that no address is announced when what speaks BGP does not run", () => {
  const lines = told(BGP, LOOPBACK + NO_STATE);
  expect(lines).toEqual(
    expect.arrayContaining([
      'dnslb_address_here{address="192.0.2.53"} 0',
      'dnslb_address_here{address="192.0.2.54"} 0',
      addressesAre(0),
    ]),
  );
});

test("tells the sessions when the announcer says nothing", () => {
  const lines = told(BGP, LOOPBACK + RUNS + NO_STATE + SESSION);
  expect(lines).toEqual(
    expect.arrayContaining([
      ...HERE,
      'dnslb_bgp_session_up{session="router1",neighbor="192.0.2.1"} 1',
      'dnslb_bfd_session_up{session="router1",neighbor="192.0.2.1"} 1',
      addressesAre(0),
    ]),
  );
  expect(told(BGP, LOOPBACK + RUNS + STATE + SESSION)).toContain(addressesAre(1));
});

const PARTS = {
  node: ["service_up", "node_drained"],
  packages: ["restart_due"],
  changes: ["change_last_success", "change_under_way", "change_cut_short"],
  certificates: ["certificate_not_after_seconds"],
};
const NODE = `
import os
from dnslb_agent.certificates import Validity
from dnslb_agent.last_change import Outcome
os.lstat = lambda path: os.stat("/")
outdated.restarts_due = lambda *given: {"unbound": False}
last_change.read = lambda node: {"apply": Outcome(1.0, True)}
certificates.validities = lambda *given: [Validity("dot", "server", 1, 2, "expired")]
`;

test.each([
  ["packages", "outdated.restarts_due"],
  ["changes", "last_change.read"],
  ["certificates", "certificates.validities"],
] as const)("tells the rest of the node when its %s cannot be read", (part, name) => {
  const lines = told(manifest(), `${NODE}${name} = fails(OSError())`);
  const { [part]: missing, ...others } = PARTS;
  const isTold = (metric: string) => lines.some((line) => line.startsWith(`dnslb_${metric}`));
  expect(
    Object.values(others)
      .flat()
      .filter((metric) => !isTold(metric)),
  ).toEqual([]);
  expect(missing.filter(isTold)).toEqual([]);
  expect(lines.filter((line) => /^dnslb_source_up.* 0$/.test(line))).toEqual([`dnslb_source_up{source="${part}"} 0`]);
});
