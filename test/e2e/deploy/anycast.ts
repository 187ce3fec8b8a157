import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withoutProgress } from "../../progress-lines.js";
import { Client } from "../node/client.js";
import { RunningNode } from "../node/running-node.js";
import { until } from "../run.js";
import { ADDRESS, NODES, ROUTER } from "./anycast-model.js";
import { Router } from "./router.js";
import type { Site } from "./site.js";

const NAMES = Object.keys(NODES);
const [FIRST = "", SECOND = ""] = NAMES;
/** Queries that are certain to reach both nodes: each has a flow of its own. */
const QUERIES = 20;

export function anycast(site: () => Site): void {
  const cdktf = (command: "deploy" | "destroy") =>
    site().cdktf("anycast-app.ts", command, { BASE: site().base, PASSWORD: router.password });
  const node = (name: string) => new RunningNode(site().engine, `dns-lb-${name}`);
  let router: Router;
  let client: Client;

  /** Until the router spreads flows to both addresses over these nodes, and no other. */
  const spreadsOver = async (...names: readonly string[]) => {
    const wanted = JSON.stringify(Object.fromEntries(Object.values(ADDRESS).map((address) => [address, names])));
    let found = "";
    await until(`the router spreads over ${names.join(" and ") || "nothing"}`, 30, async () => {
      found = JSON.stringify(await router.spreads());
      return found === wanted;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${found}`);
    });
  };
  /** Whether new flows over both families and transports are answered. */
  const isAnswered = async () => {
    const asked = Object.values(ADDRESS).flatMap((address) =>
      (["udp", "tcp"] as const).flatMap((transport) =>
        Array.from({ length: QUERIES / 4 }, () => client.isAnswered(address, transport)),
      ),
    );
    return (await Promise.all(asked)).every(Boolean);
  };

  describe("a group that announces addresses to a router", () => {
    beforeAll(async () => {
      router = await Router.start(site().own);
      client = new Client({ inside: (argv) => router.atClient(argv) });
    });
    afterAll(() => {
      client?.stop();
      router?.remove();
    });

    test("is deployed: the router has both nodes, by sessions with a password and BFD, and clients are answered", async () => {
      const { code, text, seconds } = await cdktf("deploy");
      expect(code, text).toBe(0);
      console.log(`a group of two nodes and their image in ${seconds.toFixed(0)} s`);
      await spreadsOver(FIRST, SECOND);
      expect((await router.ask("show bfd sessions")).match(/ Up /g)).toHaveLength(2 * NAMES.length);
      expect(await isAnswered()).toBe(true);
      // What the router announces comes before what the engine has set.
      const { output } = await node(FIRST).exec(["ip", "route", "show", "default"]);
      expect(output).toMatch(new RegExp(`^default via ${ROUTER.ipv4} dev eth0 proto bird (src \\S+ )?metric 32`, "m"));
    });

    test("is not changed by another deployment", async () => {
      expect((await cdktf("deploy")).text).toContain("No changes. Your infrastructure matches the configuration.");
    });

    test("tells whom it announces to", async () => {
      const { code, output } = await node(FIRST).exec(["dns-lb-agent", "top"]);
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("announcement: ") });
      for (const address of Object.values(ROUTER)) expect(output).toContain(address);
      expect(output).not.toMatch(/unknown|WARNING/);
    });

    test("a node that is drained is left, and taken back", async () => {
      // What it waits for comes first, since it takes longer than two seconds.
      const { code, output } = await node(SECOND).exec(["dns-lb-agent", "drain"]);
      expect({ code, output: withoutProgress(output) }).toEqual({ code: 0, output: "node drained" });
      await spreadsOver(FIRST);
      expect(await isAnswered()).toBe(true);
      expect(await node(FIRST).exec(["dns-lb-agent", "drain"])).toMatchObject({
        ...{ code: 1, output: expect.stringContaining("no other node of the group serves") },
      });
      expect(await node(SECOND).exec(["dns-lb-agent", "undrain"])).toMatchObject({ code: 0 });
      await spreadsOver(FIRST, SECOND);
    });

    test("a container that is stopped is left, one that is killed, too, and both come back", async () => {
      await node(FIRST).container.stop();
      await spreadsOver(SECOND);
      expect(await isAnswered()).toBe(true);
      await node(FIRST).container.start();
      await spreadsOver(FIRST, SECOND);
      await node(SECOND).container.kill();
      await spreadsOver(FIRST);
      expect(await isAnswered()).toBe(true);
      await node(SECOND).container.start();
      await spreadsOver(FIRST, SECOND);
    });

    test("goes, and its routes with it", async () => {
      const { code, text } = await cdktf("destroy");
      expect(code, text).toBe(0);
      await spreadsOver();
      const { engine } = site();
      expect(await engine.docker.listContainers({ all: true })).toEqual([]);
      expect(await engine.docker.listNetworks({ filters: { type: ["custom"] } })).toEqual([]);
      expect((await engine.docker.listVolumes()).Volumes).toEqual([]);
    });
  });
}
