import { expect, test } from "vitest";
import type { DnsListener } from "../../lib/model/dns-listener.js";
import type { DotListener } from "../../lib/model/dot-listener.js";
import { listenersOf } from "../../lib/model/listener.js";

const dns: DnsListener = { kind: "dns", name: "internal", port: 53, idleTimeout: "10s" };
const dot: DotListener = {
  kind: "dot",
  name: "dot",
  port: 853,
  certificate: { kind: "node-file", path: "/dot.pem" },
  minimumTlsVersion: "1.2",
  idleTimeout: "30s",
};

test("listenersOf() gives the listeners of one kind, in the frontend's order", () => {
  const other = { ...dot, name: "another-dot", port: 8853 };
  const listeners = [dns, dot, other];
  expect(listenersOf({ listeners }, "dot")).toEqual([dot, other]);
  expect(listenersOf({ listeners }, "dns")).toEqual([dns]);
  expect(listenersOf({ listeners: [dns] }, "dot")).toEqual([]);
});
