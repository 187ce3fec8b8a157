import { type TerraformStack, Testing } from "cdktf";
import { expect, test } from "vitest";
import { HaPair } from "../../../lib/ha/ha-pair.js";
import { DockerNetwork } from "../../../lib/platforms/docker/docker-network.js";
import { DockerNode } from "../../../lib/platforms/docker/docker-node.js";
import { SshHostKey } from "../../../lib/platforms/ssh/ssh-host-key.js";
import { SshNode } from "../../../lib/platforms/ssh/ssh-node.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { newStack, refusal, resolverPool } from "../../constructs.js";

type Kind = "docker" | "ssh";

const LAN = { subnet: "10.0.0.0/24" };

const MAKE = {
  docker: (
    stack: TerraformStack,
    id: string,
    address: string,
    network = DockerNetwork.macvlan({ parent: "eth0", ...LAN }),
  ) => new DockerNode(stack, id, { address, network }),
  ssh: (stack: TerraformStack, id: string, address: string) =>
    new SshNode(stack, id, { address, ssh: { hostKey: SshHostKey.unchecked() } }),
};

function pair(first: Kind, second: Kind, network?: DockerNetwork): TerraformStack {
  const stack = newStack();
  const lb = new HaPair(stack, "Dns", {
    nodes: [MAKE[first](stack, "Lb1", "10.0.0.2", network), MAKE[second](stack, "Lb2", "10.0.0.3", network)],
    virtualRouterId: 53,
    virtualAddresses: [{ address: "10.0.0.53" }],
  });
  lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
  return stack;
}

/** What is rendered for each node, without where a daemon writes its log. */
const rendered = (stack: TerraformStack) =>
  nodesOf(stack).map(({ files }) =>
    [...files].map(([path, text]) => [
      path,
      text
        .split("\n")
        .filter((line) => !/^ *log (stdout|\/dev\/log) |"--log-console"/.test(line))
        .join("\n"),
    ]),
  );

test.each<[Kind, Kind]>([
  ["docker", "ssh"],
  ["ssh", "docker"],
])("a pair of one node on %s and one on %s has the configuration of a pair on hosts", (first, second) => {
  const stack = pair(first, second);
  expect(rendered(stack)).toEqual(rendered(pair("ssh", "ssh")));
  const [one, two] = nodesOf(stack);
  expect(one?.file("keepalived/keepalived.conf")).toContain("unicast_peer {\n    10.0.0.3 ");
  expect(two?.file("keepalived/keepalived.conf")).toContain("unicast_peer {\n    10.0.0.2 ");
});

test("DNSLB144: fails when the node on Docker is in a bridge, whichever node it is", () => {
  expect(refusal(() => pair("docker", "ssh", DockerNetwork.bridge(LAN)))).toMatchInlineSnapshot(
    `"[prod/Dns] 'nodes' must hear each other's VRRP adverts, got prod/Lb1 in DockerNetwork.bridge() and prod/Lb2 on a host: a bridge ends at its engine, and holds its own nodes alone; give prod/Lb1 a network that its engine's host shares with the other one, such as DockerNetwork.macvlan() or DockerNetwork.host() [DNSLB144]"`,
  );
  expect(refusal(() => pair("ssh", "docker", DockerNetwork.bridge(LAN)))).toContain(
    "prod/Lb2 in DockerNetwork.bridge() and prod/Lb1 on a host: a bridge ends at its engine",
  );
});

test.each([
  ["the network of its host", DockerNetwork.host()],
  ["a network that exists", DockerNetwork.existing({ name: "lan", ...LAN })],
])("a node on Docker in %s may hear one on a host", (_, network) => {
  expect(refusal(() => pair("docker", "ssh", network))).toBe("nothing was refused");
});

interface Resource {
  readonly depends_on?: readonly string[];
}

/** The resources of a stack, by type and id, with all that each waits for, directly or not. */
function waits(stack: TerraformStack): ReadonlyMap<string, ReadonlySet<string>> {
  const { resource } = JSON.parse(Testing.synth(stack, true));
  const all = new Map<string, Resource>(
    Object.entries<Record<string, Resource>>(resource).flatMap(([type, each]) =>
      Object.entries(each).map(([id, value]) => [`${type}.${id}`, value] as const),
    ),
  );
  const before = (name: string, seen = new Set<string>()): Set<string> => {
    const value = all.get(name);
    // A reference in an argument orders as much as depends_on does.
    const named = JSON.stringify(value).match(/\b[a-z_]+\.[A-Za-z0-9_-]+/g) ?? [];
    for (const other of [...(value?.depends_on ?? []), ...named]) {
      if (seen.has(other) || other === name || !all.has(other)) continue;
      seen.add(other);
      before(other, seen);
    }
    return seen;
  };
  return new Map([...all.keys()].map((name) => [name, before(name)]));
}

test.each<[Kind, Kind]>([
  ["docker", "ssh"],
  ["ssh", "docker"],
])(
  "with the first node on %s, the second one on %s gets nothing before the first one has its release",
  (first, second) => {
    const all = waits(pair(first, second));
    const of = (node: string) => [...all.keys()].filter((name) => new RegExp(`\\.${node}_`).test(name));
    const release = of("Lb1").filter((name) => /Release|Loader/i.test(name) && !/Key/.test(name));
    expect(release).not.toEqual([]);
    // A container waits when its node has a stack of its own.
    const changing = of("Lb2").filter((name) => /_(Host|Release|Loader)/i.test(name) && !/Key/.test(name));
    expect(changing).not.toEqual([]);
    for (const name of changing) expect([...(all.get(name) ?? [])], name).toEqual(expect.arrayContaining(release));
    for (const name of of("Lb1")) for (const other of of("Lb2")) expect(all.get(name)?.has(other), name).toBe(false);
  },
);
