import { TerraformVariable } from "cdktf";
import { describe, expect, test } from "vitest";
import { UnscopedValidationError } from "../../lib/core/errors.js";
import {
  AccessRule,
  AuthoritativePool,
  Balance,
  Certificate,
  DnsFrontend,
  DnsRecord,
  DockerNode,
  DockerNodeImage,
  DotListener,
  HaPair,
  HealthCheck,
  NsdServer,
  RateLimit,
  ResolverPool,
  Secret,
  StandaloneLoadBalancer,
  TrustStore,
  Tsig,
  UnboundServer,
  Zone,
} from "../../lib/index.js";
import { FakeNode, newStack } from "../constructs.js";

const circle: Record<string, unknown> = {};
circle["self"] = circle;
const ring: unknown[] = [];
ring.push(ring);
const deep = Array.from({ length: 10_000 }).reduce<unknown>((inner) => [inner], 1);
const throwing = () => {
  throw new RangeError("hostile");
};
const proxy = (target: object) =>
  new Proxy(target, { get: throwing, has: throwing, ownKeys: throwing, getPrototypeOf: throwing });
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
class Strange {
  readonly address = "192.0.2.1";
}

/** Values of every kind that JavaScript has, none of which any property takes. */
const HOSTILE: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  bigint: 53n,
  symbol: Symbol("x"),
  function: () => 1,
  class: Strange,
  nan: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  circle,
  ring,
  deep,
  "list of a hole": new Array(1),
  "list of a bigint": [1n],
  "object of a bigint": { address: 1n },
  instance: new Strange(),
  map: new Map([["address", 1]]),
  date: new Date(Number.NaN),
  bare: Object.create(null),
  "without a text": { toString: throwing, toJSON: throwing, [Symbol.toPrimitive]: throwing },
  getter: Object.defineProperty({}, "address", { get: throwing, enumerable: true }),
  proxy: proxy({}),
  "proxy of a list": proxy([]),
  "proxy of a function": proxy(() => 1),
  revoked,
  "list of a proxy": [revoked],
  boxed: new String("192.0.2.1"),
  nul: "\0",
};

type Call = (options: never) => unknown;

