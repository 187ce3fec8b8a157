import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canIsolate, have, pause } from "../../real/config/dnsdist-node.js";
import { onBothGenerations } from "../generations.js";
import { resolverPool } from "../models.js";
import { type SickPool, SickServers, settled, type Verdicts } from "./sick-servers.js";

const possible = have("dnsdist", "haproxy", "python3", "nsenter") && canIsolate();

const check = resolverPool().healthCheck;
const down: Verdicts = ["down", "down", "down"];
const up: Verdicts = ["up", "up", "up"];
const overTcp: Verdicts = ["up", "down", "down"];
const overUdp: Verdicts = ["down", "up", "up"];

/** Sick servers, and the one verdict on each path. */
const TABLE: Readonly<Record<string, Verdicts>> = {
  ...{ closed: down, silent: down, "too-late": down, garbage: down, "three-bytes": down, "formerr-header": down },
  ...{ refused: down, servfail: down, nxdomain: down, formerr: down, notimp: down, yxdomain: down, notauth: down },
  ...{ "wrong-id": down, "not-a-response": down, "wrong-opcode": down, "another-question": down, "no-question": down },
  ...{ truncated: down, "no-answer": down, lame: down, "another-type": down, "another-name": down, "cut-record": down },
  ...{
    "accepted-closed": overTcp,
    "length-too-large": overTcp,
    "length-too-small": overTcp,
    "half-then-hung": overTcp,
  },
  ...{ "byte-a-second": overTcp, "another-port": overUdp, flood: overUdp },
  ...{ late: up, "byte-by-byte": up, "one-a-connection": up, "not-authoritative": up },
};

const OTHERS: readonly SickPool[] = [
  { name: "six", modes: ["healthy", "formerr"], ipv6: true },
  { name: "proxied", modes: ["healthy+proxy", "notimp+proxy"], changes: { clientAddress: "proxy-protocol" } },
  {
    name: "authoritative",
    modes: ["healthy", "not-authoritative"],
    changes: { healthCheck: { ...check, expect: { ...check.expect, authoritative: true } } },
  },
  {
    name: "valued",
    modes: ["healthy", "another-value"],
    changes: { healthCheck: { ...check, expect: { ...check.expect, value: "192.0.2.1" } } },
  },
  {
    name: "lenient",
    modes: ["healthy", "no-answer", "nxdomain"],
    changes: {
      healthCheck: { ...check, expect: { ...check.expect, rcodes: ["NOERROR", "NXDOMAIN"], answer: "optional" } },
    },
  },
  { name: "validated", modes: ["healthy", "validates"] },
  {
    name: "unchecked",
    modes: ["healthy", "validates"],
    changes: { healthCheck: { ...check, checkingDisabled: true } },
  },
  { name: "known", modes: ["healthy", "cached", "once"] },
  { name: "labelled", modes: ["healthy", "cached", "once"], changes: { healthCheck: { ...check, randomLabel: true } } },
  {
    name: "connected",
    modes: ["healthy", "hung", "closed", "servfail", "accepted-closed"],
    changes: { healthCheck: { ...check, kind: "tcp" } },
  },
  { name: "keyed", modes: ["healthy", "no-answer"], changes: { healthCheck: { ...check, type: "DNSKEY" } } },
  { name: "signed", modes: ["healthy", "no-answer"], changes: { healthCheck: { ...check, type: "DS" } } },
];

