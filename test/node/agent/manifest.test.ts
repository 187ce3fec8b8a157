import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

const SCHEMA: Schema = JSON.parse(
  readFileSync(join(__dirname, "../../../lib/node/agent/manifest.schema.json"), "utf8"),
);

/** As much of JSON Schema as the generator writes for the manifest. */
interface Schema {
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false | Schema;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly $schema?: string;
}

/** The parts of a schema that say what is allowed, without the names of types. */
function meaning(schema: Schema): unknown {
  const { $ref, $schema, definitions, description, ...own } = schema;
  if ($ref !== undefined) return meaning(SCHEMA.definitions?.[$ref.replace("#/definitions/", "")] ?? {});
  const { anyOf, items, properties, required, additionalProperties, type, ...rest } = own;
  if (anyOf !== undefined) return { oneOf: sorted(anyOf.map(meaning)) };
  if (own.const !== undefined) return { oneOf: [own.const] };
  if (own.enum !== undefined) return { oneOf: sorted(own.enum) };
  if (items !== undefined) return { list: meaning(items) };
  if (properties !== undefined) {
    expect(additionalProperties).toBe(false);
    const fields = Object.entries(properties).map(([name, each]) => [
      required?.includes(name) ? name : `${name}?`,
      meaning(each),
    ]);
    return { record: Object.fromEntries(fields) };
  }
  if (additionalProperties) return { map: meaning(additionalProperties) };
  return { type, ...rest };
}

const sorted = (values: readonly unknown[]) =>
  [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/* The same of the classes by which the agent reads. */
const PROGRAM = `
import json
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints
from dnslb_agent.decode import Pattern, Range, key
from dnslb_agent.manifest import Manifest

PLAIN = {str: "string", int: "integer", bool: "boolean"}

def ordered(values):
    return sorted(values, key=lambda value: json.dumps(value, separators=(",", ":")))

def meaning(wanted):
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        base, limit = arguments
        if isinstance(limit, Pattern):
            return {**meaning(base), "pattern": limit.pattern}
        return {**meaning(base), "minimum": limit.low, **({} if limit.high is None else {"maximum": limit.high})}
    if origin is list:
        return {"list": meaning(arguments[0])}
    if origin is dict:
        return {"map": meaning(arguments[1])}
    if origin is Literal:
        return {"oneOf": ordered(arguments)}
    if origin in (Union, UnionType):
        present = [meaning(each) for each in arguments if each is not type(None)]
        return present[0] if len(present) == 1 else {"oneOf": ordered(present)}
    if wanted in PLAIN:
        return {"type": PLAIN[wanted]}
    absent = wanted._field_defaults
    hints = get_type_hints(wanted, include_extras=True).items()
    return {"record": {key(name) + ("?" if name in absent else ""): meaning(hint) for name, hint in hints}}

print(json.dumps(meaning(Manifest)))`;

const python = (program: string, ...words: string[]) =>
  execFileSync("/usr/bin/python3", ["-B", "-c", program, ...words], { cwd: dirname(AGENT), encoding: "utf8" });

test("is read by the agent as the library writes it", () => {
  expect(JSON.parse(python(PROGRAM))).toEqual(meaning(SCHEMA));
});

const READ = `
import json, sys
from dnslb_agent.decode import decode
from dnslb_agent.errors import Failure
from dnslb_agent.manifest import Manifest
for text in json.load(sys.stdin):
    try:
        decode(json.loads(text), Manifest, "manifest.json")
        print("read")
    except Failure as failure:
        print(failure)`;

/** What the agent says of each of some manifests. */
function readings(manifests: readonly unknown[]): string[] {
  const input = JSON.stringify(manifests.map((each) => JSON.stringify(each)));
  const options = { cwd: dirname(AGENT), encoding: "utf8", input } as const;
  return execFileSync("/usr/bin/python3", ["-B", "-c", READ], options).trimEnd().split("\n");
}

const EVERYTHING = {
  ...({ schema: 2, workload: "lb", node: "a", user: "u", configuration: "c" } as const),
  services: [
    {
      ...{ name: "haproxy", command: ["haproxy"], user: "u", check: [], reload: [], settings: { a: "b" } },
      ...{ restartOn: ["a/b.cfg"], keepsData: false, startSettings: "s" },
      listeners: [
        { address: "::", port: 53, transport: "udp", foreign: true, shared: true, v6only: true, sockets: 2 },
        {
          ...{ address: "192.0.2.1", port: 53, transport: "tcp", foreign: true, shared: true, v6only: false },
          sockets: "one-per-processor",
        },
      ],
    },
  ],
  compose: [
    { kind: "service", service: "haproxy", path: "a", secret: "b", settings: {} },
    { kind: "release-metric", path: "c" },
  ],
  ready: [
    { kind: "dns", service: "dnsdist", port: 53, name: "a.", address: "127.0.0.1", proxyProtocol: false },
    { kind: "http", service: "haproxy", port: 80, path: "/" },
  ],
  pools: [{ name: "p", servers: [{ name: "s", address: "192.0.2.2", port: 53, names: { haproxy: { p: "p/s" } } }] }],
  mobility: {
    ...{ kind: "vrrp", service: "keepalived" },
    virtualAddresses: [{ address: "192.0.2.53", interface: "eth0", onLoopback: true }],
  },
  watch: {
    ...{ interval: 200, timeout: 400, fall: 2, rise: 25 },
    results: { folder: "results", user: "u" },
    scripts: [{ pool: "p", path: "scripts/p", interval: 2_000, timeout: 1_000, fall: 3, rise: 2 }],
    checks: [
      { kind: "daemon", name: "haproxy", check: { kind: "http", service: "haproxy", port: 80, path: "/" } },
      {
        ...{
          kind: "pool",
          name: "pool-p",
          peers: ["192.0.2.3"],
          proof: "00".repeat(17),
          patience: 1000,
          detection: 2000,
        },
        alive: { kind: "dns", service: "dnsdist", port: 53, name: "p.", address: "127.0.0.1", proxyProtocol: false },
      },
    ],
  },
  outOfService: [{ name: "b", address: "192.0.2.3" }],
};

const GROUP = {
  ...{ kind: "bgp", service: "bird", addresses: ["192.0.2.53"] },
  sessions: [{ name: "router1", neighbor: "192.0.2.1", asn: 64_500, bfd: true, families: ["ipv4"] }],
  peers: [{ name: "b", address: "192.0.2.3" }],
  words: { address: "192.0.2.2", port: 5_353 },
  announcement: {
    checks: [{ name: "haproxy", cost: 3, whenFailing: "withdraw" }],
    ...{ staleCost: 1, staleAfter: 3_000, hold: 10_000, moves: 3, damping: 600_000, grace: 10_000 },
  },
};

/** Every manifest in which one value is gone, or another kind of thing, with the place of that value. */
function spoiled(value: unknown, place = ""): readonly (readonly [string, unknown])[] {
  const at = (name: string) => (place === "" ? name : `${place}.${name}`);
  if (Array.isArray(value)) {
    return value.flatMap((each, index) =>
      spoiled(each, `${place}[${index}]`).map(
        ([where, other]) => [where, value.with(index, other)] as readonly [string, unknown],
      ),
    );
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const { [name]: _, ...others } = value as Record<string, unknown>;
    const changed = [null, { a: { b: 1 } }, [[]], -1.5, 2 ** 60, "\ud800", { "\ud800": "a" }].map(
      (other) => [at(name), { ...others, [name]: other }] as const,
    );
    const gone = isOptional(name) || /settings|names/.test(place) ? [] : [[at(name), others] as const];
    const within = spoiled(each, at(name)).map(([where, other]) => [where, { ...value, [name]: other }] as const);
    return [...changed, ...gone, ...within];
  });
}

