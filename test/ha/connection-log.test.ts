import { describe, expect, test } from "vitest";
import { ConnectionLog } from "../../lib/ha/connection-log.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { FakeNode, modelOf, newStack, refusal, resolverPool } from "../constructs.js";

const allowFrom = ["10.0.0.0/8"];

describe("ConnectionLog", () => {
  test("goes to the node's own log as text, unless something else is said", () => {
    expect(ConnectionLog.local()).toEqual({ format: "text", target: { kind: "local" } });
    expect(ConnectionLog.local({ format: "json" })).toEqual({ format: "json", target: { kind: "local" } });
  });

  test("goes to a syslog server", () => {
    expect(ConnectionLog.syslog({ address: "2001:DB8::9" })).toEqual({
      ...{ format: "text", target: { kind: "syslog", address: "2001:db8::9", port: 514, facility: "local0" } },
    });
  });

  test("fails when the server is none", () => {
    const options = { address: "log.example.com", port: 0, facility: "mail", format: "xml" } as never;
    expect(refusal(() => ConnectionLog.syslog(options))).toMatchInlineSnapshot(`
      "[ConnectionLog.syslog()] 'address' must be an IPv4 or IPv6 address, got "log.example.com"; names are not looked up; give the address [DNSLB105]
      [ConnectionLog.syslog()] 'facility' must be one of "daemon", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7", got "mail" [DNSLB103]
      [ConnectionLog.syslog()] 'format' must be "text" or "json", got "xml" [DNSLB103]
      [ConnectionLog.syslog()] 'port' must be a whole number between 1 and 65535, got 0 [DNSLB104]"
    `);
  });

  test("is kept by the load balancer, and what is left out of it by the frontend", () => {
    const stack = newStack();
    const node = new FakeNode(stack, "Node1", ["10.0.0.2", "fd53::2"]);
    const lb = new StandaloneLoadBalancer(stack, "Dns", { node, connectionLog: ConnectionLog.local() });
    const pool = resolverPool(stack);
    lb.addDnsFrontend("Busy", { pool, allowFrom, address: "10.0.0.2", logConnections: false });
    lb.addDnsFrontend("Quiet", { pool, allowFrom, address: "fd53::2" });
    const model = modelOf(lb);
    expect(model.connectionLog).toEqual(ConnectionLog.local());
    expect(model.frontends.map(({ logConnections }) => logConnections)).toEqual([false, undefined]);
  });

  test("fails when it is not made by its factory", () => {
    const stack = newStack();
    const node = new FakeNode(stack, "Node1", ["10.0.0.2"]);
    const connectionLog = { format: "text", target: { kind: "local" } } as never;
    expect(refusal(() => new StandaloneLoadBalancer(stack, "Dns", { node, connectionLog }))).toMatchInlineSnapshot(
      `"[prod/Dns] 'connectionLog' must be ConnectionLog.local() or ConnectionLog.syslog(), got {"format":"text","target":{"kind":"local"}} [DNSLB103]"`,
    );
  });
});