/** Every construct and factory, with options that it takes. */
function calls(): Readonly<Record<string, readonly [call: Call, options: Record<string, unknown>]>> {
  const stack = newStack();
  const node = (id: string) => new FakeNode(stack, id, [`10.0.0.${3 + stack.node.children.length}`]);
  const servers = [{ name: "a", address: "192.0.2.1", port: 53, weight: 1, tls: { name: "a.test" } }];
  const pool = new ResolverPool(stack, "Pool", { servers });
  const loadBalancer = new StandaloneLoadBalancer(stack, "Lb", { node: node("N1") });
  const frontend = new DnsFrontend(stack, "Fe", { loadBalancer, pool, allowFrom: ["10.0.0.0/8"] });
  const password = Secret.fromNodeFile("/p");
  const statistics = { address: "10.0.0.1", port: 8404, allowFrom: ["10.0.0.0/8"], user: "ops", password };
  const key = Tsig.key({ name: "k.test", secret: password });
  const record = { name: "a", ttl: "5m" };
  let count = 0;
  const id = () => {
    count += 1;
    return `X${count}`;
  };
  const healthCheck = HealthCheck.query({ name: ".", type: "NS" });
  const common = {
    servers,
    balance: Balance.random(),
    whenAllDown: "refuse",
    clientAddress: "hidden",
    idleTimeout: "9s",
  };
  return {
    "AccessRule.refuse()": [AccessRule.refuse, { from: ["10.0.0.0/8"], names: ["a.test"], types: ["ANY"] }],
    "AccessRule.drop()": [AccessRule.drop, { from: ["10.0.0.0/8"] }],
    "AccessRule.truncate()": [AccessRule.truncate, { types: ["ANY"], classes: ["CH"], opcodes: ["NOTIFY"] }],
    "AccessRule.minimalAny()": [AccessRule.minimalAny, { names: ["a.test"], ttl: "1h" }],
    "DnsRecord.a()": [DnsRecord.a, { ...record, address: "192.0.2.1" }],
    "DnsRecord.aaaa()": [DnsRecord.aaaa, { ...record, address: "2001:db8::1" }],
    "DnsRecord.caa()": [DnsRecord.caa, { ...record, tag: "issue", value: ";", critical: true }],
    "DnsRecord.cname()": [DnsRecord.cname, { ...record, target: "a" }],
    "DnsRecord.mx()": [DnsRecord.mx, { ...record, exchange: "a", preference: 1 }],
    "DnsRecord.other()": [DnsRecord.other, { ...record, type: "SPF", data: "x" }],
    "DnsRecord.srv()": [DnsRecord.srv, { ...record, target: "a", port: 1, priority: 1, weight: 1 }],
    "DnsRecord.txt()": [DnsRecord.txt, { ...record, text: ["a"] }],
    "HealthCheck.query()": [
      HealthCheck.query,
      {
        ...{ name: ".", type: "A", recursionDesired: true, interval: "2s", timeout: "1s", fall: 1, rise: 1 },
        expect: { rcodes: ["NOERROR"], answer: "required", value: "192.0.2.1", authoritative: false },
      },
    ],
    "RateLimit.perClient()": [
      RateLimit.perClient,
      { queries: "5/s", exceeded: "drop", connections: "5/s", concurrentConnections: 5 },
    ],
    "Tsig.key()": [Tsig.key, { name: "k.test", secret: password, algorithm: "hmac-sha256" }],
    "Zone.fromFile()": [Zone.fromFile, { name: "a.test", path: "no/such" }],
    "Zone.fromPrimary()": [Zone.fromPrimary, { name: "a.test", primaries: [{ address: "192.0.2.1", port: 53, key }] }],
    "Zone.fromRecords()": [
      Zone.fromRecords,
      {
        ...{ name: "a.test", serial: 1, primaryServer: "a.test", contact: "a@a.test", ttl: "1h", negativeTtl: "1h" },
        ...{ refresh: "1h", retry: "1h", expire: "1h" },
        records: [DnsRecord.ns({ name: "@", target: "ns.example." })],
      },
    ],
    ResolverPool: [(options) => new ResolverPool(stack, id(), options), { ...common, healthCheck, fallback: pool }],
    AuthoritativePool: [
      (options) => new AuthoritativePool(stack, id(), options),
      {
        ...{ ...common, healthCheck, zones: ["a.test"] },
        zoneTransfer: { primary: "a", allowFrom: ["10.0.0.0/8"], idleTimeout: "1m" },
      },
    ],
    DnsFrontend: [
      (options) => new DnsFrontend(stack, id(), options),
      {
        ...{ loadBalancer, pool, addresses: ["10.0.0.1"], allowFrom: ["10.0.0.0/8"], accessRules: [] },
        ...{
          rateLimit: RateLimit.perClient({ queries: "5/s" }),
          tcpPath: "inspected",
          idleTimeout: "9s",
          closeTimeout: "2s",
        },
      },
    ],
    "addDnsFrontend()": [
      (options) => loadBalancer.addDnsFrontend(id(), options),
      { pool, allowFrom: ["10.0.0.0/8"], addresses: ["10.0.0.1"], tcpPath: "direct", idleTimeout: "9s" },
    ],
    DotListener: [
      (options) => new DotListener(stack, id(), options),
      {
        ...{ frontend, certificate: password, clientAuth: { trust: password, mode: "required" }, port: 853 },
        ...{ minimumTlsVersion: "1.2", idleTimeout: "9s", closeTimeout: "2s" },
      },
    ],
    HaPair: [
      (options) => new HaPair(stack, id(), options),
      {
        nodes: [node("N2"), node("N3")],
        virtualAddresses: [{ address: "10.0.0.53", interface: "eth0", gateway: "10.0.0.1" }],
        ...{ virtualRouterId: 1, advertisementInterval: "1s", advertisementInterface: "eth0", ttlSecurity: true },
        ...{ preferredNode: node("N4"), statistics, maximumConnectionAge: "1h", outstandingQueries: 200 },
      },
    ],
    StandaloneLoadBalancer: [
      (options) => new StandaloneLoadBalancer(stack, id(), options),
      { node: node("N5"), statistics, maximumConnectionAge: "1h", outstandingQueries: 200 },
    ],
    UnboundServer: [
      (options) => new UnboundServer(stack, id(), options),
      {
        ...{ node: node("N6"), port: 53, clientAddress: "hidden", allowFrom: ["10.0.0.0/8"] },
        forwardTo: [{ address: "192.0.2.1", port: 53, tls: { name: "a.test" }, name: "a" }],
        forwardZones: [{ name: "a.test", forwardTo: [{ address: "192.0.2.1" }] }],
        localZones: [{ name: "b.test", type: "static" }],
        localData: [DnsRecord.a({ name: "c.test", address: "192.0.2.1" })],
        ...{ dnssecValidation: true, insecureZones: ["d.test"], qnameMinimisation: true, threads: 1, cacheSize: "8m" },
      },
    ],
    NsdServer: [
      (options) => new NsdServer(stack, id(), options),
      {
        ...{
          node: node("N7"),
          port: 53,
          clientAddress: "hidden",
          transferPort: 54,
          responseRateLimit: 5,
          serverCount: 1,
        },
        zones: [Zone.fromPrimary({ name: "a.test", primaries: [{ address: "192.0.2.1" }] })],
        secondaries: [{ address: "192.0.2.1", port: 53, key }],
        allowTransfer: [{ from: "192.0.2.1/32", key }],
        allowNotify: [{ from: "192.0.2.1/32", key }],
      },
    ],
    DockerNode: [
      (options) => new DockerNode(stack, id(), options),
      { ...{ name: "n", address: "10.0.0.9", address6: "2001:db8::9", memory: "1g", outOfService: false }, image: "x" },
    ],
  };
}

