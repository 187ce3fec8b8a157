import type { Way } from "./flows.js";
import { ADDRESSES, type PairName, SERVERS, type Site } from "./site.js";

/** Something that goes wrong with the leading node. */
export interface Fault {
  readonly name: string;
  /** Milliseconds without service that it may cost. */
  readonly limit: number;
  /** The ways that the limit is about. */
  readonly ways: readonly Way[];
  readonly begin: (site: Site, leader: PairName) => Promise<void>;
  /** Seconds that it lasts, at least. */
  readonly seconds: number;
  readonly end: (site: Site, leader: PairName) => Promise<void>;
  /** How often the addresses may move beyond the first time. */
  readonly extraMoves?: number;
}

/* Connections that stay are reset or time out when their node is gone, whatever takes over: they are shown, not judged. */
const NEW: readonly Way[] = ["udp", "tcp", "dot"];

const nothing = () => Promise.resolve();
const otherThan = (leader: PairName) => (leader === "lb1" ? "lb2" : "lb1");
const backends = SERVERS.flatMap((name) => ADDRESSES[name]);

function dead(program: "haproxy" | "dnsdist", limit: number): Fault {
  return {
    ...{ name: `${program} dead`, limit, ways: NEW, seconds: 5 },
    begin: (site, leader) => site.node(leader).hold(program),
    end: (site, leader) => site.node(leader).release(program),
  };
}

function hung(program: "haproxy" | "dnsdist", limit: number): Fault {
  return {
    ...{ name: `${program} hung`, limit, ways: NEW, seconds: 6 },
    begin: (site, leader) => site.node(leader).signal(program, "STOP"),
    end: (site, leader) => site.node(leader).signal(program, "CONT"),
  };
}

/** What a pair must survive, and what that may cost. */
export const FAULTS: readonly Fault[] = [
  {
    ...{ name: "node killed", limit: 1_000, ways: NEW, seconds: 4 },
    begin: (site, leader) => site.node(leader).kill(),
    end: (site, leader) => site.node(leader).start(),
  },
  dead("haproxy", 1_500),
  hung("haproxy", 2_000),
  dead("dnsdist", 1_500),
  hung("dnsdist", 2_000),
  {
    ...{ name: "keepalived killed", limit: 500, ways: NEW, seconds: 4 },
    begin: (site, leader) => site.node(leader).signal("keepalived", "KILL"),
    end: nothing,
  },
  {
    ...{ name: "container killed", limit: 1_000, ways: NEW, seconds: 5 },
    begin: (site, leader) => site.node(leader).crash(),
    end: nothing,
  },
  {
    ...{ name: "cut from the network", limit: 1_000, ways: NEW, seconds: 5 },
    begin: (site, leader) => site.node(leader).plug(false),
    end: (site, leader) => site.node(leader).plug(true),
  },
  {
    ...{ name: "cut from its backends", limit: 4_000, ways: NEW, seconds: 7 },
    begin: (site, leader) => site.cuts.between(ADDRESSES[leader], backends),
    end: (site) => site.cuts.heal(),
  },
  {
    ...{ name: "paused and resumed", limit: 1_000, ways: NEW, seconds: 4, extraMoves: 1 },
    begin: (site, leader) => site.node(leader).pause(),
    end: (site, leader) => site.node(leader).unpause(),
  },
  {
    ...{ name: "partition healed", limit: 1_000, ways: NEW, seconds: 4, extraMoves: 1 },
    begin: (site, leader) => site.cuts.between(ADDRESSES[leader], ADDRESSES[otherThan(leader)]),
    end: (site) => site.cuts.heal(),
  },
];
