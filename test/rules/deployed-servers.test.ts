import { expect, test } from "vitest";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { Pool } from "../../lib/model/pool.js";
import type { ClientPolicy } from "../../lib/model/pool-member.js";
import { deployedServers } from "../../lib/rules/deployed-servers.js";
import { FRONTEND, PAIR, POOL } from "../node/compile/models.js";

const OPEN: ClientPolicy = { clientAddress: "hidden", allowFrom: ["10.0.0.0/8", "fd00::/8"] };

function problems(deployed: Partial<ClientPolicy>, pool: Partial<Pool> = {}, address = "192.0.2.1"): string {
  const servers = [{ name: "r1", address, port: 53, weight: 1, deployed: { ...OPEN, ...deployed } }];
  const frontend = { ...FRONTEND, allowFrom: ["10.1.0.0/16"], pool: { ...POOL, ...pool, servers } };
  const pair: LoadBalancer = { ...PAIR, frontends: [frontend] };
  return deployedServers(pair)
    .map(({ code, property, message, part }) => `${JSON.stringify(part)} '${property}' ${message} [${code}]`)
    .join("\n");
}

test.each<[string, Partial<ClientPolicy>, Partial<Pool>?, string?]>([
  ["both hide clients", {}],
  ["both name clients", { clientAddress: "proxy-protocol" }, { clientAddress: "proxy-protocol" }],
  ["everybody is served", { allowFrom: undefined } as never],
  ["nodes come from another family", { allowFrom: ["fd53::/16"] }, {}, "fd53::10"],
  ["hidden clients are outside", { allowFrom: ["10.0.0.0/24"] }],
])("passes when %s", (_, deployed, pool, address) => {
  expect(problems(deployed, pool, address)).toBe("");
});

test("passes when nothing is known of a server", () => {
  expect(deployedServers(PAIR)).toEqual([]);
});

test("fails when pool and server disagree on the client's address", () => {
  expect(problems({ clientAddress: "proxy-protocol" })).toMatchInlineSnapshot(
    `"{"kind":"frontend","index":0} 'pool' leads to server "r1" of pool "resolvers", whose clientAddress is "proxy-protocol" while the pool's is "hidden", so that every query would fail; set both to the same value [DNSLB008]"`,
  );
  expect(problems({}, { clientAddress: "proxy-protocol" })).toMatchInlineSnapshot(
    `"{"kind":"frontend","index":0} 'pool' leads to server "r1" of pool "resolvers", whose clientAddress is "hidden" while the pool's is "proxy-protocol", so that every query would fail; set both to the same value [DNSLB008]"`,
  );
});

test("fails when a server of a fallback disagrees", () => {
  const fallback = {
    ...POOL,
    name: "fallback",
    servers: [
      { name: "f", address: "192.0.2.9", port: 53, weight: 1, deployed: { clientAddress: "proxy-protocol" } as const },
    ],
  };
  const pair = { ...PAIR, frontends: [{ ...FRONTEND, pool: { ...POOL, fallback } }] };
  expect(deployedServers(pair).map(({ code, message }) => [code, message.split(",")[0]])).toEqual([
    ["DNSLB008", 'leads to server "f" of pool "fallback"'],
  ]);
});

test("fails when a server refuses the load balancer, or the clients that it is told of", () => {
  expect(problems({ allowFrom: ["10.0.0.3/32"] })).toMatchInlineSnapshot(
    `"{"kind":"frontend","index":0} 'pool' leads to server "r1" of pool "resolvers", whose 'allowFrom' leaves out 10.0.0.2, from where the load balancer queries it [DNSLB009]"`,
  );
  expect(
    problems(
      { clientAddress: "proxy-protocol", allowFrom: ["10.0.0.0/24", "10.1.0.0/17"] },
      { clientAddress: "proxy-protocol" },
    ),
  ).toMatchInlineSnapshot(
    `"{"kind":"frontend","index":0} 'pool' leads to server "r1" of pool "resolvers", whose 'allowFrom' leaves out 10.1.0.0/16, which the frontend serves [DNSLB009]"`,
  );
});
