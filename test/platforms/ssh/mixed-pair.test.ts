import { type TerraformStack, Testing } from "cdktf";
import { expect, test } from "vitest";
import { HaPair } from "../../../lib/ha/ha-pair.js";
import { DockerNode } from "../../../lib/platforms/docker/docker-node.js";
import { SshHostKey } from "../../../lib/platforms/ssh/ssh-host-key.js";
import { SshNode } from "../../../lib/platforms/ssh/ssh-node.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { newStack, resolverPool } from "../../constructs.js";

type Kind = "docker" | "ssh";

const MAKE = {
  docker: (stack: TerraformStack, id: string, address: string) => new DockerNode(stack, id, { address }),
  ssh: (stack: TerraformStack, id: string, address: string) =>
    new SshNode(stack, id, { address, ssh: { hostKey: SshHostKey.unchecked() } }),
};

function pair(first: Kind, second: Kind): TerraformStack {
  const stack = newStack();
  const lb = new HaPair(stack, "Dns", {
    nodes: [MAKE[first](stack, "Lb1", "10.0.0.2"), MAKE[second](stack, "Lb2", "10.0.0.3")],
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
