import { describe, expect, test } from "vitest";
import { ResolverPool } from "../../lib/dns/resolver-pool.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import type { ServerSoftware } from "../../lib/model/server-software.js";
import { FakeNode, newStack, refusal } from "../constructs.js";

function given(clientAddress: "hidden" | "proxy-protocol" = "proxy-protocol") {
  const stack = newStack();
  const node = new FakeNode(stack, "Node1", ["10.0.0.2", "fd53::2"]);
  const lb = new StandaloneLoadBalancer(stack, "Dns", { node });
  const pool = new ResolverPool(stack, "Resolvers", {
    servers: [
      { name: "one", address: "192.168.1.10", port: 5300 },
      { name: "two", address: "192.168.1.11", port: 5300 },
    ],
    clientAddress,
  });
  return { lb, pool };
}

describe("serverSettings()", () => {
  test.each<[ServerSoftware, `${number}.${number}`, readonly string[]]>([
    [
      "bind",
      "9.20",
      [
        "listen-on port 5300 proxy plain { any; };",
        "listen-on-v6 port 5300 proxy plain { any; };",
        "allow-proxy { 10.0.0.2; fd53::2; };",
      ],
    ],
    ["knot-resolver", "5.7", ['net.proxy_allowed({ "10.0.0.2", "fd53::2" })']],
    ["nsd", "4.12", ["server:", "    proxy-protocol-port: 5300"]],
    ["pdns", "4.9", ["proxy-protocol-from=10.0.0.2,fd53::2"]],
    ["pdns-recursor", "4.8", ["proxy-protocol-from=10.0.0.2,fd53::2"]],
    ["pdns-recursor", "5.2", ["incoming:", '  proxy_protocol_from: ["10.0.0.2", "fd53::2"]']],
    [
      "unbound",
      "1.22",
      [
        "server:",
        "    proxy-protocol-port: 5300",
        "    access-control: 10.0.0.2/32 allow",
        "    access-control: fd53::2/128 allow",
      ],
    ],
  ])("are those of %s %s, with the addresses of nodes and the ports of servers", (software, version, lines) => {
    const { lb, pool } = given();
    expect(lb.serverSettings({ pool, software, version })).toEqual(lines);
  });

  test("fails when the pool hides clients, or the server is too old for them", () => {
    const { lb, pool } = given("hidden");
    expect(refusal(() => lb.serverSettings({ pool, software: "bind", version: "9.18" }))).toMatchInlineSnapshot(`
      "[prod/Dns] 'pool' must tell its servers the addresses of clients, got pool "resolvers", which hides them; set its clientAddress: "proxy-protocol" [DNSLB113]
      [prod/Dns] 'version' must be 9.20 or newer, the first of bind that reads PROXY headers over UDP and TCP, got "9.18" [DNSLB125]"
    `);
    expect(
      refusal(() => lb.serverSettings({ pool, software: "knot" as never, version: "latest" as never })),
    ).toMatchInlineSnapshot(`
      "[prod/Dns] 'software' must be one of "bind", "knot-resolver", "nsd", "pdns", "pdns-recursor", "unbound", got "knot" [DNSLB103]
      [prod/Dns] 'version' must be a version such as "9.20", got "latest" [DNSLB103]"
    `);
  });
});
