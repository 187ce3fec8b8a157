import { describe, expect, test } from "vitest";
import { parseDnsdistListeners } from "../../../lib/config/dnsdist/parse.js";
import { HaproxyConfig } from "../../../lib/config/haproxy/view.js";
import { parseNsd } from "../../../lib/config/nsd/parse.js";
import { parseUnbound } from "../../../lib/config/unbound/parse.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { ManifestListener } from "../../../lib/model/manifest.js";
import type { NodeDescription } from "../../../lib/model/node.js";
import type { NodeSpec } from "../../../lib/model/node-spec.js";
import type { DeployedNsdServer } from "../../../lib/model/nsd.js";
import type { DeployedUnboundServer } from "../../../lib/model/unbound.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { compileServerNode } from "../../../lib/node/compile/server-node.js";
import { dnsListener, FRONTEND, PAIR, PROFILE } from "../compile/models.js";

const [lb1] = PAIR.nodes as [NodeDescription, NodeDescription];
const NODE: NodeDescription = { name: "s1", addresses: ["192.0.2.1", "2001:db8::1"], interface: "eth0" };

const BALANCER: LoadBalancer = {
  ...PAIR,
  frontends: [
    {
      ...FRONTEND,
      addresses: ["10.0.0.53", "fd53::53"],
      listeners: [
        ...FRONTEND.listeners,
        {
          ...{
            kind: "dot",
            name: "dot",
            port: 853,
            certificate: { kind: "node-file", path: "/dot.pem" },
            idleTimeout: "30s",
          },
          minimumTlsVersion: "1.2",
        },
      ],
    },
    {
      ...{ ...FRONTEND, name: "public", addresses: ["203.0.113.53"], tcpPath: "inspected" },
      listeners: [dnsListener("public")],
    },
  ],
  statistics: {
    addresses: ["10.0.0.53"],
    port: 8404,
    user: "ops",
    password: { kind: "node-file", path: "/password" },
  },
};

const fileOf = (spec: NodeSpec, path: string) => spec.files.find((file) => file.path === path)?.content ?? "";
const listenersOf = (spec: NodeSpec, name: string): readonly ManifestListener[] =>
  spec.manifest.services.find((service) => service.name === name)?.listeners ?? [];
const places = (listeners: readonly ManifestListener[], transport: "udp" | "tcp") =>
  listeners.filter((each) => each.transport === transport).map(({ address, port }) => `${address}@${port}`);

describe("the listeners in the manifest", () => {
  test("are what haproxy.cfg binds", () => {
    const spec = compileNode(BALANCER, lb1, PROFILE);
    const { file } = HaproxyConfig.parse(fileOf(spec, "haproxy/haproxy.cfg"));
    const view = new HaproxyConfig(file);
    const binds = file.sections.flatMap(({ kind, name = "" }) =>
      kind === "frontend" ? view.frontend(name).binds : [],
    );
    expect(binds.length).toBe(9);
    expect(listenersOf(spec, "haproxy")).toEqual(
      binds.map(({ address, port, options }) => ({
        ...{ address, port, transport: "tcp", shared: true, sockets: 1 },
        foreign: options.includes("transparent"),
        v6only: options.includes("v6only"),
      })),
    );
    for (const { address, v6only } of listenersOf(spec, "haproxy")) expect(v6only).toBe(address.includes(":"));
  });

  test("are what dnsdist.conf binds, for UDP and TCP", () => {
    for (const addresses of [["10.0.0.2"], ["10.0.0.2", "fd53::2"]]) {
      const spec = compileNode({ ...BALANCER, mobility: { kind: "fixed" } }, { ...lb1, addresses }, PROFILE);
      const { calls } = parseDnsdistListeners(fileOf(spec, "dnsdist/dnsdist.conf"));
      const placesOf = (...names: string[]) =>
        calls
          .filter(({ call }) => names.includes(call))
          .map(({ args: [place] }) => String(place).replace(/^\[?(.*?)\]?:(\d+)$/, "$1@$2"));
      const clients = placesOf("addLocals", "addLocal");
      const local = placesOf("controlSocket", "webserver");
      // The wildcards, and what HAProxy hands over to.
      expect([clients.length, local.length]).toEqual([addresses.length + 1, 2]);
      expect(clients.at(-1)).toBe("127.0.0.1@53");
      const listeners = listenersOf(spec, "dnsdist");
      expect(places(listeners, "udp")).toEqual(clients);
      expect(places(listeners, "tcp")).toEqual([...clients, ...local]);
      for (const { port, foreign, shared } of listeners) expect([foreign, shared]).toEqual([port === 53, port === 53]);
    }
  });

  test("are those of IPv6 too where only a further interface has it", () => {
    const interfaces = [{ name: "eth1", addresses: ["fd54::2"], subnets: ["fd54::/64"] }];
    const node = { ...lb1, addresses: ["10.0.0.2"], interfaces };
    const spec = compileNode({ ...BALANCER, mobility: { kind: "fixed" } }, node, PROFILE);
    expect(places(listenersOf(spec, "dnsdist"), "udp")).toEqual(["0.0.0.0@53", "::@53", "127.0.0.1@53"]);
    expect(fileOf(spec, "dnsdist/dnsdist.conf")).toContain("[::]:53");
  });

  test("are what unbound.conf names, once for each thread", () => {
    const server: DeployedUnboundServer = {
      ...{ kind: "unbound", name: "r1", node: NODE, port: 5353, clientAddress: "hidden", allowFrom: ["10.0.0.0/8"] },
      ...{ forwardTo: [], forwardZones: [], localZones: [], localData: [], insecureZones: [] },
      ...{ dnssecValidation: true, qnameMinimisation: true, threads: 3, cacheSize: "64m" },
    };
    const spec = compileServerNode(server, PROFILE);
    const [clause] = parseUnbound(fileOf(spec, "unbound/unbound.conf")).clauses;
    const named = clause?.attributes.filter(([name]) => name === "interface").map(([, place]) => place);
    const listeners = listenersOf(spec, "unbound");
    expect(places(listeners, "udp")).toEqual(named);
    expect(places(listeners, "tcp")).toEqual(named);
    for (const listener of listeners) expect(listener).toMatchObject({ foreign: true, shared: true, sockets: 3 });
  });

  test("are what nsd.conf names, shared by no one", () => {
    const server: DeployedNsdServer = {
      ...{ kind: "nsd", name: "a1", node: NODE, port: 53, clientAddress: "hidden", transferPort: 5300, serverCount: 2 },
      ...{ zones: [], secondaries: [], allowTransfer: [], allowNotify: [], responseRateLimit: 0 },
    };
    const spec = compileServerNode(server, PROFILE);
    const [clause] = parseNsd(fileOf(spec, "nsd/nsd.conf")).clauses;
    const named = clause?.attributes.filter(([name]) => name === "ip-address").map(([, place]) => place);
    const listeners = listenersOf(spec, "nsd");
    expect(named?.length).toBe(4);
    expect(places(listeners, "udp")).toEqual(named);
    expect(places(listeners, "tcp")).toEqual(named);
    for (const listener of listeners) expect(listener).toMatchObject({ foreign: true, shared: false, sockets: 1 });
  });
});
