import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const AGENT = join(__dirname, "../../../lib/node/agent/dns-lb-agent");

/* What a container has. */
const RIGHTS = ["--no-new-privs", "--bounding-set", "-all,+net_admin,+net_raw,+setuid,+setgid"];

const GATEWAYS = ["--gateway=10.0.0.1", "--gateway=fd53::1"];
const WORDS = [...GATEWAYS, "eth0=10.0.0.2", "eth1=203.0.113.2"];

/** A network namespace with two interfaces, as Docker leaves a container with two networks. */
class Container {
  private readonly name = `ifs-${process.pid}`;

  /** @param device the interface of 10.0.0.2; the default routes go by that of 203.0.113.2 */
  open(device: "eth0" | "eth1"): void {
    const other = device === "eth0" ? "eth1" : "eth0";
    execFileSync("ip", ["netns", "add", this.name]);
    for (const batch of [
      ["link set lo up", ...cable(device), ...cable(other)],
      [`address add 10.0.0.2/24 dev ${device}`, `address add 203.0.113.2/24 dev ${other}`],
      [`-6 address add fd53::2/64 dev ${device} nodad`, `-6 address add 2001:db8:113::2/64 dev ${other} nodad`],
      [`route add default via 203.0.113.1 dev ${other}`, `-6 route add default via 2001:db8:113::1 dev ${other}`],
      [`route add 192.168.1.0/24 via 10.0.0.9 dev ${device}`, `-6 route add fd99::/64 via fd53::9 dev ${device}`],
      [`route add 10.5.0.1 dev ${device}`, `route add 10.4.0.0/16 via 10.5.0.1 dev ${device}`],
      [`route add 192.168.7.0/24 dev ${device} table 77 src 10.0.0.2 metric 5`],
      [`route add 192.168.2.0/24 nexthop via 10.0.0.7 dev ${device} weight 2 nexthop via 10.0.0.8 dev ${device}`],
    ]) {
      for (const line of batch) this.ip(...line.split(" "));
    }
  }

  ip(...words: string[]): string {
    return execFileSync("ip", ["-n", this.name, ...words], { encoding: "utf8" });
  }

  interfaces(...words: string[]) {
    const command = ["netns", "exec", this.name, "setpriv", ...RIGHTS, AGENT, "interfaces", ...words];
    const { status, stdout, stderr } = spawnSync("ip", command, { encoding: "utf8" });
    return { status, stdout, stderr };
  }

  /** The interfaces with their addresses, without those that each gives itself. */
  addresses(): Readonly<Record<string, readonly string[]>> {
    const links: { ifname: string; addr_info: { local: string; prefixlen: number; scope: string }[] }[] = JSON.parse(
      this.ip("-j", "address"),
    );
    return Object.fromEntries(
      links
        .filter(({ ifname }) => ifname !== "lo" && !ifname.startsWith("to-"))
        .map(({ ifname, addr_info }) => [
          ifname,
          addr_info.filter(({ scope }) => scope === "global").map(({ local, prefixlen }) => `${local}/${prefixlen}`),
        ]),
    );
  }

  /** The routes but those that every interface has. */
  routes(): readonly string[] {
    return ["-4", "-6"].flatMap((family) =>
      this.ip("-o", family, "route", "show", "table", "all")
        .split("\n")
        .filter((line) => line !== "" && !/ table local | dev to-|^fe80::/.test(line))
        .map((line) => line.replaceAll(/\s+\\?\s*/g, " ").trim())
        .sort(),
    );
  }

  /** Addresses that cannot be bound yet. */
  tentative(): string {
    return this.ip("-6", "address", "show", "tentative", "scope", "global");
  }

  close(): void {
    spawnSync("ip", ["netns", "del", this.name]);
  }
}

function cable(device: string): readonly string[] {
  const peer = `to-${device}`;
  return [`link add ${device} type veth peer name ${peer}`, `link set ${peer} up`, `link set ${device} up`];
}

const ADDRESSES = {
  eth0: ["10.0.0.2/24", "fd53::2/64"],
  eth1: ["203.0.113.2/24", "2001:db8:113::2/64"],
};

const ROUTES = [
  "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2",
  "10.4.0.0/16 via 10.5.0.1 dev eth0",
  "10.5.0.1 dev eth0 scope link",
  "192.168.1.0/24 via 10.0.0.9 dev eth0",
  "192.168.2.0/24 nexthop via 10.0.0.7 dev eth0 weight 2 nexthop via 10.0.0.8 dev eth0 weight 1",
  "192.168.7.0/24 dev eth0 table 77 scope link src 10.0.0.2 metric 5",
  "203.0.113.0/24 dev eth1 proto kernel scope link src 203.0.113.2",
  "default via 10.0.0.1 dev eth0",
  "2001:db8:113::/64 dev eth1 proto kernel metric 256 pref medium",
  "default via fd53::1 dev eth0 metric 1024 pref medium",
  "fd53::/64 dev eth0 proto kernel metric 256 pref medium",
  "fd99::/64 via fd53::9 dev eth0 metric 1024 pref medium",
];

