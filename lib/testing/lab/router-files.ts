import type { BirdBlock, BirdEntry, BirdExpression, BirdFile, BirdStatement } from "../../config/bird/index.js";
import { toMilliseconds } from "../../core/duration.js";
import { canonicalAddress, type Family, familyOf, hostCidr } from "../../core/ip.js";
import type { Bfd } from "../../model/bgp.js";
import type { RouterPlan, RouterSession } from "./router-plan.js";

/** The network between the routers and the upstream router that clients are behind, by family. */
export const TRANSFER = {
  ipv4: { network: "198.19.255.0/24", upstream: "198.19.255.1", router: (place: number) => `198.19.255.${10 + place}` },
  ipv6: {
    network: "2001:db8:5b::/64",
    upstream: "2001:db8:5b::1",
    router: (place: number) => `2001:db8:5b::1${place}`,
  },
} as const;

/** The autonomous system of the upstream router: a private one that hardly anybody takes (RFC 6996). */
export const UPSTREAM_ASN = 4_294_967_000;

const FAMILIES = ["ipv4", "ipv6"] as const;
const PATHS = "16";
/** RFC 8326: whoever hears it prefers every other path. */
const GRACEFUL_SHUTDOWN = [65_535, 0];
/** How quickly routers of the lab notice that another one is gone. */
const BFD: Bfd = { interval: "100ms", multiplier: 3 };

/** What bird.conf of a router says beside its sessions. */
export interface RouterPlace {
  /** Its number among the routers, from 1. */
  readonly place: number;
  /** The addresses that nodes announce. */
  readonly services: readonly string[];
  /** The file of its passwords. */
  readonly secrets: string;
  /** See `NodeFeatures`. */
  readonly namesAuthentication: boolean;
}

/** bird.conf of a router: spreads flows over the nodes that announce at the least cost, and tells the upstream router. */
export function routerConf(plan: RouterPlan, { place, services, secrets, namesAuthentication }: RouterPlace): BirdFile {
  const withPassword = plan.sessions.some(({ password }) => password !== undefined);
  return {
    statements: [
      ...head(TRANSFER.ipv4.router(place)),
      ...(withPassword ? [["include", { text: secrets }] as const] : []),
      ...FAMILIES.flatMap((family) => hearing(family, services)),
      ...FAMILIES.map(kernel),
      ...FAMILIES.map(
        (family): BirdBlock => ({
          ...{ keyword: "protocol static", name: `default${digit(family)}` },
          entries: [[family], ["route", family === "ipv4" ? "0.0.0.0/0" : "::/0", "unreachable"]],
        }),
      ),
      { keyword: "protocol bfd", entries: [] },
      template(),
      ...plan.sessions.map((session) => toNode(plan, session, namesAuthentication)),
      ...FAMILIES.map((family) =>
        peer({
          name: `upstream${digit(family)}`,
          family,
          local: [TRANSFER[family].router(place), plan.asn],
          neighbor: [TRANSFER[family].upstream, UPSTREAM_ASN],
          routes: [
            ["import", "none"],
            ["export", "where", compared("source", "=", name("RTS_BGP"))],
          ],
        }),
      ),
    ],
  };
}

/** The file of the passwords of a router, by the names of its sessions. */
export function routerSecrets(passwords: ReadonlyMap<string, string>): BirdFile {
  return {
    statements: [...passwords].map(([session, text]) => ({ define: passwordName(session), value: { text } })),
  };
}

/** bird.conf of the upstream router, which spreads the flows of clients over the routers. */
export function upstreamConf(routers: readonly RouterPlan[], services: readonly string[]): BirdFile {
  return {
    statements: [
      ...head(TRANSFER.ipv4.upstream),
      ...FAMILIES.flatMap((family) => hearing(family, services)),
      ...FAMILIES.map(kernel),
      { keyword: "protocol bfd", entries: [] },
      template(),
      ...routers.flatMap((router, index) =>
        FAMILIES.map((family) =>
          peer({
            name: `${router.name}v${digit(family)}`,
            family,
            local: [TRANSFER[family].upstream, UPSTREAM_ASN],
            neighbor: [TRANSFER[family].router(index + 1), router.asn],
            routes: [
              ["import", "filter", hears(family)],
              ["export", "none"],
            ],
          }),
        ),
      ),
    ],
  };
}

