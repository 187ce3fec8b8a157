import { describe, expect, test } from "vitest";
import type { Frontend } from "../../../lib/model/frontend.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import {
  haproxyTransferLists,
  haproxyTransferNames,
  haproxyTransferPools,
  haproxyTransfers,
} from "../../../lib/node/compile/transfer.js";
import { FRONTEND, PAIR, POOL } from "./models.js";
import { directiveLines } from "./render.js";

const TRUST = "/trust.pem";
const pool = { ...POOL, zoneTransfer: { servers: ["r2"], allowFrom: ["198.51.100.0/24", "2001:db8::/32"] } };
const transferred: Frontend = { ...FRONTEND, tcpPath: "inspected", pool };

/** The pattern by which HAProxy knows the first message of a transfer. */
const pattern = new RegExp(
  haproxyTransfers(transferred)
    .flat()
    .find((word) => word.startsWith("^")) ?? "nothing",
);

describe("the connections of permitted secondaries", () => {
  test("go to the primary by their first message, while it is up", () => {
    expect(directiveLines(haproxyTransfers(transferred))).toMatchInlineSnapshot(`
      [
        "use_backend resolvers:transfer if { src -f lists/internal-transfer.lst } { req.payload_lv(0,2),hex -m reg ^.{4}0[0-7].{2}0001.{12}([1-9A-F].|0[1-9A-F])*0000(06|FB|FC)0001 } { nbsrv(resolvers:transfer) gt 0 }",
      ]
    `);
    expect(haproxyTransferLists(transferred)).toMatchInlineSnapshot(`
      [
        {
          "content": "198.51.100.0/24
      2001:db8::/32
      ",
          "path": "haproxy/lists/internal-transfer.lst",
        },
      ]
    `);
    const [section, ...others] = haproxyTransferPools({ ...PAIR, frontends: [transferred, transferred] }, TRUST);
    expect(others).toEqual([]);
    expect(section?.name).toBe("resolvers:transfer");
    expect(directiveLines(section?.directives ?? [])).toMatchInlineSnapshot(`
      [
        "timeout server 10s",
        "timeout tunnel 10s",
        "option tcp-check",
        "timeout check 500ms",
        "tcp-check connect",
        "tcp-check send-binary 0020ABCD01000001000000000000066865616C7468076578616D706C650000010001",
        "tcp-check expect min-recv 47 rbinary ^....ABCD(8[0145].00001(...[1-9A-F]|..[1-9A-F].|.[1-9A-F]..|[1-9A-F]...)........06[46]8[46]5[46]1[46]C[57]4[46]807[46]5[57]8[46]1[46]D[57]0[46]C[46]50000010001(C00C|06[46]8[46]5[46]1[46]C[57]4[46]807[46]5[57]8[46]1[46]D[57]0[46]C[46]500)(0001|0005)0001..............)",
        "tcp-check set-var(check.length) payload(0,2),be2dec(:,2)",
        "tcp-check expect binary-lf %[payload(2,0),hex,length,div(2),strcmp(check.length),bool,iif(FFFFFFFFFFFFFFFFFFFFFFFF,ABCD)]",
        "default-server check inter 2s fall 3 rise 2",
        "server r2 [2001:db8::2]:5353 weight 3",
      ]
    `);
  });

  test("go to the first of several servers that is up, which the agent knows by the backend", () => {
    const zoneTransfer = { servers: ["r2", "r1"], allowFrom: ["198.51.100.0/24"] };
    const several = { ...PAIR, frontends: [{ ...transferred, pool: { ...pool, zoneTransfer } }] };
    const [section] = haproxyTransferPools(several, TRUST);
    const lines = directiveLines(section?.directives ?? []);
    expect(lines[0]).toBe("balance first");
    expect(lines.slice(-2)).toEqual(["server r2 [2001:db8::2]:5353 weight 3", "server r1 192.0.2.1:53 weight 1"]);
    const names = (given: LoadBalancer) => pool.servers.map(haproxyTransferNames(given, pool));
    expect(names(several)).toEqual([
      { "resolvers:transfer": "resolvers:transfer/r1" },
      { "resolvers:transfer": "resolvers:transfer/r2" },
    ]);
    // A single one is not drained: no other could take its place.
    expect(names({ ...PAIR, frontends: [transferred] })).toEqual([{}, {}]);
  });

  test("go by TLS and with the client's address where the pool does", () => {
    const [section] = haproxyTransferPools(
      {
        ...PAIR,
        frontends: [
          {
            ...transferred,
            pool: {
              ...pool,
              clientAddress: "proxy-protocol",
              servers: pool.servers.map((server) => ({ ...server, tls: { name: "dns.example" } })),
            },
          },
        ],
      },
      TRUST,
    );
    const lines = directiveLines(section?.directives ?? []);
    expect(lines).toContainEqual(expect.stringMatching(/^default-server check .* send-proxy-v2$/));
    expect(lines).toContainEqual(expect.stringMatching(/^server r2 .* ssl verify required .* verifyhost dns.example /));
    expect(lines).toContain("timeout connect 1s");
  });

  test.each<[string, Partial<Frontend>]>([
    ["TCP goes past dnsdist anyway", { tcpPath: "direct" }],
    ["nobody may transfer", { pool: POOL }],
    [
      "everybody may",
      { pool: { ...pool, zoneTransfer: { servers: ["r2"], allowFrom: ["0.0.0.0/1", "128.0.0.0/1"] } } },
    ],
    ["everybody may by IPv6", { pool: { ...pool, zoneTransfer: { servers: ["r2"], allowFrom: ["::/0"] } } }],
    ["a rule judges names", { accessRules: [{ action: "refuse", from: [], names: ["a.example."], types: [] }] }],
    [
      "a rule judges transfers by number",
      { accessRules: [{ action: "drop", from: [], names: [], types: [1, 252], classes: ["IN"], opcodes: [0] }] },
    ],
    ["a rule judges the class", { accessRules: [{ action: "drop", from: [], names: [], types: [], classes: [1] }] }],
    ["a rule judges transfers", { accessRules: [{ action: "drop", from: [], names: [], types: ["A", "IXFR"] }] }],
  ])("go to dnsdist where %s", (_, change) => {
    const frontend = { ...transferred, ...change };
    expect(haproxyTransfers(frontend)).toEqual([]);
    expect(haproxyTransferLists(frontend)).toEqual([]);
    expect(haproxyTransferPools({ ...PAIR, frontends: [frontend] }, TRUST)).toEqual([]);
  });

  test("go to the primary where rules judge other types, classes, opcodes and networks, or UDP alone", () => {
    const accessRules: Frontend["accessRules"] = [
      { action: "refuse", from: [], names: [], types: ["ANY"] },
      { action: "refuse", from: ["192.0.2.0/24"], names: [], types: [] },
      { action: "refuse", from: [], names: [], types: [], classes: ["CH", "ANY"] },
      { action: "refuse", from: [], names: [], types: ["AXFR"], opcodes: ["NOTIFY"] },
      { action: "truncate", from: [], names: [], types: ["AXFR"] },
      { action: "minimal-any", from: [], names: ["a.example."], types: ["ANY"] },
    ];
    expect(haproxyTransfers({ ...transferred, accessRules })).toEqual(haproxyTransfers(transferred));
  });
});

