import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { runIsolated, testWith } from "../config/daemon.js";

const AGENT = join(__dirname, "../../../lib/node/agent");
const testLoopback = testWith("unshare", "ip", "python3");

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "dns-lb-loopback-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A call of the agent's module, as a command of a shell. */
function agent(call: string): string {
  const script = [
    `import sys; sys.path.insert(0, "${AGENT}")`,
    "from dnslb_agent import loopback",
    "from dnslb_agent.node import Node",
    `loopback.${call.replace("(", `(Node("${directory}", "${directory}")`)}`,
  ].join("; ");
  return `python3 -IBSc '${script}' 2>/dev/null`;
}

const keep = (...addresses: readonly string[]) => agent(`keep(, [${addresses.map((each) => `"${each}"`).join(", ")}])`);

/** What `lo` has, but for its own addresses, after all commands. */
function addressesAfter(...commands: readonly string[]): readonly string[] {
  const shown = "ip -o address show dev lo";
  const { status, output } = runIsolated([...commands, shown].join(" && "));
  expect(status, output).toBe(0);
  return output.split("\n").flatMap((line) => {
    const [, address, flags = ""] = /inet6? (\S+) (.*?)\\/.exec(line) ?? [];
    return address === undefined || /^(127\.|::1)/.test(address) ? [] : [`${address} ${flags.trim()}`];
  });
}

testLoopback("the addresses of a group are on lo, none of them as a source of the node's own packets", () => {
  expect(addressesAfter(keep("203.0.113.53", "2001:db8:113::53"))).toEqual([
    "203.0.113.53/32 scope host lo",
    "2001:db8:113::53/128 scope global nodad deprecated",
  ]);
});

testLoopback("they come and go with releases, and each is touched once", () => {
  expect(addressesAfter(keep("203.0.113.53", "203.0.113.54"), keep("203.0.113.54", "203.0.113.55"))).toEqual([
    "203.0.113.54/32 scope host lo",
    "203.0.113.55/32 scope host lo",
  ]);
  expect(addressesAfter(keep("203.0.113.53"), agent("leave()"))).toEqual([]);
});

testLoopback("those of an administrator stay", () => {
  const own = "ip address add 203.0.113.53/32 dev lo";
  expect(addressesAfter(own, keep("203.0.113.53"), keep("203.0.113.54"), agent("leave()"))).toEqual([
    "203.0.113.53/32 scope global lo",
  ]);
});

testLoopback("what another program took away is put there again", () => {
  const taken = "ip address del 203.0.113.53/32 dev lo";
  expect(addressesAfter(keep("203.0.113.53"), taken, keep("203.0.113.53"))).toEqual(["203.0.113.53/32 scope host lo"]);
  expect(addressesAfter(keep("203.0.113.53"), taken, agent("leave()"))).toEqual([]);
});

testLoopback("fails when the node may not change its interfaces", () => {
  const command = keep("203.0.113.53").replace("2>/dev/null", "2>&1");
  const { status, output } = runIsolated(`setpriv --bounding-set=-net_admin --inh-caps=-net_admin ${command}`);
  expect(status).toBe(1);
  expect(output).toContain("ip address replace 203.0.113.53/32 dev lo: RTNETLINK answers: Operation not permitted");
});