function head(routerId: string): BirdStatement[] {
  return [
    ["log", "stderr", "all"],
    ["router id", routerId],
    ["timeformat", "protocol", "iso", "long", "ms"],
    { keyword: "protocol device", entries: [["scan time", "10"]] },
  ];
}

/** Takes the addresses of groups, and none that somebody asks to leave while there is another. */
function hearing(family: Family, services: readonly string[]): BirdStatement[] {
  const own = services.filter((address) => familyOf(address) === family).map(canonicalAddress);
  if (own.length === 0) return [{ filter: hears(family), statements: ["reject"] }];
  const shutdown = { community: GRACEFUL_SHUTDOWN.map((number) => ({ number })) };
  const set = `SERVICE${digit(family)}`;
  return [
    { define: set, value: { prefixes: own.map(hostCidr) } },
    {
      filter: hears(family),
      statements: [
        { if: compared("net", "!~", name(set)), do: ["reject"] },
        {
          if: { left: shutdown, operator: "~", right: name("bgp_community") },
          do: [{ set: "bgp_local_pref", to: { number: 0 } }],
        },
        "accept",
      ],
    },
  ];
}

function kernel(family: Family): BirdBlock {
  return {
    ...{ keyword: "protocol kernel", name: `kernel${digit(family)}` },
    entries: [
      ["merge paths", "on", "limit", PATHS],
      {
        keyword: family,
        entries: [
          ["import", "none"],
          ["export", "where", compared("source", "=", name("RTS_BGP"))],
        ],
      },
    ],
  };
}

/** As the nodes have it; see `compileBird()`. */
function template(): BirdBlock {
  return {
    ...{ keyword: "template bgp", name: "lab" },
    entries: [
      ["strict bind", "yes"],
      ["hold time", "9"],
      ["keepalive time", "3"],
      ["connect retry time", "2"],
      ["connect delay time", "1"],
      ["error wait time", "1", "5"],
      ["graceful restart", "off"],
      ["long lived graceful restart", "off"],
    ],
  };
}

function toNode({ asn }: RouterPlan, session: RouterSession, namesAuthentication: boolean): BirdBlock {
  const { family, multihop, password, bfd, givesDefault } = session;
  const entries: BirdEntry[] = [
    ["local", session.local, "as", String(asn)],
    ["neighbor", session.neighbor, "as", String(session.asn)],
    ...(password !== undefined && namesAuthentication ? [["authentication", "md5"] as const] : []),
    ...(password === undefined ? [] : [["password", passwordName(session.name)] as const]),
    multihop === undefined ? ["ttl security", "on"] : ["multihop", String(multihop)],
    ...(bfd === undefined ? [] : [bfdBlock(bfd)]),
    {
      keyword: family,
      entries: [
        ["import", "filter", hears(family)],
        givesDefault ? ["export", "where", compared("source", "=", name("RTS_STATIC"))] : ["export", "none"],
        ["next hop self"],
      ],
    },
  ];
  return { keyword: "protocol bgp", name: session.name, from: "lab", entries };
}

interface Peer {
  readonly name: string;
  readonly family: Family;
  readonly local: readonly [address: string, asn: number];
  readonly neighbor: readonly [address: string, asn: number];
  readonly routes: readonly BirdEntry[];
}

function peer({ name: own, family, local, neighbor, routes }: Peer): BirdBlock {
  return {
    ...{ keyword: "protocol bgp", name: own, from: "lab" },
    entries: [
      ["local", local[0], "as", String(local[1])],
      ["neighbor", neighbor[0], "as", String(neighbor[1])],
      bfdBlock(BFD),
      { keyword: family, entries: [...routes, ["next hop self"]] },
    ],
  };
}

function bfdBlock({ interval, multiplier }: Bfd): BirdBlock {
  const milliseconds = String(toMilliseconds(interval));
  return {
    keyword: "bfd",
    entries: [
      ["min rx interval", milliseconds, "ms"],
      ["min tx interval", milliseconds, "ms"],
      ["multiplier", String(multiplier)],
    ],
  };
}

function passwordName(session: string): string {
  return `PASSWORD_${session}`;
}

function hears(family: Family): string {
  return `hear${digit(family)}`;
}

function digit(family: Family): string {
  return family === "ipv4" ? "4" : "6";
}

function compared(left: string, operator: "=" | "!~", right: BirdExpression): BirdExpression {
  return { left: name(left), operator, right };
}

function name(text: string) {
  return { name: text };
}