describe("the first message of a transfer", () => {
  const message = ({ header = "abcd00000001000000000001", name = "076578616d706c6503636f6d00", end = "00fc0001" }) =>
    `${header}${name}${end}0000290000000000000000`.toUpperCase();

  test.each([
    ["AXFR", {}],
    ["IXFR with the SOA that the client has", { header: "000000000001000000010000", end: "00fb0001" }],
    ["SOA with RD", { header: "ffff01000001000000000000", end: "00060001" }],
    ["of the root", { name: "00" }],
    ["of a name with every length of labels", { name: `${[1, 15, 16, 63].map(label).join("")}00` }],
  ])("is known: %s", (_, parts) => {
    expect(message(parts)).toMatch(pattern);
  });

  test.each([
    ["another type", { end: "00010001" }],
    ["another class", { end: "00fc0003" }],
    ["an answer", { header: "abcd80000001000000000000" }],
    ["NOTIFY", { header: "abcd20000001000000000000", end: "00060001" }],
    ["UPDATE", { header: "abcd28000001000000000000", end: "00060001" }],
    ["no question", { header: "abcd00000000000000000000" }],
    ["two questions", { header: "abcd00000002000000000000" }],
    ["a type that a label holds", { name: "0400fc000100", end: "00010001" }],
  ])("is not %s", (_, parts) => {
    expect(message(parts)).not.toMatch(pattern);
  });
});

function label(length: number): string {
  return length.toString(16).padStart(2, "0") + "61".repeat(length);
}
