import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeLab } from "../../lib/testing/lab/cleanup.js";
import { command } from "../../lib/testing/lab/command.js";
import type { Host } from "../../lib/testing/lab/host.js";
import { namespaceName } from "../../lib/testing/lab/names.js";
import { Network } from "../../lib/testing/lab/network.js";
import { leftovers, NOTHING } from "./leftovers.js";

const NAME = "t_network";
let network: Network;

beforeAll(async () => {
  removeLab(NAME);
  network = await Network.create(NAME);
  await network.add([
    { name: "a", interfaces: [{ name: "eth0", addresses: ["10.0.0.2", "2001:db8::2"] }] },
    { name: "b", interfaces: [{ name: "eth0", addresses: ["192.168.1.10", "fd00::10"] }] },
    { name: "c", interfaces: [{ name: "eth0", addresses: ["203.0.113.9"] }] },
  ]);
});

afterAll(() => {
  removeLab(NAME);
  expect(leftovers(NAME)).toEqual(NOTHING);
});

function host(name: string): Host {
  const found = network.host(name);
  if (found === undefined) throw new RangeError(name);
  return found;
}

const SENDER = `
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as connection:
    connection.settimeout(float(sys.argv[2]))
    try:
        connection.connect((sys.argv[1], 9))
    except ConnectionRefusedError:
        print("reached")
    except OSError as error:
        print("lost")
`;

/** A closed port that refuses was reached. */
async function reaches(from: string, address: string, seconds = 0.5): Promise<boolean> {
  const { stdout } = await host(from).exec(["python3", "-c", SENDER, address, String(seconds)]);
  return stdout.trim() === "reached";
}

/** How many hosts the switch drops packets to. */
async function cutHosts(): Promise<number> {
  const { stdout } = await command([
    ...["ip", "netns", "exec", namespaceName(NAME, "switch")],
    ...["nft", "list", "chain", "bridge", "lab", "cuts"],
  ]);
  return stdout.match(/ drop$/gm)?.length ?? 0;
}

describe("a network", () => {
  test.each([
    ["a", "192.168.1.10"],
    ["b", "10.0.0.2"],
    ["a", "fd00::10"],
    ["b", "2001:db8::2"],
    ["c", "192.168.1.10"],
  ])("leads from %s to %s, whatever their networks", async (from, address) => {
    expect(await reaches(from, address)).toBe(true);
  });

  test("leads nowhere else", async () => {
    const { stdout } = await host("a").exec(["ip", "-o", "link"]);
    expect(stdout.match(/^\d+: ([^:@]+)/gm)?.map((line) => line.replace(/^\d+: /, ""))).toEqual(["lo", "eth0"]);
    expect(await reaches("a", "198.51.100.1")).toBe(false);
  });

  test("finds hosts by address, in any spelling", () => {
    expect(network.hostOf("2001:DB8:0::2")?.name).toBe("a");
    expect(network.hostOf("10.0.0.9")).toBeUndefined();
  });

  test("knows all cuts, and forgets all, when they come at once", async () => {
    const hosts = ["a", "b", "c"];
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(hosts.map((name) => network.cut({ host: name, direction: "in", from: [] })));
      expect(await cutHosts()).toBe(hosts.length);
      await Promise.all(hosts.map((name) => network.heal(name)));
      expect(await cutHosts()).toBe(0);
    }
  });

  test.each(["both", "in", "out"] as const)("loses packets of a host, direction %s, and heals", async (direction) => {
    await network.cut({ host: "b", direction, from: [] });
    expect(await reaches("a", "192.168.1.10")).toBe(false);
    expect(await reaches("a", "203.0.113.9")).toBe(true);
    await network.heal("b");
    // A neighbour that was lost is looked for once a second.
    expect(await reaches("a", "192.168.1.10", 3)).toBe(true);
  });

  test("loses one direction alone", async () => {
    // Segments of TCP alone: neighbours may look for each other at any time.
    const received = async () => {
      const { stdout } = await host("b").exec(["cat", "/proc/net/snmp"]);
      const [names = [], values = []] = [...stdout.matchAll(/^Tcp: (.*)$/gm)].map(([, words = ""]) => words.split(" "));
      return Number(values[names.indexOf("InSegs")]);
    };
    await network.cut({ host: "b", direction: "out", from: [] });
    const before = await received();
    await reaches("a", "192.168.1.10");
    expect(await received()).toBeGreaterThan(before);
    await network.cut({ host: "b", direction: "in", from: [] });
    const then = await received();
    await reaches("a", "192.168.1.10");
    expect(await received()).toBe(then);
    await network.heal("b");
  });

  test("cuts a host off from one other", async () => {
    await network.cut({ host: "b", direction: "both", from: ["a"] });
    expect(await reaches("a", "192.168.1.10")).toBe(false);
    expect(await reaches("c", "192.168.1.10")).toBe(true);
    await network.heal("b");
  });

  test("takes the power from a host and gives it back", async () => {
    await host("c").exec(["sh", "-c", "sleep 60 >/dev/null 2>&1 & ip address add 10.9.9.9/32 dev eth0"]);
    await network.remove(host("c"));
    expect(await reaches("a", "203.0.113.9")).toBe(false);
    await network.restore(host("c"));
    expect(host("c").processes()).toEqual([]);
    expect(await reaches("a", "203.0.113.9")).toBe(true);
    expect(await reaches("a", "10.9.9.9")).toBe(false);
  });

  test("forwards through a host that is a router", async () => {
    await network.add([{ name: "r", interfaces: [{ name: "eth0", addresses: ["203.0.113.1"] }], forwards: true }]);
    await host("a").exec(["ip", "route", "add", "192.168.1.10/32", "via", "203.0.113.1", "dev", "eth0", "onlink"]);
    expect(await reaches("a", "192.168.1.10")).toBe(true);
    await network.cut({ host: "r", direction: "both", from: [] });
    expect(await reaches("a", "192.168.1.10")).toBe(false);
    await network.heal("r");
  });

  test("plugs a further interface into a host", async () => {
    await network.extend(host("b"), [{ name: "eth1", addresses: ["172.16.0.1"] }]);
    expect(await reaches("a", "172.16.0.1")).toBe(true);
  });

  test("fails when two hosts have one address", async () => {
    const plan = { name: "d", interfaces: [{ name: "eth0", addresses: ["10.0.0.2"] }] };
    await expect(network.add([plan])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[LabError: "d" and "a" both have the address 10.0.0.2]`,
    );
  });

  test("fails when a host cannot be named so", async () => {
    await expect(network.add([{ name: "a b", interfaces: [] }])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[LabError: the name of a host must be letters, digits, "_", "." and "-", start with a letter or digit and have at most 100 characters, got "a b"]`,
    );
  });
});
