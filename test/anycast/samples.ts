import type { Account } from "./account.js";
import type { Event } from "./event.js";
import type { FlowReport } from "./traffic.js";

/* What nothing was wrong with, but for the changes that a test makes. */
export const event = (changes: Partial<Event>): Event => ({
  ...{ key: "e", name: "event", victims: ["node1"], site: {}, lasts: 0 },
  strike: async () => {},
  ...changes,
});
export const flow = (changes: Partial<FlowReport> = {}): FlowReport => ({
  ...{ way: "udp", rate: 100, sent: 100, lost: 0, wrong: 0, broken: 0, repeated: 0 },
  ...{ late: 0, refused: 0, closed: 0, worstDelay: 0, lostAt: [] },
  ...changes,
});
export const account = (changes: Partial<Account> = {}): Account => ({
  ...{ event: "event", part: "failure", victim: "node1", seconds: 1, outage: 0, share: 0.3, beyondShare: 0 },
  ...{ moves: {}, withdrawals: 0, flows: [flow()] },
  ...changes,
});
