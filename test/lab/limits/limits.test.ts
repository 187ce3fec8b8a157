import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DotListener } from "../../../lib/model/dot-listener.js";
import type { Frontend } from "../../../lib/model/frontend.js";
import type { RateLimit } from "../../../lib/model/rate-limit.js";
import { featuresOf } from "../../../lib/node/features.js";
import { Lab, LabSecret } from "../../../lib/testing/lab/index.js";
import { installedVersions } from "../../../lib/testing/lab/versions.js";
import { pause } from "../../real/config/dnsdist-node.js";
import { onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { dnsListener, frontend, resolverPool, standalone } from "../models.js";
import { LimitedClients, type Way } from "./client.js";

/*
 * The limits of clients, in place of the article's (S16, S17, S20), which never count, do not see IPv6, or limit nothing
 * that is open.
 */

const CERTIFICATE = "certs/dns.example.com.pem";
const CLIENTS = ["10.0.0.0/8", "fd00::/8"];

/** Addresses of the node, by what is limited there. */
const AT = {
  connections: "10.0.0.2",
  truncate: "10.0.0.3",
  refuse: "10.0.0.4",
  drop: "10.0.0.5",
  bytes: "10.0.0.6",
  inspectedBytes: "10.0.0.7",
} as const;
const CONNECTIONS6 = "fd00::2";

const LIMITS = {
  per: { ipv4: 24, ipv6: 56 },
  exempt: ["10.9.0.0/16", "fd00:9::/32"],
  exceeded: "truncate",
} as const;
const CONNECTIONS = { ...LIMITS, connections: { events: 3, period: 60_000, text: "3/1m" } } as const;
/* Five a second, twenty at once. */
const QUERIES = { ...LIMITS, queries: { events: 5, period: 1_000, text: "5/s" }, burst: 20 } as const;
const BYTES = { ...LIMITS, bytesOut: { bytes: 2_097_152, period: 20_000, text: "2m/20s" } } as const;
const SECOND = BYTES.bytesOut.bytes / 20;

function limited(name: string, addresses: readonly string[], rateLimit: RateLimit, changes: Partial<Frontend> = {}) {
  const dot: DotListener = {
    ...{ kind: "dot", name: `${name}-dot`, port: 853, minimumTlsVersion: "1.2", idleTimeout: "30s" },
    certificate: { kind: "local-file", path: CERTIFICATE },
  };
  return frontend({
    ...{ name, addresses, rateLimit, allowFrom: CLIENTS, pool: resolverPool() },
    ...{ listeners: [dnsListener(name), dot] },
    ...changes,
  });
}

const inspected = { tcpPath: "inspected" } as const;
const model = standalone({
  nodes: [{ name: "lb1", addresses: [...Object.values(AT), CONNECTIONS6], interface: "eth0" }],
  frontends: [
    limited("connections", [AT.connections, CONNECTIONS6], CONNECTIONS),
    ...(["truncate", "refuse", "drop"] as const).map((exceeded) =>
      limited(exceeded, [AT[exceeded]], { ...QUERIES, exceeded }, inspected),
    ),
    limited("bytes", [AT.bytes], BYTES),
    limited("inspected-bytes", [AT.inspectedBytes], BYTES, inspected),
  ],
});
/* Another network of clients, so that HAProxy reloads. */
const changed = (index: number) => ({
  ...model,
  frontends: model.frontends.map((each) => ({ ...each, allowFrom: [...CLIENTS, `198.51.100.${index}/32`] })),
});

/** Networks of clients: each has counters of its own. */
const networks = Array.from({ length: 40 }, (_, index) => `10.1.${index}`);
const ADDRESSES = [
  ...networks.flatMap((network) => [`${network}.1`, `${network}.2`]),
  "10.9.1.1",
  ...["fd00:1:0:100::1", "fd00:1:0:1ff::1", "fd00:1:0:200::1", "fd00:9::1"],
];

onBothGenerations(
  ({ name, options }) => {
    const NAME = `t_limits_${name}`;
    let lab: Lab;
    let clients: LimitedClients;
    let holdsBack: boolean;

    beforeAll(async () => {
      holdsBack = featuresOf(await installedVersions(options.root)).bandwidthLimits;
      lab = await Lab.start([model], {
        ...{ name: NAME, readyWithin: "60s", ...options },
        secrets: { [CERTIFICATE]: LabSecret.certificate("dns.example.com") },
      });
      clients = await LimitedClients.on(lab, "10.0.0.77", ADDRESSES);
    }, 120_000);

    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(NAME)).toEqual(NOTHING);
    });

    const free = [...networks];
    /** Two clients of a network that nobody has asked from. */
    const pair = (): [string, string] => {
      const network = free.shift();
      return [`${network}.1`, `${network}.2`];
    };

    describe("new connections", () => {
      const connect = (
        source: string,
        count: number,
        transport: Way["transport"] = "tcp",
        server: string = AT.connections,
      ) => clients.connections({ source, server, transport }, count);

      test.each(["tcp", "dot"] as const)(
        "of a /24 are counted together over %s, and beyond the limit closed",
        async (transport) => {
          const [one, two] = pair();
          expect(await connect(one, 2, transport)).toBe(2);
          expect(await connect(two, 3, transport)).toBe(1);
          expect(await connect(one, 2, transport)).toBe(0);
        },
      );

      test("over TCP and TLS are counted together", async () => {
        const [one, two] = pair();
        expect(await connect(one, 2, "tcp")).toBe(2);
        expect(await connect(two, 3, "dot")).toBe(1);
        expect(await connect(one, 1, "tcp")).toBe(0);
      });

      test("of an IPv6 /56 are counted together", async () => {
        expect(await connect("fd00:1:0:100::1", 2, "tcp", CONNECTIONS6)).toBe(2);
        expect(await connect("fd00:1:0:1ff::1", 3, "tcp", CONNECTIONS6)).toBe(1);
        expect(await connect("fd00:1:0:200::1", 4, "tcp", CONNECTIONS6)).toBe(3);
      });

      test("of exempt networks are without a limit", async () => {
        expect(await connect("10.9.1.1", 12)).toBe(12);
        expect(await connect("fd00:9::1", 12, "tcp", CONNECTIONS6)).toBe(12);
      });

      test("stay counted when changes replace HAProxy's process", async () => {
        const [one, two] = pair();
        expect(await connect(one, 4)).toBe(3);
        for (const index of [1, 2]) {
          // A process that is younger than 5 s gives no counters to the next.
          await pause(6_000);
          await lab.apply([changed(index)]);
          expect(await connect(two, 2), `change ${index}`).toBe(0);
        }
        const [other] = pair();
        expect(await connect(other, 4)).toBe(3);
      }, 60_000);
    });

    describe("queries", () => {
      const ask = (exceeded: RateLimit["exceeded"], transport: Way["transport"], count: number, source = pair()[0]) =>
        clients.queries({ source, server: AT[exceeded], transport }, count);
      /** What was answered: the burst, and what came while it ran. */
      const burst = ({ answered = 0 }: Readonly<Record<string, number>>) => {
        expect(answered).toBeGreaterThanOrEqual(20);
        expect(answered).toBeLessThan(26);
        return answered;
      };

      test("beyond a burst are truncated over UDP, and refused over TCP and TLS", async () => {
        const udp = await ask("truncate", "udp", 60);
        expect(udp).toEqual({ answered: burst(udp), truncated: 60 - burst(udp) });
        for (const transport of ["tcp", "dot"] as const) {
          const told = await ask("truncate", transport, 60);
          expect(told).toEqual({ answered: burst(told), refused: 60 - burst(told) });
        }
      });

      test("beyond a burst are refused on all transports", async () => {
        for (const transport of ["udp", "tcp", "dot"] as const) {
          const told = await ask("refuse", transport, 60);
          expect(told, transport).toEqual({ answered: burst(told), refused: 60 - burst(told) });
        }
      });

      test("beyond a burst are dropped, which ends connections", async () => {
        const udp = await ask("drop", "udp", 60);
        expect(udp).toEqual({ answered: burst(udp) });
        for (const transport of ["tcp", "dot"] as const) {
          expect(await ask("drop", transport, 60), transport).toMatchObject({ ended: 1 });
        }
      });

      test("of a /24 are counted together", async () => {
        const [one, two] = pair();
        burst(await ask("refuse", "udp", 30, one));
        expect((await ask("refuse", "udp", 30, two))["answered"] ?? 0).toBeLessThan(15);
      });

      test("of exempt networks are without a limit", async () => {
        expect(await ask("refuse", "udp", 60, "10.9.1.1")).toEqual({ answered: 60 });
        expect(await ask("drop", "tcp", 60, "10.9.1.1")).toEqual({ answered: 60 });
      });

      test("stay counted over a change", async () => {
        const [one, two] = pair();
        burst(await ask("refuse", "udp", 40, one));
        await lab.apply([changed(3)]);
        // What the seconds of the change gave back, at five a second, is all that is left.
        expect(await ask("refuse", "udp", 40, two)).toMatchObject({ refused: expect.any(Number) });
      }, 60_000);
    });

    describe("bytes of answers", () => {
      const WAYS = [
        ["direct", AT.bytes, "tcp"],
        ["inspected", AT.inspectedBytes, "tcp"],
        ["TLS", AT.bytes, "dot"],
      ] as const;

      test.each(WAYS)("end or slow what a client gets: %s", async (_, server, transport) => {
        const [source, neighbour] = pair();
        const got = await clients.stream({ source, server, transport }, 4);
        expect(got.cut).toBe(false);
        const others = await clients.connections({ source: neighbour, server, transport }, 2);
        if (holdsBack) {
          // A second's bytes may come at once at the beginning.
          expect(got.bytes).toBeGreaterThan(2 * SECOND);
          expect(got.bytes).toBeLessThan(6.5 * SECOND);
          expect(others).toBe(2);
        } else {
          expect(got.bytes).toBeGreaterThan(BYTES.bytesOut.bytes);
          expect(others).toBe(0);
        }
        const [stranger] = pair();
        expect(await clients.connections({ source: stranger, server, transport }, 2)).toBe(2);
      });

      test("count while a connection is open", async () => {
        const [source, neighbour] = pair();
        const running = clients.stream({ source, server: AT.bytes, transport: "tcp" }, 8);
        await new Promise((resolve) => setTimeout(resolve, 6_500));
        const others = await clients.connections({ source: neighbour, server: AT.bytes, transport: "tcp" }, 2);
        expect(others).toBe(holdsBack ? 2 : 0);
        expect((await running).cut).toBe(false);
      }, 30_000);

      test("share the rate of a client, where they are held back", async () => {
        if (!holdsBack) return;
        const [one, two] = pair();
        const way = { server: AT.bytes, transport: "tcp" } as const;
        const both = await Promise.all([one, two].map((source) => clients.stream({ source, ...way }, 4)));
        expect(both.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(7 * SECOND);
      });

      test("of exempt networks are without a limit", async () => {
        const way = { source: "10.9.1.1", server: AT.bytes, transport: "tcp" } as const;
        expect((await clients.stream(way, 4)).bytes).toBeGreaterThan(BYTES.bytesOut.bytes);
        expect(await clients.connections(way, 2)).toBe(2);
      });
    });
  },
  { ownIfShort: true },
);
