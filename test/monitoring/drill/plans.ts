import { toMilliseconds } from "../../../lib/core/duration.js";
import { type AgentFile, agentFiles } from "../../../lib/node/agent/files.js";
import type { Lab } from "../../../lib/testing/index.js";
import { sleep, withIdleTimeout } from "../../lab/production/stack.js";
import { boot, stop } from "../../upgrade/container.js";
import { agent, type Plan } from "./fault.js";
import { COLLECTION, LONGEST_WAIT } from "./settings.js";

/** Milliseconds from one node to the next. */
const MOMENT = 6_000;
const POOL = "resolvers";
/** What tells the metrics of a node. */
const METRICS = "metrics";

const changeAndBack: Plan = {
  what: "a change, and back",
  work: async ({ lab, model }) => {
    const frontends = model.frontends.map((each) => ({ ...each, allowFrom: [...each.allowFrom, "192.0.2.0/24"] }));
    await lab.apply([{ ...model, frontends }]);
    await lab.apply([model]);
  },
};

const drainOfAServer: Plan = {
  what: "a server is drained for longer than an alert waits",
  work: async ({ lab }) => {
    for (const { name } of lab.nodes) await agent(lab, name, "drain", `${POOL}/resolver2`);
    await sleep(25_000);
    for (const { name } of lab.nodes) await agent(lab, name, "undrain", `${POOL}/resolver2`);
  },
};

const restarts: Plan = {
  what: "each node is drained, and its daemons are restarted, as an upgrade of packages does",
  work: async ({ lab }) => {
    for (const node of lab.nodes) {
      await agent(lab, node.name, "drain");
      for (const { name } of node.nodeSpec.manifest.services) {
        await node.process(name).stop();
        node.process(name).start();
      }
      await agent(lab, node.name, "ready");
      await agent(lab, node.name, "undrain");
      await sleep(MOMENT);
    }
  },
};

const upgrade: Plan = {
  what: "an upgrade: each container is replaced by one with another agent, then its node gets another release",
  work: async ({ lab, model }) => {
    for (const { name } of lab.nodes) await replace(lab, name);
    await lab.apply([withIdleTimeout(model, "internal", "20s")]);
    await lab.apply([model]);
  },
};

const nodeAway: Plan = {
  what: "a node is out of service without power, the other one is changed, and it comes back",
  work: async ({ lab, model }) => {
    const nodes = model.nodes.map((node) => (node.name === "lb2" ? { ...node, outOfService: true as const } : node));
    await lab.apply([{ ...model, nodes }]);
    await sleep(1_000 * COLLECTION);
    await lab.node("lb2").kill();
    await lab.apply([withIdleTimeout({ ...model, nodes }, "internal", "20s")]);
    await sleep(2 * toMilliseconds(LONGEST_WAIT));
    await lab.node("lb2").start();
    await sleep(2 * toMilliseconds(LONGEST_WAIT));
    await lab.apply([model]);
  },
};

/** Replaces the container of a node, as a deployment of another image does. */
async function replace(lab: Lab, name: string): Promise<void> {
  const node = lab.node(name);
  await node.process(METRICS).stop();
  await stop(node);
  await boot(node, otherAgent());
  node.process(METRICS).start();
  await agent(lab, name, "ready");
  await sleep(MOMENT);
}

/** An agent that does the same, of other files. */
function otherAgent(): readonly AgentFile[] {
  return agentFiles().map((file) => (file.path.endsWith(".py") ? { ...file, content: `${file.content}\n` } : file));
}

export const PLANS_OF_A_PAIR: readonly Plan[] = [changeAndBack, drainOfAServer, restarts, upgrade, nodeAway];
export const PLANS_OF_A_GROUP: readonly Plan[] = [changeAndBack, restarts];