onBothGenerations(({ options }) => {
  describe.runIf(possible)("sick servers", () => {
    const rows = Object.keys(TABLE).map((mode): SickPool => ({ name: mode, modes: ["healthy", mode] }));
    const servers = new SickServers([...rows, ...OTHERS], options.root);
    beforeAll(() => servers.start());
    afterAll(() => servers.stop());

    test("get the same verdict on every path", async () => {
      const expected = {
        ...Object.fromEntries(Object.entries(TABLE).map(([mode, verdicts]) => [`${mode}/s1`, verdicts])),
        ...{ "six/s1": down, "proxied/s1": down, "authoritative/s1": down, "valued/s1": down },
        ...{ "lenient/s1": up, "lenient/s2": up },
        ...{ "validated/s1": down, "unchecked/s1": up, "keyed/s1": down, "signed/s1": down },
        ...{ "connected/s1": up, "connected/s2": down, "connected/s3": up, "connected/s4": up },
        ...{ "known/s1": up, "known/s2": down, "labelled/s1": down, "labelled/s2": up },
        ...Object.fromEntries([...rows, ...OTHERS].map(({ name }) => [`${name}/s0`, up])),
      };
      expect(await settled(servers, expected, 25_000)).toEqual(expected);
      // Nothing sways back.
      await pause(3_000);
      expect(await settled(servers, expected, 0)).toEqual(expected);
    });

    test("cost clients nothing on the paths on which they are down", async () => {
      const bad = await servers.bad(6);
      // Up on all paths: wrong answers that are wanted, and slow ones, which a busy machine makes too slow for a moment.
      const served = ["lenient", "late", "byte-by-byte", "known", "labelled", "unchecked", "connected"];
      const left = Object.entries(bad).filter(([name]) => !served.includes(name));
      expect(Object.fromEntries(left.filter(([, counts]) => counts.some((count) => count !== 0)))).toEqual({});
    });

    test("leave no socket behind", { timeout: 60_000 }, async () => {
      // dnsdist has started, and asks all servers.
      await pause(4_000);
      const sockets = () => readdirSync(`/proc/${servers.dnsdist}/fd`).length;
      // Of probes that are under way the number sways and dips; what is left behind grows by dozens a second.
      const usual = async () => {
        const counts: number[] = [];
        for (let at = 0; at < 25; at++) {
          counts.push(sockets());
          await pause(100);
        }
        return counts.sort((one, other) => one - other)[12] ?? 0;
      };
      const before = await usual();
      await pause(3_000);
      // On a busy machine more probes are under way for a while; what is left behind never becomes less again.
      await expect.poll(usual, { timeout: 20_000, interval: 500 }).toBeLessThan(before + 60);
    });
  });

  describe.runIf(possible)("a fault of content", () => {
    const pools: readonly SickPool[] = [
      { name: "odd", modes: ["healthy", "healthy", "healthy"] },
      { name: "pair", modes: ["healthy", "healthy"] },
      { name: "lone", modes: ["healthy"] },
      { name: "dead", modes: ["healthy", "healthy", "healthy"] },
      { name: "spare", modes: ["healthy"] },
      { name: "backed", modes: ["healthy", "healthy"], fallback: "spare" },
    ];
    const servers = new SickServers(pools, options.root);
    beforeAll(() => servers.start());
    afterAll(() => servers.stop());

    test("takes out half of a pool at most, and comes back", async () => {
      const all = Object.fromEntries(pools.flatMap(({ name, modes }) => modes.map((_, at) => [`${name}/s${at}`, up])));
      expect(await settled(servers, all, 10_000)).toEqual(all);
      for (const { name, modes } of pools) {
        for (const [at] of modes.entries()) servers.turn(name, at, name === "dead" && at > 0 ? "refused" : "nxdomain");
      }
      const serves: Verdicts = ["up", "up", "down"];
      const expected: Record<string, Verdicts> = {
        ...{ "odd/s0": down, "odd/s1": serves, "odd/s2": serves, "pair/s0": down, "pair/s1": serves },
        ...{ "lone/s0": serves, "dead/s0": serves, "dead/s1": down, "dead/s2": down },
      };
      expect(await settled(servers, expected, 12_000)).toEqual(expected);
      expect(servers.log).toContain("judge: server odd/s0");
      expect(servers.log).toContain("answers NXDOMAIN");
      expect(servers.log).toContain("judge: pool odd: 2 of 3 servers serve in spite of wrong answers");
      expect(await servers.console("dnslb.status()")).toContain('"fault":"answers NXDOMAIN"');
      for (const { name, modes } of pools) for (const [at] of modes.entries()) servers.turn(name, at, "healthy");
      expect(await settled(servers, all, 12_000)).toEqual(all);
    });

    test("leaves alone a server that is back after an outage", { timeout: 60_000 }, async () => {
      servers.turn("spare", 0, "refused");
      expect(await settled(servers, { "spare/s0": down }, 10_000)).toEqual({ "spare/s0": down });
      // More failures than make a server unreliable that has some between its answers.
      await pause(6_000);
      const before = servers.log.length;
      servers.turn("spare", 0, "healthy");
      expect(await settled(servers, { "spare/s0": up }, 10_000)).toEqual({ "spare/s0": up });
      await pause(4_000);
      expect(await settled(servers, { "spare/s0": up }, 0)).toEqual({ "spare/s0": up });
      expect(
        servers.log
          .slice(before)
          .split("\n")
          .filter((line) => line.includes("server spare/s0")),
      ).toEqual([expect.stringContaining("is well again")]);
    });

    test("does not bring the fallback into play, as refusals do", async () => {
      const backed = async () => (await servers.bad(6))["backed"];
      for (const at of [0, 1]) servers.turn("backed", at, "nxdomain");
      const serves: Record<string, Verdicts> = { "backed/s0": down, "backed/s1": ["up", "up", "down"] };
      expect(await settled(servers, serves, 12_000)).toEqual(serves);
      // Each answer is the one of the pool's own servers.
      expect(await backed()).toEqual([6, 6, 6]);
      for (const at of [0, 1]) servers.turn("backed", at, "refused");
      const dead: Record<string, Verdicts> = { "backed/s0": down, "backed/s1": down };
      expect(await settled(servers, dead, 12_000)).toEqual(dead);
      expect(await backed()).toEqual([0, 0, 0]);
      for (const at of [0, 1]) servers.turn("backed", at, "healthy");
      const all: Record<string, Verdicts> = { "backed/s0": up, "backed/s1": up };
      expect(await settled(servers, all, 12_000)).toEqual(all);
    });

    test("keeps its verdict over a change that makes servers anew", async () => {
      const count = pools.flatMap(({ modes }) => modes).length;
      servers.turn("pair", 1, "formerr");
      const expected: Record<string, Verdicts> = { "pair/s0": up, "pair/s1": down };
      expect(await settled(servers, expected, 10_000)).toEqual(expected);
      const folder = servers.release("r2", (text) => text.replaceAll("weight = 1", "weight = 2"));
      expect(await servers.console(`dnslb.stage("${folder}")`)).toContain(`added=${2 * count} `);
      await pause(3_000);
      const after = await servers.console('dnslb.commit() .. "\\n" .. dnslb.status()');
      expect(after).toMatch(/"id":"pair\/s1","address":"\S+","state":"down"/);
      expect(after).toMatch(/"id":"pair\/s0","address":"\S+","state":"up"/);
      await pause(2_500);
      expect(await settled(servers, expected, 0)).toEqual(expected);
      servers.turn("pair", 1, "healthy");
      await settled(servers, { "pair/s1": up }, 10_000);
      await servers.console("dnslb.tidy()");
    });

    test("says nothing any more where the judge fails", async () => {
      servers.turn("pair", 1, "formerr");
      const expected: Record<string, Verdicts> = { "pair/s1": down };
      expect(await settled(servers, expected, 10_000)).toEqual(expected);
      await servers.console("realUp = string.byte; string.byte = function() error('broken') end");
      const released: Record<string, Verdicts> = { "pair/s1": ["up", "up", "down"] };
      const found = await settled(servers, released, 8_000);
      await servers.console("string.byte = realUp");
      expect(found).toEqual(released);
      expect(servers.log).toContain("judge: failed, and has said nothing");
      expect(await settled(servers, expected, 10_000)).toEqual(expected);
      servers.turn("pair", 1, "healthy");
      expect(await settled(servers, { "pair/s1": up }, 10_000)).toEqual({ "pair/s1": up });
    });

    test("drains and undrains beside the judge", async () => {
      servers.turn("pair", 1, "formerr");
      await settled(servers, { "pair/s1": down }, 10_000);
      await servers.console('dnslb.drainServer("pair/s1")');
      await servers.console('dnslb.drainServer("pair/s0")');
      await pause(2_500);
      expect(await settled(servers, { "pair/s0": ["drained", "up", "up"] }, 0)).toEqual({
        "pair/s0": ["drained", "up", "up"],
      });
      await servers.console('dnslb.undrainServer("pair/s1")');
      await servers.console('dnslb.undrainServer("pair/s0")');
      expect(await settled(servers, { "pair/s0": up, "pair/s1": down }, 8_000)).toEqual({
        "pair/s0": up,
        "pair/s1": down,
      });
    });
  });
});
