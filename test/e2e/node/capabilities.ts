import { describe, expect, test } from "vitest";
import { isObject, type ValueObject } from "../provider/protocol/value.js";
import { until } from "../run.js";
import { RunningNode } from "./running-node.js";
import { createNode, load, type Site } from "./site.js";
import { pairAddresses } from "./stacks.js";

/** The settings of a container without one of the capabilities that it adds. */
function without(capability: string, settings: ValueObject): ValueObject {
  const { capabilities } = settings;
  if (!isObject(capabilities)) throw new Error("the container adds no capabilities");
  const { add } = capabilities;
  if (!Array.isArray(add) || !add.includes(capability)) throw new Error(`the container does not add ${capability}`);
  return { ...settings, capabilities: { ...capabilities, add: add.filter((each) => each !== capability) } };
}

export function capabilities(site: () => Site): void {
  /** The first node of a pair of its own, alone and without a capability; what its loader and its log say. */
  const deployed = async (number: number, capability: string) => {
    const pair = await site().pair({}, number);
    await createNode(pair, "Lb1", (settings) => without(capability, settings));
    const node = new RunningNode(site().engine, `dns-lb-lb${number}1`);
    const loaded = await load(pair, "Lb1").catch(String);
    const log = async () => (await node.container.logs({ stdout: true, stderr: true })).toString();
    return { node, loaded, log, remove: () => node.container.remove({ force: true, v: true }) };
  };

  describe("a node without", () => {
    test.concurrent.each([
      { capability: "CAP_SETUID", number: 3, words: "cannot run haproxy: [Errno 1] Operation not permitted" },
      { capability: "CAP_SETGID", number: 4, words: "to the group of dns-lb" },
    ])("$capability refuses every release, for its daemons' sake", async ({ capability, number, words }) => {
      const { node, loaded, remove } = await deployed(number, capability);
      expect(loaded).toContain("the loader of Lb1 failed");
      expect(loaded).toContain(words);
      expect((await node.exec(["dns-lb-agent", "status"])).output).toContain("this node has no release yet");
      await remove();
    });

    test.concurrent.each([
      { capability: "CAP_NET_ADMIN", number: 5, words: "Operation not permitted(1), type=RTM_NEWADDR" },
      { capability: "CAP_NET_RAW", number: 6, words: "cant open raw socket" },
    ])("$capability takes no virtual address", async ({ capability, number, words }) => {
      const { node, log, remove } = await deployed(number, capability);
      await until(`keepalived's words "${words}"`, 60, async () => (await log()).includes(words));
      expect(await node.holds(pairAddresses(number).virtual)).toBe(false);
      await remove();
    });
  });
}