/** The paths of all values in options, the options themselves included. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const isData = Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype;
  const inner = isData && !Object.isFrozen(value) ? Object.entries(value as object) : [];
  return [path, ...inner.flatMap(([key, each]) => pathsIn(each, [...path, key]))];
}

function replaced(value: unknown, [first, ...rest]: readonly string[], by: unknown): unknown {
  if (first === undefined) return by;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  Object.assign(copy, { [first]: replaced((value as Record<string, unknown>)[first], rest, by) });
  return copy;
}

describe.each(Object.keys(calls()))("%s", (name) => {
  test("fails in words, whatever stands in the place of a value", () => {
    const [call, options] = calls()[name] ?? [];
    for (const path of pathsIn(options)) {
      for (const [kind, value] of Object.entries(HOSTILE)) {
        const place = `${path.join(".")}: ${kind}`;
        try {
          call?.(replaced(options, path, value) as never);
        } catch (error) {
          expect(error, place).toBeInstanceOf(UnscopedValidationError);
          expect((error as Error).message, place).not.toMatch(/undefined|hostile|\[object/);
          // Every line names the construct's path or the call.
          for (const line of (error as Error).message.split("\n")) expect(line, place).toMatch(/^\[[^\]]+\] /);
        }
      }
    }
  });
});

describe("a construct", () => {
  const props = { servers: [{ name: "a", address: "192.0.2.1" }] };

  test("fails when its scope or its id is none", () => {
    const made = (scope: unknown, id: unknown) => () => new ResolverPool(scope as never, id as never, props);
    for (const value of Object.values(HOSTILE)) {
      expect(made(value, "Pool")).toThrow(/^\[new ResolverPool\(\)\] 'scope' must be a construct/);
      if (typeof value !== "string") {
        expect(made(newStack(), value)).toThrow(/^\[new ResolverPool\(\)\] 'id' must be a text/);
      }
    }
    for (const id of ["constructor", "__proto__", "toString"]) {
      expect(made(newStack(), id)).toThrow(
        /^\[new ResolverPool\(\)\] 'id' must not be the name of a property that every/,
      );
    }
    expect(made(undefined, "")).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: [new ResolverPool()] 'id' must be a text, such as "Dns", got ""; the second argument of new ResolverPool() names it in its scope [DNSLB152]
      [new ResolverPool()] 'scope' must be a construct, such as a TerraformStack, got nothing; the first argument of new ResolverPool() is the construct that holds it [DNSLB152]]
    `);
    const { stringValue } = new TerraformVariable(newStack(), "name", {});
    expect(made(newStack(), `Pool${stringValue}`)).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: [new ResolverPool()] 'id' must be known at synthesis, got a cdktf token; it becomes a part of names, so give the text itself [DNSLB110]]`,
    );
  });

  test("fails as an image, too", () => {
    for (const value of Object.values(HOSTILE)) {
      expect(() => new DockerNodeImage(value as never, "Image")).toThrow(
        /^\[new DockerNodeImage\(\)\] 'scope' must be/,
      );
    }
    expect(() => new DockerNodeImage(newStack(), 5 as never)).toThrow(
      /^\[new DockerNodeImage\(\)\] 'id' must be a text/,
    );
  });
});

describe("addDnsFrontend()", () => {
  test("fails at the property that throws, and takes no other value for its options", () => {
    const stack = newStack();
    const loadBalancer = new StandaloneLoadBalancer(stack, "Lb", { node: new FakeNode(stack, "N", ["10.0.0.1"]) });
    const pool = new ResolverPool(stack, "Pool", { servers: [{ name: "a", address: "192.0.2.1" }] });
    const options = Object.defineProperty({ pool }, "allowFrom", { get: throwing, enumerable: true });
    expect(() => loadBalancer.addDnsFrontend("A", options)).toThrowErrorMatchingInlineSnapshot(
      `[ValidationError: [prod/Lb/A] 'allowFrom' must be data that can be read, got a property that throws when it is read [DNSLB103]]`,
    );
    expect(() => loadBalancer.addDnsFrontend("B", 5 as never)).toThrowErrorMatchingInlineSnapshot(
      `[ValidationError: [prod/Lb/B] DnsFrontend takes an object of properties, got 5 [DNSLB102]]`,
    );
    const mine = Object.defineProperty({ pool, allowFrom: ["10.0.0.0/8"] }, "loadBalancer", {
      get: throwing,
      enumerable: true,
    });
    expect(() => loadBalancer.addDnsFrontend("C", mine)).not.toThrow();
  });
});

test.each([
  ["Secret", Secret],
  ["Certificate", Certificate],
  ["TrustStore", TrustStore],
] as const)("fails by the name of the call: %s", (name, factories) => {
  const { fromLocalFile, fromNodeFile, fromVariable } = factories;
  expect(() => fromLocalFile("\0")).toThrow(`[${name}.fromLocalFile()] `);
  expect(() => fromNodeFile("relative")).toThrow(`[${name}.fromNodeFile()] `);
  expect(() => fromVariable("x" as never)).toThrow(`[${name}.fromVariable()] `);
});
