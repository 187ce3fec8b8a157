import { describe, expect, test } from "vitest";
import type { DockerNodeImageProps } from "../../../lib/platforms/docker/docker-node-image.js";
import type { Site } from "./site.js";

const NODE = "dnslb-e2e-image-node";
const IMAGE = "dnslb-e2e-image";

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(0)} MB`;

export function image(site: () => Site): void {
  const cdktf = (command: "deploy" | "destroy", props: DockerNodeImageProps, stacks = 1) =>
    site().cdktf("image-app.ts", command, { IMAGE: JSON.stringify(props), STACKS: String(stacks) });

  /** The tags that are left of our image. */
  const tags = async (): Promise<readonly string[]> => {
    const images = await site().engine.docker.listImages({ filters: { reference: [IMAGE] } });
    return images.flatMap(({ RepoTags }) => RepoTags ?? []);
  };

  /** What the node has of a program. */
  const inNode = async (...argv: readonly string[]): Promise<string> => {
    const { engine } = site();
    const { code, stdout, stderr } = await engine.run(["docker", "--host", engine.host, "exec", NODE, ...argv]);
    if (code !== 0) throw new Error(`${argv.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };

  describe("an image", () => {
    test("cdktf builds the image, builds it no second time, replaces what runs it, and removes it", async () => {
      const { engine, base } = site();
      const first = await cdktf("deploy", { base });
      expect(first.text).toContain("3 added, 0 changed, 0 destroyed");
      expect(await tags()).toEqual([expect.stringMatching(/^dnslb-e2e-image:[0-9a-f]{12}$/)]);
      const [tag = ""] = await tags();
      const [own, below] = await Promise.all([tag, base].map((name) => engine.docker.getImage(name).inspect()));
      console.log(
        `load balancer: ${megabytes(own?.Size ?? 0)}, of which the base has ${megabytes(below?.Size ?? 0)}; deployed in ${first.seconds.toFixed(0)} s`,
      );
      expect(await inNode("dns-lb-agent", "--help")).toContain("submit");
      for (const daemon of [
        ["haproxy", "-v"],
        ["dnsdist", "--version"],
        ["keepalived", "--version"],
      ])
        await inNode(...daemon);

      expect((await cdktf("deploy", { base })).text).toContain(
        "No changes. Your infrastructure matches the configuration.",
      );

      const nsd = await cdktf("deploy", { base, daemons: "nsd" });
      expect(nsd.text).toContain("2 added, 0 changed, 2 destroyed");
      expect(await tags()).toEqual([expect.not.stringMatching(tag)]);
      expect(await inNode("sh", "-c", "nsd -v 2>&1 || true")).toContain("NSD version 4.12");

      expect((await cdktf("destroy", { base, daemons: "nsd" })).text).toContain("3 destroyed");
      expect(await tags()).toEqual([]);
      expect(await engine.docker.listContainers({ all: true })).toEqual([]);
    }, 900_000);

    test("an image in a stack of its own is built before a node is touched, and a build that fails touches none", async () => {
      const { engine, base } = site();
      expect((await cdktf("deploy", { base, daemons: "nsd" }, 2)).code).toBe(0);
      const node = async () => (await engine.docker.getContainer(NODE).inspect()).Id;
      const before = await node();

      const failed = await cdktf("deploy", { base: "localhost:1/none", daemons: "nsd" }, 2);
      expect(failed.code).not.toBe(0);
      expect(failed.text).toContain("unable to pull image localhost:1/none");
      expect(await node()).toBe(before);

      expect((await cdktf("deploy", { base, daemons: "unbound" }, 2)).code).toBe(0);
      expect(await node()).not.toBe(before);
      expect(await inNode("unbound", "-V")).toMatch(/^Version 1\./);

      expect((await cdktf("destroy", { base, daemons: "unbound" }, 2)).code).toBe(0);
      expect(await tags()).toEqual([]);
    }, 900_000);
  });
}
