import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Pool } from "../../../lib/model/pool.js";
import { canIsolate, have } from "../../real/config/dnsdist-node.js";
import { onBothGenerations } from "../generations.js";
import { type SickPool, SickServers, settled, type Verdicts } from "./sick-servers.js";

const possible = have("dnsdist", "haproxy", "python3", "nsenter") && canIsolate();

// Of each connection to dnsdist one of its threads takes care, with a turn of its own: a dozen could miss one of three servers.
const TURNS = 60;

const up: Verdicts = ["up", "up", "up"];
const down: Verdicts = ["down", "down", "down"];
const healthy = ["healthy", "healthy", "healthy"];

const few = (name: string, changes: Partial<Pool>, fallback?: string): SickPool => ({
  name,
  modes: healthy,
  changes: { minimumUp: 2, belowMinHealthy: "down", ...changes },
  ...(fallback === undefined ? {} : { fallback }),
});

const FEW: readonly SickPool[] = [
  few("backed", {}, "spare"),
  few("refusing", { whenAllDown: "refuse" }),
  few("trying", {}),
  few("panicking", { belowMinHealthy: "try-all" }, "spare"),
  few("unlucky", { whenAllDown: "refuse" }, "poor"),
];
// Its one live server is the fourth, so that its answers tell it from the others.
const SPARE: SickPool = { name: "spare", modes: ["refused", "refused", "refused", "healthy"] };
const POOR: SickPool = { ...SPARE, name: "poor", changes: { minimumUp: 2 } };

onBothGenerations(
  ({ options }) => {
    describe.runIf(possible)("a pool with a share that must be up", () => {
      const servers = new SickServers([...FEW, SPARE, POOR], options.root);
      const everywhere = <T>(found: T) => [found, found, found];
      beforeAll(() => servers.start());
      afterAll(() => servers.stop());

      const turn = async (numbers: readonly number[], mode: string) => {
        for (const { name } of FEW) for (const at of numbers) servers.turn(name, at, mode);
        const verdict = mode === "healthy" ? up : down;
        const expected = Object.fromEntries(
          FEW.flatMap(({ name }) => numbers.map((at): [string, Verdicts] => [`${name}/s${at}`, verdict])),
        );
        expect(await settled(servers, expected, 15_000)).toEqual(expected);
        // The rules follow the verdicts within a second or so.
        await new Promise((resolve) => setTimeout(resolve, 2_500));
      };

      test("serves while enough are up", async () => {
        const all = Object.fromEntries(FEW.flatMap(({ name }) => healthy.map((_, at) => [`${name}/s${at}`, up])));
        expect(await settled(servers, all, 15_000)).toEqual(all);
        await turn([2], "refused");
        const found = await servers.answering(TURNS);
        for (const { name } of FEW) expect({ [name]: found[name] }).toEqual({ [name]: everywhere([1, 2]) });
        for (const { name } of FEW) expect(servers.log).not.toContain(`pool ${name} has less`);
      });

      test("counts as down below it, or tries all of its servers", async () => {
        await turn([1, 2], "refused");
        const [found, bad] = [await servers.answering(TURNS), await servers.bad(TURNS)];
        expect(found).toMatchObject({
          backed: everywhere([4]),
          refusing: everywhere([]),
          trying: everywhere([1]),
          panicking: everywhere([1]),
          unlucky: everywhere([]),
        });
        expect(bad).toMatchObject({
          backed: everywhere(0),
          refusing: everywhere(TURNS),
          unlucky: everywhere(TURNS),
        });
        // The first server, the only one that answers, is asked in turn with the others.
        for (const count of [...(bad["trying"] ?? []), ...(bad["panicking"] ?? [])]) {
          expect(count).toBeGreaterThan(0);
          expect(count).toBeLessThan(TURNS);
        }
        expect(servers.log).toContain("pool backed:tcp has less than 2 servers up: too few");
      });

      test("has no more to try when all are down", async () => {
        await turn([0], "refused");
        expect(await servers.answering(6)).toMatchObject({
          backed: everywhere([4]),
          refusing: everywhere([]),
          panicking: everywhere([4]),
        });
      });

      test("keeps what it found over a change", async () => {
        const folder = servers.release("r2", (text) => text.replace("weight = 1", "weight = 2"));
        expect(await servers.console(`dnslb.stage("${folder}")`)).toContain("ok stage");
        expect(await servers.console("dnslb.commit()")).toContain("ok commit");
        expect((await servers.answering(6))["backed"]).toEqual(everywhere([4]));
        await servers.console("dnslb.tidy()");
      });

      test("serves again", async () => {
        await turn([0, 1, 2], "healthy");
        const found = await servers.answering(TURNS);
        for (const { name } of FEW) expect({ [name]: found[name] }).toEqual({ [name]: everywhere([1, 2, 3]) });
        expect(servers.log).toContain("pool backed has enough servers up again");
      });
    });
  },
  { ownIfShort: true },
);
