import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import type { ManifestPool } from "../../../lib/model/manifest.js";
import { AGENT, manifest } from "./fake-node.js";

const PROGRAM = `
import json, sys
from dnslb_agent.daemons import haproxy
from dnslb_agent.decode import decode
from dnslb_agent.manifest import Manifest
print(haproxy.down_servers(sys.argv[1], haproxy.configured_servers(decode(json.loads(sys.argv[2]), Manifest, "manifest.json"))), end="")`;

/** What is handed over of `show servers state` to a process with the servers of these pools. */
function handedOver(state: string, pools: readonly ManifestPool[]): string {
  const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
  return execFileSync("/usr/bin/python3", ["-B", "-c", PROGRAM, state, JSON.stringify(manifest({ pools }))], options);
}

const HEADER = "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_fqdn srv_port";
const row = (server: string, address: string, port: number, state = 0, backend = "resolvers") =>
  `3 ${backend} 1 ${server} ${address} ${state} 0 - ${port}`;
const stateOf = (...rows: string[]) => `1\n${HEADER}\n${rows.join("\n")}\n\n`;

const server = (pool: string, name: string, address: string, names = { haproxy: { [pool]: `${pool}/${name}` } }) => ({
  ...{ name, address, port: 53, names },
});
const POOLS: readonly ManifestPool[] = [
  {
    name: "resolvers",
    servers: [
      server("resolvers", "r1", "192.168.1.10"),
      server("resolvers", "r2", "192.168.1.11"),
      server("resolvers", "r6", "2001:db8::10"),
    ],
  },
  { name: "others", servers: [server("others", "r1", "192.168.2.10")] },
  // Of a pool whose TCP goes through dnsdist HAProxy has no servers.
  { name: "inspected", servers: [{ ...server("inspected", "r1", "192.168.3.10"), names: {} }] },
];

describe("what a reload of HAProxy hands over", () => {
  test("are the servers that are down", () => {
    const [down, other] = [row("r1", "192.168.1.10", 53), row("r6", "2001:db8:0::10", 53)];
    const state = stateOf(down, row("r2", "192.168.1.11", 53, 2), other);
    expect(handedOver(state, POOLS)).toBe(`1\n${HEADER}\n${down}\n${other}\n`);
  });

  test.each([
    ["a server with another address", row("r1", "192.168.1.99", 53)],
    ["a server with another port", row("r1", "192.168.1.10", 5353)],
    ["a server that is gone", row("r3", "192.168.1.10", 53)],
    ["a server of another backend", row("r2", "192.168.1.11", 53, 0, "others")],
    ["a server that HAProxy has no more", row("r1", "192.168.3.10", 53, 0, "inspected")],
    ["a server that is up", row("r1", "192.168.1.10", 53, 2)],
    ["a server that is just coming up", row("r1", "192.168.1.10", 53, 1)],
    ["nothing", ""],
  ])("is not %s", (_, line) => {
    expect(handedOver(stateOf(line), POOLS)).toBe("1\n");
  });

  test.each(["", "\n", "Unknown command.\n", "2\n# be_name\nresolvers\n", "1\n"])(
    "is nothing for the answer %j",
    (state) => {
      expect(handedOver(state, POOLS)).toBe("1\n");
    },
  );
});
