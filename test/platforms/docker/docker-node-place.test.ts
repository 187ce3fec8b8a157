import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformVariable } from "cdktf";
import { describe, expect, test } from "vitest";
import { HaPair } from "../../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../../lib/ha/standalone-load-balancer.js";
import { DockerNetwork } from "../../../lib/platforms/docker/docker-network.js";
import { DockerNode, type DockerNodeProps } from "../../../lib/platforms/docker/docker-node.js";
import { newApp, newStack, problemsAtSynthesis, refusal, resolverPool } from "../../constructs.js";

type Given = Partial<DockerNodeProps> & { readonly host?: string };

const BRIDGE = DockerNetwork.bridge({ subnet: "10.0.0.0/24" });
const MACVLAN = DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24" });
const HOST = DockerNetwork.host();
const existing = (name: string) => DockerNetwork.existing({ name, subnet: "10.0.0.0/24" });

/** Nodes in stacks of their own; those of one host are on one engine. */
function givenNodes(...given: readonly Given[]): DockerNode[] {
  const app = newApp();
  return given.map(({ host, ...props }, index) => {
    const stack = newStack(`lb${index + 1}`, app);
    if (host !== undefined) new DockerProvider(stack, "docker", { host });
    return new DockerNode(stack, "Node", { address: `10.0.0.${index + 2}`, ...props });
  });
}

/** Nodes in one stack, on its engine. */
function neighbours(...given: readonly Partial<DockerNodeProps>[]): DockerNode[] {
  const stack = newStack();
  return given.map(
    (props, index) => new DockerNode(stack, `Lb${index + 1}`, { address: `10.0.0.${index + 2}`, ...props }),
  );
}

function pairOf([first, second]: readonly DockerNode[], more: object = {}): string {
  const nodes = [first, second] as [DockerNode, DockerNode];
  const stack = first?.node.scope as ReturnType<typeof newStack>;
  return refusal(
    () =>
      new HaPair(stack, "Dns", { nodes, virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53, ...more }),
  );
}

const TWO_HOSTS = [{ host: "ssh://one" }, { host: "ssh://two" }] as const;

describe("a pair on Docker", () => {
  test("DNSLB144: fails when the default bridges of two hosts hold its nodes", () => {
    expect(pairOf(givenNodes(...TWO_HOSTS))).toMatchInlineSnapshot(
      `"[lb1/Dns] 'nodes' must hear each other's VRRP adverts, got lb1/Node in DockerNetwork.bridge() and lb2/Node in DockerNetwork.bridge() of two providers: a bridge ends at its engine; give both a network that their hosts share, such as DockerNetwork.macvlan() or DockerNetwork.host() [DNSLB144]"`,
    );
  });

  test.each([
    ["the bridges of two hosts", [{ network: BRIDGE }, { network: BRIDGE }]],
    ["a bridge and a macvlan", [{ network: BRIDGE }, { network: MACVLAN }]],
    ["a host and a bridge", [{ network: HOST }, { network: BRIDGE }]],
    ["a bridge and another network that exists", [{ network: BRIDGE }, { network: existing("lan") }]],
  ] as const)("DNSLB144: fails in %s, whatever is said of routers", (_, networks) => {
    const nodes = () => givenNodes(...TWO_HOSTS.map((host, index) => ({ ...host, ...networks[index] })));
    expect(pairOf(nodes())).toContain("[DNSLB144]");
    expect(pairOf(nodes(), { ttlSecurity: false })).toContain("[DNSLB144]");
    expect(pairOf(nodes().reverse())).toContain("[DNSLB144]");
  });

  test("DNSLB144: fails in two bridges of one engine, and on one host's network", () => {
    const other = DockerNetwork.bridge({ subnet: "10.0.1.0/24" });
    expect(
      pairOf(neighbours({ network: BRIDGE }, { network: other, address: "10.0.1.3" }), { ttlSecurity: false }),
    ).toMatchInlineSnapshot(
      `"[prod/Dns] 'nodes' must hear each other's VRRP adverts, got prod/Lb1 in DockerNetwork.bridge() and prod/Lb2 in DockerNetwork.bridge() of another subnet or name: Docker lets nothing pass between two bridges; give both nodes the same one [DNSLB144]"`,
    );
    expect(pairOf(neighbours({ network: HOST }, { network: HOST }))).toMatchInlineSnapshot(
      `"[prod/Dns] 'nodes' must hear each other's VRRP adverts, got prod/Lb1 in DockerNetwork.host() and prod/Lb2 in DockerNetwork.host() of one engine, whose ports both would take; put each node on an engine of its own [DNSLB144]"`,
    );
  });

  test("DNSLB144: fails on a host and in a macvlan of that host's own interface", () => {
    const nodes = (parent: string) =>
      neighbours({ network: HOST }, { network: DockerNetwork.macvlan({ parent, subnet: "10.0.0.0/24" }) });
    expect(pairOf(nodes("eth0"))).toMatchInlineSnapshot(
      `"[prod/Dns] 'nodes' must hear each other's VRRP adverts, got prod/Lb1 in DockerNetwork.host() and prod/Lb2 in DockerNetwork.macvlan() of one engine: a host does not reach the macvlan networks of its own interface "eth0"; put each node on an engine of its own [DNSLB144]"`,
    );
    expect(pairOf(nodes("eth1"))).toBe("nothing was refused");
  });

  test("DNSLB144: fails when a host comes from a variable, as when it is written", () => {
    const app = newApp();
    const nodes = ["lb1", "lb2"].map((id, index) => {
      const stack = newStack(id, app);
      new DockerProvider(stack, "docker", { host: new TerraformVariable(stack, "host", {}).stringValue });
      return new DockerNode(stack, "Node", { address: `10.0.0.${index + 2}` });
    });
    expect(pairOf(nodes)).toContain("[DNSLB144]");
  });

  test.each([
    ["one bridge", neighbours({}, {})],
    ["a macvlan on each host", givenNodes(...TWO_HOSTS.map((host) => ({ ...host, network: MACVLAN })))],
    ["the networks of two hosts", givenNodes(...TWO_HOSTS.map((host) => ({ ...host, network: HOST })))],
    [
      "a host and a macvlan of another",
      givenNodes({ host: "ssh://a", network: HOST }, { host: "ssh://b", network: MACVLAN }),
    ],
    ["networks that exist", givenNodes(...TWO_HOSTS.map((host) => ({ ...host, network: existing("lan") })))],
    ["a bridge that another stack made", givenNodes({ network: BRIDGE }, { network: existing("dns-lb-lb1") })],
  ])("is taken in %s", (_, nodes) => {
    expect(pairOf(nodes)).toBe("nothing was refused");
  });

  test("may have bridges of its own where adverts go another way", () => {
    const link = DockerNetwork.macvlan({ parent: "eth1", subnet: "172.16.0.0/24" });
    const nodes = givenNodes(
      ...TWO_HOSTS.map((host, index) => ({
        ...host,
        network: BRIDGE,
        interfaces: [{ name: "eth1", network: link, address: `172.16.0.${index + 2}` }],
      })),
    );
    expect(pairOf(nodes, { advertisementInterface: "eth1" })).toBe("nothing was refused");
  });
});

