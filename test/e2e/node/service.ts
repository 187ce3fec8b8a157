import { describe, expect, test } from "vitest";
import { PROCESSES, type RunningNode } from "./running-node.js";
import { type Site, VIRTUAL } from "./site.js";
import { SOLO } from "./stacks.js";

export function service(site: () => Site): void {
  describe("a node", () => {
    test.each([
      ["the virtual address of a pair", VIRTUAL],
      ["a single node", SOLO],
    ])("answers over UDP and TCP: %s", async (_, address) => {
      await site().answering(address, 20);
    });

    test("consists of the daemons, the agent and their supervisor", async () => {
      expect([...(await site().lb1.named()).keys()].sort()).toEqual([...PROCESSES].sort());
    });

    test("answers UDP by dnsdist and TCP by HAProxy", async () => {
      const { holder } = await site().roles();
      const { output } = await holder.exec(["dns-lb-agent", "status", "--json"]);
      expect(JSON.parse(output)).toMatchObject({ addresses: [VIRTUAL] });
      // On a busy machine the address may move meanwhile.
      const counted = async () => {
        const counts = await Promise.all([site().lb1, site().lb2].map(connections));
        return counts.reduce((sum, count) => sum + count, 0);
      };
      const before = await counted();
      expect(await site().client.isAnswered(VIRTUAL, "udp", 2_000)).toBe(true);
      expect(await counted()).toBe(before);
      expect(await site().client.isAnswered(VIRTUAL, "tcp", 2_000)).toBe(true);
      expect(await counted()).toBe(before + 1);
    });

    test("shows what it does, with its daemons as they run in a container", async () => {
      const { holder } = await site().roles();
      const [{ code, output }] = await Promise.all([
        holder.exec(["dns-lb-agent", "top"]),
        site().client.isAnswered(VIRTUAL, "udp", 2_000),
      ]);
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(VIRTUAL) });
      expect(output).toMatch(/^internal +\S+ +\S+ +\d+ +\d+\.\d %/m);
      expect(output).toMatch(/^\S+\/\S+ +up /m);
      expect(output).toMatch(/^queries of the last \d+ s, without direct TCP: \d+ of \d+ clients?$/m);
      expect(output).not.toMatch(/unknown|WARNING/);
    });
  });
}

const STATISTICS = `
import socket
connection = socket.socket(socket.AF_UNIX)
connection.connect("/run/dns-lb/haproxy.sock")
connection.sendall(b"show stat\\n")
print(connection.makefile().read())
`;

/** How many connections HAProxy has taken for the frontend. */
async function connections(node: RunningNode): Promise<number> {
  const { output } = await node.exec(["python3", "-c", STATISTICS], "dns-lb");
  const row = output.split("\n").find((line) => line.startsWith("internal,FRONTEND"));
  return Number(row?.split(",")[7]);
}
