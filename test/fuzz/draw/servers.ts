import { FILE_ZONE } from "../files.js";
import { call, file, type Value } from "../plan.js";
import type { Draw } from "./draw.js";
import type { DeployedServer } from "./pools.js";
import { records, zoneOfRecords } from "./records.js";
import { tsig } from "./secrets.js";
import { clients, domain, INSIDE, networks, port, serverAddress, size } from "./values.js";

/** A drawn server and the properties of its construct, beside its node. */
export interface DrawnServer extends DeployedServer {
  readonly make: "UnboundServer" | "NsdServer";
  readonly props: Readonly<Record<string, Value>>;
}

export function unboundServer(draw: Draw): DrawnServer {
  const clientAddress = draw.pick(["hidden", "hidden", "proxy-protocol"] as const);
  const validates = draw.chance(70);
  const props = {
    allowFrom: [...INSIDE, ...(draw.chance(30) ? networks(draw).filter((each) => each !== "224.0.0.0/4") : [])],
    ...(clientAddress === "hidden" ? {} : { clientAddress }),
    ...draw.some({
      port: () => port(draw),
      forwardTo: () => forwarders(draw),
      forwardZones: () => draw.list(0, 3, () => ({ name: domain(draw), forwardTo: forwarders(draw) })),
      localZones: () => draw.list(0, 3, () => localZone(draw)),
      localData: () => records(draw, 8, (word) => `${word}.data.test`, "www.data.test."),
      qnameMinimisation: () => draw.chance(50),
      threads: () => draw.whole(1, 64),
      cacheSize: () => draw.pick(["4m", "96m", "64g", size(draw)]),
    }),
    ...(validates
      ? draw.some({ dnssecValidation: () => true, insecureZones: () => draw.list(0, 3, () => domain(draw)) })
      : { dnssecValidation: false }),
  };
  return { id: `unbound${draw.next()}`, make: "UnboundServer", role: "resolver", clientAddress, zones: [], props };
}

function forwarders(draw: Draw): Value[] {
  const tls = draw.chance(30);
  return draw.list(1, 3, () => ({
    address: serverAddress(draw),
    ...draw.some({ port: () => port(draw), name: () => draw.pick(["first", "another-one"]) }),
    ...(tls ? { tls: { name: "dns.example.net" } } : {}),
  }));
}

function localZone(draw: Draw): Value {
  const types = ["static", "transparent", "redirect", "refuse", "deny", "always_nxdomain"] as const;
  return { name: domain(draw), type: draw.pick([...types]) };
}

/** An authoritative server; a secondary of another one, if there is one. */
export function nsdServer(draw: Draw, primaries: readonly DrawnServer[], modern: boolean): DrawnServer {
  const clientAddress = modern ? draw.pick(["hidden", "hidden", "proxy-protocol"] as const) : "hidden";
  const [primary] = primaries;
  const secondaryOf = primary !== undefined && draw.chance(50);
  const key = () => draw.some({ key: () => tsig(draw) }, 40);
  const zones = draw.list(secondaryOf ? 0 : 1, 3, () => zone(draw));
  const isSecondary = secondaryOf || zones.some(({ kind }) => kind === "secondary");
  const usesFile = draw.chance(25);
  const peers = () =>
    draw.list(1, 2, () => ({ address: serverAddress(draw), ...draw.some({ port: () => port(draw) }), ...key() }));
  const permissions = () =>
    draw.list(1, 2, () => ({ from: draw.pick(clients(draw) as [string, ...string[]]), ...key() }));
  const props: Record<string, Value> = {
    zones: [
      ...zones.map(({ value }) => value),
      ...(usesFile ? [call("Zone.fromFile", { name: FILE_ZONE, path: file("zone") })] : []),
    ],
    ...(clientAddress === "hidden"
      ? {}
      : { clientAddress, ...draw.some({ responseRateLimit: () => draw.whole(1, 1_000_000) }) }),
    ...(secondaryOf ? { secondaryOf: { primary: { $ref: primary.id }, ...key() } } : {}),
    ...(isSecondary ? draw.some({ allowNotify: permissions }) : {}),
    ...draw.some({
      port: () => draw.pick([53, 1053]),
      secondaries: peers,
      allowTransfer: permissions,
      transferPort: () => draw.pick([5301, 54]),
      serverCount: () => draw.whole(1, 64),
    }),
  };
  const names = [...zones.map(({ name }) => name), ...(usesFile ? [FILE_ZONE] : [])];
  const inherited = secondaryOf ? primary.zones : [];
  return {
    id: `nsd${draw.next()}`,
    make: "NsdServer",
    role: "authoritative",
    clientAddress,
    zones: [...names, ...inherited],
    props,
  };
}

interface DrawnZone {
  readonly name: string;
  readonly kind: "primary" | "secondary";
  readonly value: Value;
}

function zone(draw: Draw): DrawnZone {
  const name = domain(draw);
  if (draw.chance(75)) return { name, kind: "primary", value: zoneOfRecords(draw, name, true) };
  const primaries = draw.list(1, 2, () => ({
    address: serverAddress(draw),
    ...draw.some({ port: () => port(draw), key: () => tsig(draw) }),
  }));
  return { name, kind: "secondary", value: call("Zone.fromPrimary", { name, primaries }) };
}
