import { Testing } from "cdktf";
import { expect, test } from "vitest";
import {
  DockerNode,
  type DockerNodeProps,
  HealthCheck,
  ResolverPool,
  type Size,
  StandaloneLoadBalancer,
} from "../../../lib/index.js";
import { newStack, problemsAtSynthesis } from "../../constructs.js";

/** What synthesis says of 100 servers on a node. */
function problems(memory: Size, outstandingQueries: number): string {
  const stack = newStack();
  const node = new DockerNode(stack, "lb1", { address: "10.0.0.2", memory });
  const servers = Array.from({ length: 100 }, (_, index) => ({ name: `s${index}`, address: `10.1.0.${index + 1}` }));
  const pool = new ResolverPool(stack, "Pool", {
    servers,
    healthCheck: HealthCheck.query({ name: "example.com", type: "SOA" }),
  });
  const balancer = new StandaloneLoadBalancer(stack, "Dns", { node, outstandingQueries });
  balancer.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
  return problemsAtSynthesis(stack);
}

test("fails when the servers need more memory than the node has", () => {
  expect(problems("1g", 10_000)).toMatchInlineSnapshot(
    `"[prod/Dns] node "lb1" has 1024 MiB of memory, of which 70 % may be planned for: 100 servers with 10000 outstanding queries each need up to 1415 MiB while a change replaces them; set \`memory: "2g"\` on the node, or \`outstandingQueries: 4100\` on the load balancer [DNSLB015]"`,
  );
  expect(problems("2560m", 10_000)).toBe("nothing was refused");
  expect(problems("1g", 3_900)).toBe("nothing was refused");
});

test.each<[Size, number | undefined, number | undefined, Partial<DockerNodeProps>?]>([
  ["128m", undefined, undefined],
  ["1g", undefined, undefined],
  ["1025m", 6_144, undefined],
  ["2g", 6_144, 36_000],
  ["5g", 15_360, 52_000],
  ["5g", 15_360, undefined, { maxConnections: 8_000 }],
  ["1g", undefined, 22_000, { maxConnections: 9_000, processors: 2 }],
])("of %s replaces the container where its threads or descriptors change: %s, %s", (...given) => {
  const [memory, processes, descriptors, props] = given;
  const stack = newStack();
  new DockerNode(stack, "lb1", { address: "10.0.0.2", memory, ...props });
  const { docker_container: containers } = JSON.parse(Testing.synth(stack)).resource;
  const [container] = Object.values<Record<string, unknown>>(containers);
  const labels = Object.entries({ processes, descriptors }).flatMap(([name, value]) =>
    value === undefined ? [] : [{ label: `dns-lb.${name}`, value: `${value}` }],
  );
  expect(container?.["labels"]).toEqual(labels.length === 0 ? undefined : labels);
  const open = descriptors ?? 20_000;
  expect(container?.["ulimit"]).toContainEqual({ name: "nofile", soft: open, hard: open });
  expect(container?.["ulimit"]).toContainEqual({ name: "nproc", soft: processes ?? 3_072, hard: processes ?? 3_072 });
});
