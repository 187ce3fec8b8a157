import { setTimeout as sleep } from "node:timers/promises";
import type { Event } from "../event.js";
import { NODES } from "../model.js";

const SITE = { victims: NODES, site: {} };
/** Milliseconds for which a watch or an announcer is stopped before something else fails. */
const MOMENT = 100;

const killed = (service: string, name: string, short?: true): Event => ({
  ...{ key: `${service}-killed`, name: `${name} killed`, within: 600, ownShare: true, lasts: 3_000, ...SITE },
  ...(short ? { short } : {}),
  strike: (site, victim) => site.node(victim).process(service).kill(),
  recover: async (site, victim) => site.node(victim).process(service).start(),
});

const hung = (service: string, name: string): Event => ({
  ...{ key: `${service}-hung`, name: `${name} hung`, within: 1_700, ownShare: true, lasts: 4_000, ...SITE },
  strike: (site, victim) => site.node(victim).process(service).pause(),
  recover: (site, victim) => site.node(victim).process(service).resume(),
});

/** Daemons that no longer answer. */
export const daemons: readonly Event[] = [
  killed("dnsdist", "dnsdist", true),
  killed("haproxy", "HAProxy"),
  hung("dnsdist", "dnsdist"),
  hung("haproxy", "HAProxy"),
];

/** What only announces and judges: nobody notices its end. */
export const announcers: readonly Event[] = [
  {
    ...{ key: "bird-killed", name: "bird killed", lasts: 3_000, ...SITE },
    strike: async (site, victim) => void process.kill(site.birdOf(victim), "SIGKILL"),
    recover: async (site, victim) => site.node(victim).process("bird").start(),
  },
  {
    ...{ key: "announcer-killed", name: "announcer killed", lasts: 3_000, ...SITE },
    strike: async (site, victim) => void process.kill(site.announcerOf(victim), "SIGKILL"),
    recover: async (site, victim) => site.node(victim).process("bird").start(),
  },
  {
    // Its watchdog kills it four seconds later.
    ...{ key: "announcer-stopped", name: "announcer stopped", lasts: 7_000, ...SITE },
    strike: async (site, victim) => void process.kill(site.announcerOf(victim), "SIGSTOP"),
    recover: async (site, victim) => site.node(victim).process("bird").start(),
  },
  {
    ...{
      key: "announcer-stopped-first",
      name: "announcer stopped, then dnsdist killed",
      within: 5_000,
      ownShare: true,
      lasts: 7_000,
    },
    ...SITE,
    strike: async (site, victim) => {
      process.kill(site.announcerOf(victim), "SIGSTOP");
      await sleep(MOMENT);
      await site.node(victim).process("dnsdist").kill();
    },
    recover: async (site, victim) => {
      site.node(victim).process("dnsdist").start();
      site.node(victim).process("bird").start();
    },
  },
  {
    ...{ key: "watch-killed", name: "watch killed", lasts: 6_000, ...SITE },
    strike: (site, victim) => site.node(victim).process("watch").kill(),
    recover: async (site, victim) => site.node(victim).process("watch").start(),
  },
  {
    ...{ key: "watches-killed", name: "all watches killed", lasts: 6_000, ...SITE },
    strike: async (site) => {
      await Promise.all(NODES.map((name) => site.node(name).process("watch").kill()));
    },
    recover: async (site) => {
      for (const name of NODES) site.node(name).process("watch").start();
    },
  },
  {
    ...{
      key: "watch-stopped",
      name: "watch stopped, then dnsdist killed",
      within: 3_500,
      ownShare: true,
      lasts: 5_000,
    },
    ...SITE,
    strike: async (site, victim) => {
      await site.node(victim).process("watch").pause();
      await sleep(MOMENT);
      await site.node(victim).process("dnsdist").kill();
    },
    recover: async (site, victim) => {
      site.node(victim).process("dnsdist").start();
      await site.node(victim).process("watch").resume();
    },
  },
];
