import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccessRule } from "../../../lib/model/access-rule.js";
import { OPCODES, QUERY_CLASSES, QUERY_TYPES } from "../../../lib/model/query-kind.js";
import { featuresOf } from "../../../lib/node/features.js";
import { Lab } from "../../../lib/testing/lab/index.js";
import { installedVersions } from "../../../lib/testing/lab/versions.js";
import { onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { authoritativePool, frontend, resolverPool, servers, standalone } from "../models.js";
import { type Asked, ask } from "./ask.js";

const CLIENT = "10.0.0.77";
const BANNED = "10.0.0.88";
const [JUDGED, ZONES, PLAIN, DEAD] = ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"] as const;
const RESOLVER = "192.168.1.10";
const ZONE_SERVER = "192.168.1.20";

const REFUSED = 5;
const NEW_TYPE = 65_280;

const any: AccessRule = { action: "refuse", from: [], names: [], types: [] };

/** Rules with a query that each is for, which the server itself answers otherwise. */
const REFUSALS: readonly (readonly [string, AccessRule, Asked])[] = [
  ["a type by its number", { ...any, types: [NEW_TYPE] }, { type: NEW_TYPE }],
  ["a type by its name", { ...any, types: ["CAA"] }, { type: QUERY_TYPES.CAA }],
  ["a class", { ...any, classes: ["CH"] }, { name: "version.server", type: 16, class: QUERY_CLASSES.CH }],
  ["an opcode", { ...any, opcodes: ["STATUS"] }, { opcode: OPCODES.STATUS }],
  ["all of them", { ...any, types: ["MX"], classes: ["IN"], opcodes: ["QUERY"] }, { type: 15 }],
];

const resolvers = resolverPool({ servers: servers("resolver", RESOLVER, 1) });
const zones = authoritativePool({ servers: servers("auth", ZONE_SERVER, 1) });

const model = standalone({
  nodes: [{ name: "lb1", addresses: [JUDGED, ZONES, PLAIN, DEAD], interface: "eth0" }],
  frontends: [
    frontend({
      ...{ name: "judged", addresses: [JUDGED], pool: resolvers, tcpPath: "inspected" },
      accessRules: [
        ...REFUSALS.map(([, accessRule]) => accessRule),
        { ...any, action: "drop", types: ["NULL"] },
        {
          ...{ ...any, names: ["blocked.example.com."] },
          extendedError: { code: "filtered", text: 'see "policy"' },
        },
      ],
    }),
    frontend({
      ...{ name: "zones", addresses: [ZONES], pool: zones },
      accessRules: [
        { ...any, action: "truncate", from: [`${BANNED}/32`] },
        { ...any, action: "truncate", types: ["AAAA"], names: ["example.com."] },
        { ...any, action: "minimal-any", types: ["ANY"], ttl: "30m" },
      ],
    }),
    frontend({ name: "plain", addresses: [PLAIN], pool: zones }),
    frontend({
      ...{ name: "dead", addresses: [DEAD], tcpPath: "inspected" },
      pool: resolverPool({ name: "dead", servers: servers("dead", "192.168.1.30", 1), whenAllDown: "servfail" }),
    }),
  ],
});

onBothGenerations(
  ({ name: generation, options }) => {
    const name = `t_access_${generation}`;
    const at = { lab: name, client: CLIENT };
    let lab: Lab;
    let features: ReturnType<typeof featuresOf>;

    beforeAll(async () => {
      features = featuresOf(await installedVersions(options.root));
      lab = await Lab.start([model], { name, ...options, localData: ["blocked.example.com. A 192.0.2.9"] });
      for (const client of [CLIENT, BANNED]) await lab.client(client).query("www.example.com", "A", { server: PLAIN });
    });

    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(name)).toEqual(NOTHING);
    });

    describe.each(["udp", "tcp"] as const)("over %s", (transport) => {
      test.each(REFUSALS)("refuses %s, and nothing else", async (_, __, asked) => {
        const own = await ask(at, RESOLVER, transport, asked);
        expect(own).toBeDefined();
        expect(own?.rcode).not.toBe(REFUSED);
        expect(await ask(at, JUDGED, transport, asked)).toMatchObject({ rcode: REFUSED, answers: [] });
        expect(await ask(at, JUDGED, transport, {})).toMatchObject({ rcode: 0, answers: [expect.anything()] });
      });

      test("drops a type", async () => {
        expect(await ask(at, RESOLVER, transport, { type: QUERY_TYPES.NULL })).toBeDefined();
        expect(await ask(at, JUDGED, transport, { type: QUERY_TYPES.NULL })).toBeUndefined();
      });

      test("says why it refuses, to those who speak EDNS, where dnsdist can", async () => {
        const asked = { name: "www.blocked.example.com" };
        const told = await ask(at, JUDGED, transport, asked);
        expect(told?.rcode).toBe(REFUSED);
        expect(told?.reason).toEqual(features.extendedErrors ? [17, 'see "policy"'] : undefined);
        expect(await ask(at, JUDGED, transport, { ...asked, edns: "none" })).not.toHaveProperty("reason");
        // Other refusals have no reason.
        expect(await ask(at, JUDGED, transport, { type: NEW_TYPE })).not.toHaveProperty("reason");
      });

      test("says that no server is left, where dnsdist can", async () => {
        await lab.server("dead1").ill();
        await lab.waitFor(async () => (await ask(at, DEAD, transport, {}))?.rcode === 2, { what: "all are down" });
        expect((await ask(at, DEAD, transport, {}))?.reason).toEqual(features.extendedErrors ? [22, ""] : undefined);
      });
    });

    test("truncates over UDP for some clients and names, and not over TCP", async () => {
      const asked = { type: QUERY_TYPES.AAAA };
      const truncated = { rcode: 0, answers: [], flags: expect.arrayContaining(["tc"]) };
      expect(await ask(at, ZONES, "udp", asked)).toMatchObject(truncated);
      expect(await ask(at, ZONES, "tcp", asked)).toMatchObject({ rcode: 0, answers: [expect.anything()] });
      expect(await ask(at, PLAIN, "udp", asked)).toMatchObject({ answers: [expect.anything()] });
      const banned = { ...at, client: BANNED };
      expect(await ask(banned, ZONES, "udp", {})).toMatchObject(truncated);
      expect(await ask(banned, ZONES, "tcp", {})).toMatchObject({ rcode: 0, answers: [expect.anything()] });
      expect(await ask(at, ZONES, "udp", {})).toMatchObject({ rcode: 0, answers: [expect.anything()] });
    });

    test("answers ANY over UDP with one record of type HINFO, or truncates", async () => {
      const asked = { type: QUERY_TYPES.ANY };
      // NSD itself answers ANY with one of the sets that it has.
      const whole = await ask(at, PLAIN, "udp", asked);
      expect(whole?.answers.map(([type]) => type)).toEqual([QUERY_TYPES.A]);
      const small = await ask(at, ZONES, "udp", asked);
      if (features.minimalAny) {
        const data = Buffer.from("\x07RFC8482\x00").toString("hex");
        expect(small).toEqual({ rcode: 0, flags: ["aa", "rd"], answers: [[QUERY_TYPES.HINFO, 1_800, data]] });
      } else {
        expect(small).toMatchObject({ answers: [], flags: expect.arrayContaining(["tc"]) });
      }
      const signed = await ask(at, ZONES, "udp", { ...asked, edns: "dnssec" });
      expect(signed).toMatchObject({ answers: [], flags: expect.arrayContaining(["tc"]) });
      expect((await ask(at, ZONES, "tcp", asked))?.answers).toEqual(whole?.answers);
      // Names that are not the servers' are left to them.
      expect(await ask(at, ZONES, "udp", { ...asked, name: "www.example.net" })).toMatchObject({
        rcode: (await ask(at, ZONE_SERVER, "udp", { ...asked, name: "www.example.net" }))?.rcode,
        answers: [],
      });
    });
  },
  { ownIfShort: true },
);
