import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

/** What is handed over of `show servers state` to a process with that configuration. */
function handedOver(state: string, configuration: string): string {
  const program = `
import sys
from dnslb_agent import known_servers
print(known_servers.down(sys.argv[1], known_servers.configured(sys.argv[2])), end="")`;
  const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
  return execFileSync("/usr/bin/python3", ["-B", "-c", program, state, configuration], options);
}

const HEADER = "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_fqdn srv_port";
const row = (server: string, address: string, port: number, state = 0, backend = "resolvers") =>
  `3 ${backend} 1 ${server} ${address} ${state} 0 - ${port}`;
const stateOf = (...rows: string[]) => `1\n${HEADER}\n${rows.join("\n")}\n\n`;

const CONFIGURATION = `
global
    log stdout format raw daemon notice
frontend internal
    bind 10.0.0.53:53 transparent
    server is no word of a frontend:53
backend resolvers
    default-server check inter 1s
    server r1 192.168.1.10:53 weight 1
    server r2 192.168.1.11:53 weight 1
    server r6 [2001:db8::10]:53 weight 1
backend others
    server r1 192.168.2.10:53 weight 1
`;

describe("what a reload of HAProxy hands over", () => {
  test("are the servers that are down", () => {
    const [down, other] = [row("r1", "192.168.1.10", 53), row("r6", "2001:db8:0::10", 53)];
    const state = stateOf(down, row("r2", "192.168.1.11", 53, 2), other);
    expect(handedOver(state, CONFIGURATION)).toBe(`1\n${HEADER}\n${down}\n${other}\n`);
  });

  test.each([
    ["a server with another address", row("r1", "192.168.1.99", 53)],
    ["a server with another port", row("r1", "192.168.1.10", 5353)],
    ["a server that is gone", row("r3", "192.168.1.10", 53)],
    ["a server of another backend", row("r2", "192.168.1.11", 53, 0, "others")],
    ["words of a frontend", row("is", "no", 53, 0, "internal")],
    ["a server that is up", row("r1", "192.168.1.10", 53, 2)],
    ["a server that is just coming up", row("r1", "192.168.1.10", 53, 1)],
    ["nothing", ""],
  ])("is not %s", (_, line) => {
    expect(handedOver(stateOf(line), CONFIGURATION)).toBe("1\n");
  });

  test.each(["", "\n", "Unknown command.\n", "2\n# be_name\nresolvers\n", "1\n"])(
    "is nothing for the answer %j",
    (state) => {
      expect(handedOver(state, CONFIGURATION)).toBe("1\n");
    },
  );
});