let container: Container;
beforeEach(() => {
  container = new Container();
});
afterEach(() => container.close());

describe("interfaces", () => {
  test("names interfaces that came in the wrong order, and gives back what that costs", () => {
    container.open("eth1");
    expect(container.interfaces(...WORDS)).toEqual({
      status: 0,
      stdout:
        "eth1 renamed to eth0\neth0 renamed to eth1\ndefault route set via 10.0.0.1 on eth0\ndefault route set via fd53::1 on eth0\n",
      stderr: "",
    });
    expect(container.addresses()).toEqual(ADDRESSES);
    expect(container.routes()).toEqual(ROUTES);
    expect(container.tentative()).toBe("");
  });

  test("leaves names alone that are right, and routes the second time", () => {
    container.open("eth0");
    const index = container.ip("-j", "link", "show", "eth0");
    expect(container.interfaces(...WORDS)).toEqual({
      status: 0,
      stdout: "default route set via 10.0.0.1 on eth0\ndefault route set via fd53::1 on eth0\n",
      stderr: "",
    });
    expect(container.addresses()).toEqual(ADDRESSES);
    expect(container.routes()).toEqual(ROUTES);
    expect(container.interfaces(...WORDS)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(container.ip("-j", "link", "show", "eth0")).toBe(index);
  });

  test("gives one interface a name of the user's own, and leaves default routes that it is not told of", () => {
    container.open("eth1");
    expect(container.interfaces("lan0=10.0.0.2", "eth0=203.0.113.2").stdout).toBe("eth1 renamed to lan0\n");
    expect(container.addresses()).toEqual({ lan0: ADDRESSES.eth0, eth0: ADDRESSES.eth1 });
    expect(container.routes()).toContain("default via 203.0.113.1 dev eth0");
    expect(container.routes()).toContain("default via 2001:db8:113::1 dev eth0 metric 1024 pref medium");
    expect(container.routes()).toContain("192.168.1.0/24 via 10.0.0.9 dev lan0");
  });

  test("makes an interface give way that nobody asked for", () => {
    container.open("eth1");
    expect(container.interfaces("eth0=10.0.0.2").stdout).toBe("eth1 renamed to eth0\neth0 renamed to eth2\n");
    expect(container.addresses()).toEqual({ eth0: ADDRESSES.eth0, eth2: ADDRESSES.eth1 });
    expect(container.routes()).toContain("default via 203.0.113.1 dev eth2");
  });

  test("copes with an interface whose network has lost its cable", () => {
    container.open("eth1");
    container.ip("link", "set", "to-eth1", "down");
    expect(container.interfaces(...WORDS)).toMatchObject({ status: 0, stderr: "" });
    expect(container.addresses()).toEqual(ADDRESSES);
    expect(container.routes().filter((route) => route.startsWith("default"))).toHaveLength(2);
  });

  test.each([
    [
      "an address is nowhere",
      ["eth0=10.0.0.2", "eth1=198.51.100.2"],
      "no interface has 198.51.100.2, the address of eth1; there are: ",
    ],
    [
      "two addresses are on one interface",
      ["eth0=10.0.0.2", "eth1=fd53::2"],
      "an interface has more than one of the addresses of eth0, eth1",
    ],
    [
      "a name stands twice",
      ["eth0=10.0.0.2", "eth0=203.0.113.2"],
      "eth0=203.0.113.2 and eth0=10.0.0.2 have the same name",
    ],
    ["a word is none", ["eth0"], "eth0: must be the name of an interface, = and its address"],
    ["a name is the loopback's", ["lo=10.0.0.2"], "lo=10.0.0.2: must be the name of an interface"],
    ["an address is none", ["eth0=10.0.0"], "'10.0.0' is not an IP address"],
    ["a gateway cannot be reached", ["--gateway=198.51.100.1", "eth1=10.0.0.2"], "ip -4 route add default via"],
  ])("fails when %s", (_, words, message) => {
    container.open("eth1");
    const before = container.addresses();
    const outcome = container.interfaces(...words);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(`dns-lb-agent: ${message}`);
    expect(container.addresses()).toEqual(before);
  });
});
