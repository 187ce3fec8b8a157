import { TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { addProductionStacks } from "../../../examples/production/stacks.js";
import { SshHostKey } from "../../../lib/platforms/ssh/ssh-host-key.js";
import { SshNode } from "../../../lib/platforms/ssh/ssh-node.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { newApp } from "../../constructs.js";

/** The nodes of examples/production as hosts over SSH, with the interfaces and subnets of the containers. */
function onHosts() {
  const app = newApp();
  const [lb1, lb2] = [2, 3].map((number) => {
    const stack = new TerraformStack(app, `lb${number - 1}`);
    return new SshNode(stack, "Node", {
      address: `10.0.0.${number}`,
      address6: `fd53::${number}`,
      ssh: { hostKey: SshHostKey.unchecked() },
      interfaces: [{ name: "eth1", address: `203.0.113.${number}`, address6: `2001:db8:113::${number}` }],
    });
  });
  if (lb1 === undefined || lb2 === undefined) throw new RangeError("two nodes are made");
  addProductionStacks(app, [lb1, lb2]);
  return nodesOf(app);
}

function onDocker() {
  const app = newApp();
  addProductionStacks(app);
  return nodesOf(app);
}

/** The journal has a socket for syslog. keepalived writes there anyhow: each line of its console would be there again. */
const DIFFERENT: Readonly<Record<string, readonly string[]>> = {
  "haproxy/haproxy.cfg": ["-   log stdout format raw daemon notice", "+   log /dev/log daemon notice"],
  "manifest.json": ['-         "--log-console",'],
};

test("the production example gives hosts the files of containers, but for what a journal changes", () => {
  const hosts = onHosts();
  const containers = onDocker();
  expect(hosts.map(({ name }) => name)).toEqual(["lb1", "lb2"]);
  for (const [index, host] of hosts.entries()) {
    const container = containers[index];
    expect([...host.files.keys()]).toEqual([...(container?.files.keys() ?? [])]);
    for (const [path, text] of host.files)
      expect(differences(container?.files.get(path) ?? "", text), path).toEqual(DIFFERENT[path] ?? []);
    expect(host.spec.secretFiles).toEqual(container?.spec.secretFiles);
  }
});

/** The lines that one of two texts has and the other has not. */
function differences(one: string, other: string): string[] {
  const [first, second] = [one.split("\n"), other.split("\n")];
  return [
    ...first.filter((line) => !second.includes(line)).map((line) => `- ${line}`),
    ...second.filter((line) => !first.includes(line)).map((line) => `+ ${line}`),
  ];
}
