import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { frontend, standalone } from "./models.js";

const FURTHER = ["10.1.0.2", "fd01::2"];

/** A node that listens at its own addresses on its second interface. */
const model = standalone({
  nodes: [
    {
      ...{ name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" },
      interfaces: [
        { name: "eth0", addresses: ["10.0.0.2"], subnets: ["10.0.0.0/24"] },
        { name: "eth1", addresses: FURTHER, subnets: ["10.1.0.0/24", "fd01::/64"] },
      ],
    },
  ],
  frontends: [frontend({ addresses: FURTHER, allowFrom: ["10.0.0.0/8", "fd00::/8"] })],
});

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await Lab.start([model], { ...options, name: `further_${name}` });
    });
    afterAll(() => lab?.stop());

    test.each([
      ["10.0.0.77", "10.1.0.2"],
      ["fd00::77", "fd01::2"],
    ])("a frontend at a further interface of its node answers %s at %s", async (client, server) => {
      const answer = await lab.client(client).query("whoami.dns-lb.test", "TXT", { server });
      expect(answer).toMatchObject({ status: "NOERROR", answers: [expect.stringMatching(/^resolver[12]$/)] });
    });
  },
  { ownIfShort: true },
);