describe("nodes on one engine", () => {
  const refused = (...given: readonly Partial<DockerNodeProps>[]) => refusal(() => neighbours(...given));
  const net = (subnet: string, name?: string) => DockerNetwork.bridge({ subnet, ...(name ? { name } : {}) });

  test("fail when two have one name", () => {
    expect(refused({ name: "lb" }, { name: "lb" })).toMatchInlineSnapshot(
      `"[prod/Lb2] 'name' must be unique on an engine, got "lb", the name of prod/Lb1, so that their containers would have one name; give one of them another [DNSLB112]"`,
    );
    expect(refusal(() => givenNodes({ name: "lb", host: "ssh://a" }, { name: "lb", host: "ssh://b" }))).toBe(
      "nothing was refused",
    );
  });

  test.each([
    [
      "a name for two subnets",
      { network: net("10.0.0.0/24", "lan") },
      { address: "10.1.0.3", network: net("10.1.0.0/24", "lan") },
    ],
    ["subnets that overlap", { network: net("10.0.0.0/24") }, { network: net("10.0.0.0/16") }],
    ["a default subnet that overlaps", { network: net("10.0.0.0/16") }, {}],
    [
      "one parent for two macvlans",
      { network: MACVLAN },
      { address: "10.1.0.3", network: DockerNetwork.macvlan({ parent: "eth0", subnet: "10.1.0.0/24" }) },
    ],
    [
      "an existing network in two subnets",
      { network: existing("lan") },
      { address: "10.1.0.3", network: DockerNetwork.existing({ name: "lan", subnet: "10.1.0.0/24" }) },
    ],
    [
      "a further interface that overlaps",
      { interfaces: [{ name: "eth1", network: net("10.2.0.0/24"), address: "10.2.0.2" }] },
      { address: "10.2.0.3", network: net("10.2.0.0/16") },
    ],
  ] as const)("DNSLB146: fail when they have %s", (_, first, second) => {
    expect(refused(first, second)).toMatch(
      /^\[prod\/Lb2\] '(network|address)' must .*, that of prod\/Lb1|of prod\/Lb1/,
    );
    expect(refused(first, second)).toContain("[DNSLB146]");
    expect(refused(first)).toBe("nothing was refused");
    expect(refused(second)).toBe("nothing was refused");
  });

  test("DNSLB146: fail when two stacks make one network, unless their engines are two", () => {
    expect(refusal(() => givenNodes({ network: BRIDGE }, { network: BRIDGE }))).toMatchInlineSnapshot(
      `"[lb2/Node] 'network' must have subnets of its own on an engine, got 10.0.0.0/24, which overlaps 10.0.0.0/24 of lb1/Node; in all stacks but one give DockerNetwork.existing() with its name, or, if the engines are two, each provider its 'host' [DNSLB146]"`,
    );
    expect(refusal(() => givenNodes({ network: BRIDGE, host: "ssh://a" }, { network: BRIDGE, host: "ssh://b" }))).toBe(
      "nothing was refused",
    );
  });

  test("DNSLB016: fail when two have one address on one network", () => {
    const stack = newStack();
    for (const id of ["A", "B"]) {
      const node = new DockerNode(stack, `Node${id}`, { address: "10.0.0.2", network: BRIDGE });
      const lb = new StandaloneLoadBalancer(stack, id, { node });
      lb.addDnsFrontend("Front", { pool: resolverPool(stack, `Pool${id}`), allowFrom: ["10.0.0.0/8"] });
    }
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/NodeB] must have addresses of its own, got 10.0.0.2, which prod/NodeA has on the same network; give one of them another [DNSLB016]"`,
    );
  });
});
