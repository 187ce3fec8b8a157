import type { Results } from "../../../tools/quickstart/report.js";
import type { FlowAccount } from "../../../tools/quickstart/traffic.js";

/** A flow of which nothing was lost. */
export function flow(changed: Partial<FlowAccount> = {}): FlowAccount {
  return {
    ...{ frontend: "internal", family: "IPv4", address: "10.0.0.53", transport: "udp" },
    ...{ sent: 100, lost: 0, wrong: 0, answers: { resolver2: 100 }, worstDelay: 5, lostAt: [] },
    ...changed,
  };
}

/** What a run finds that keeps every bound. */
export const GOOD: Required<Results> = {
  synthesis: { stacks: ["dns", "lb1", "lb2"], resources: 10, files: 14, differing: [] },
  start: { milliseconds: 20_000 },
  topology: { nodes: [], virtualAddresses: [], frontends: [], pools: [] },
  queries: [
    {
      ...{ frontend: "internal", family: "IPv4", address: "10.0.0.53", transport: "dot", status: "NOERROR" },
      ...{ answers: ["192.0.2.80"], milliseconds: 12.5, alpn: "dot", tlsVersion: "TLSv1.3", right: true },
    },
  ],
  health: { node: "lb1", servers: [{ pool: "resolvers", server: "resolver1", dnsdistUdp: "up", up: true }] },
  resolverKilled: {
    ...{ server: "resolver1", computedDetection: 11_000, seenDetection: { haproxy: 6_900, dnsdist: 11_000 } },
    flows: [{ ...flow({ lost: 7 }), lostBefore: 7, lostAfter: 0 }],
  },
  listsChanged: {
    changes: [{ frontend: "internal", added: "resolver4", removed: "resolver2" }],
    ...{ deadServer: "resolver1", applyMilliseconds: 17_000, flows: [flow()] },
    afterwards: [{ frontend: "internal", transport: "udp", servers: ["b", "a"], expected: ["a", "b"] }],
  },
  masterKilled: {
    ...{ node: "lb1", successor: "lb2", unmoved: [] },
    flows: [{ ...flow({ lost: 60 }), longestGap: 1_499 }],
  },
  takenDown: { processesBefore: 35, namespacesBefore: 22, processes: [], namespaces: [], directories: [] },
};
