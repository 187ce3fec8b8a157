import { Testing } from "cdktf";
import { describe, expect, test } from "vitest";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13, DockerNode, DockerNodeImage } from "../../lib/index.js";
import { newStack, refusal } from "../constructs.js";

const made = (versions: unknown) => {
  const stack = newStack();
  return new DockerNode(stack, "Node", { address: "10.0.0.2", versions: versions as DaemonVersions });
};

/* What synthesis prints for a construct. */
const warnings = (construct: DockerNode | DockerNodeImage) =>
  construct.node.metadata.filter(({ type }) => type.endsWith("warn")).map(({ data }) => data);

describe("versions of daemons", () => {
  test("between Debian's pass without a word", () => {
    expect(warnings(made({ ...DEBIAN_12, haproxy: "2.8", unbound: "1.22" }))).toEqual([]);
  });

  test("newer than tested pass with a warning", () => {
    expect(warnings(made({ ...DEBIAN_13, haproxy: "3.2", dnsdist: "2.0" }))).toMatchInlineSnapshot(`
      [
        "'versions.haproxy' is 3.2, newer than the tested versions (2.6 to 3.0); configurations are written as for the newest of these, and the node checks them before it applies them [DNSLB127]",
        "'versions.dnsdist' is 2.0, newer than the tested versions (1.7 to 1.9); configurations are written as for the newest of these, and the node checks them before it applies them [DNSLB127]",
      ]
    `);
  });

  test("an image warns of its own, its node not again", () => {
    const stack = newStack();
    const image = new DockerNodeImage(stack, "Image", { base: "sid", versions: { ...DEBIAN_13, keepalived: "2.4" } });
    const node = new DockerNode(stack, "Node", { address: "10.0.0.2", image });
    expect(warnings(image)).toHaveLength(1);
    expect(warnings(node)).toEqual([]);
  });

  test("fails when they are older, no versions, or too exact", () => {
    const given = { ...DEBIAN_12, haproxy: "2.4", keepalived: "2", dnsdist: "1.9.16", unbound: 1.22, knot: "9.18" };
    expect(refusal(() => made(given))).toMatchInlineSnapshot(`
      "[prod/Node] 'versions.dnsdist' must be a version from "1.7" on (tested: 1.7 to 1.9), got "1.9.16"; give only the major and minor version: "1.9" [DNSLB126]
      [prod/Node] 'versions.haproxy' must be a version from "2.6" on (tested: 2.6 to 3.0), got "2.4" [DNSLB126]
      [prod/Node] 'versions.keepalived' must be a version from "2.2" on (tested: 2.2 to 2.3), got "2" [DNSLB126]
      [prod/Node] 'versions.knot' is no property of DockerNode, it takes 'haproxy', 'keepalived', 'dnsdist', 'unbound', 'nsd', 'bird' [DNSLB101]
      [prod/Node] 'versions.unbound' must be a version from "1.17" on (tested: 1.17 to 1.26), got 1.22 [DNSLB126]"
    `);
    expect(refusal(() => made("13"))).toMatchInlineSnapshot(
      `"[prod/Node] 'versions' must be an object of properties, got "13" [DNSLB103]"`,
    );
    expect(refusal(() => made({ haproxy: "3.0" }))).toMatchInlineSnapshot(`
      "[prod/Node] 'versions.dnsdist' is required: a version from "1.7" on (tested: 1.7 to 1.9) [DNSLB102]
      [prod/Node] 'versions.keepalived' is required: a version from "2.2" on (tested: 2.2 to 2.3) [DNSLB102]
      [prod/Node] 'versions.nsd' is required: a version from "4.6" on (tested: 4.6 to 4.12) [DNSLB102]
      [prod/Node] 'versions.unbound' is required: a version from "1.17" on (tested: 1.17 to 1.26) [DNSLB102]"
    `);
  });
});

test("synthesis goes on after a warning", () => {
  const stack = newStack();
  new DockerNodeImage(stack, "Image", { versions: { ...DEBIAN_13, nsd: "5.1" } });
  expect(Testing.synth(stack)).toContain("docker_image");
});