const isOptional = (name: string) =>
  ["configuration", "startSettings", "detection", "outOfService", "results", "scripts"].includes(name);

describe("a manifest", () => {
  test("is read with everything that may be in it, and without what may be absent", () => {
    const { configuration, ...others } = EVERYTHING;
    expect(readings([EVERYTHING, others, { ...EVERYTHING, mobility: { kind: "fixed" } }])).toEqual([
      "read",
      "read",
      "read",
    ]);
    expect(configuration).toBe("c");
    const [check, pool] = EVERYTHING.watch.checks;
    const alone = { ...EVERYTHING.watch, checks: [check, { ...pool, peers: [], compared: false }] };
    expect(readings([{ ...EVERYTHING, mobility: GROUP, watch: alone }])).toEqual(["read"]);
  });

  test("fails when any of its values is gone or another kind of thing, and says which", () => {
    const cases = [EVERYTHING, { ...EVERYTHING, mobility: GROUP }]
      .flatMap((each) => spoiled(each))
      .filter(([place]) => place !== "schema");
    expect(cases.length).toBeGreaterThan(300);
    const said = readings(cases.map(([, manifest]) => manifest));
    cases.forEach(([place, manifest], index) => {
      // A record says which of several it is by its kind.
      const [kind] = place.split(".").slice(-1);
      const places = kind === "kind" ? [place, place.replace(/\.?kind$/, "")] : [place];
      expect(
        places.some((each) => said[index]?.startsWith(`manifest.json: '${each}`)),
        `${place} ${JSON.stringify(manifest)}: ${said[index]}`,
      ).toBe(true);
    });
  });

  test.each([
    ["/etc/passwd"],
    ["../a"],
    ["a/../b"],
    ["a//b"],
    ["a/."],
    ["a/"],
    [""],
    ["."],
    ["a\n/../b"],
    ["a\u0000b"],
  ])("fails when a path in it is %j", (path) => {
    const [said] = readings([{ ...EVERYTHING, compose: [{ kind: "release-metric", path }] }]);
    expect(said).toMatch(/'compose\[0\]\.path' is not (a path inside the release|a text)/);
  });
});
