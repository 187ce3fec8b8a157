import { describe, expect, test } from "vitest";
import { connectionsOf } from "../../../scripts/bench/loads/connections.js";
import { latenciesOf, receivedOf } from "../../../scripts/bench/loads/dnsperf.js";

const statistics = ({ sent = 1_000, lost = 0, codes = "NOERROR 1000 (100.00%)" } = {}) => `
[Status] Testing complete (time limit)

Statistics:

  Queries sent:         ${sent}
  Queries completed:    ${sent - lost} (99.50%)
  Queries lost:         ${lost} (0.50%)

  Response codes:       ${codes}
  Average packet size:  request 33, response 82
  Run time (s):         0.500455
  Queries per second:   31587.255597
`;

describe("what dnsperf prints", () => {
  test("is the rate of answers, and their number", () => {
    expect(receivedOf(statistics(), "shipped")).toEqual({ rate: 31_587.255597, answered: 1_000 });
  });

  test.each([
    ["answers were lost", statistics({ lost: 11, codes: "NOERROR 989 (100.00%)" }), /left 11 of 1000 queries/],
    ["there were no answers", statistics({ sent: 0 }), /left 0 of 0 queries/],
    ["there were other answers", statistics({ codes: "NOERROR 999 (99.90%), SERVFAIL 1 (0.10%)" }), /SERVFAIL 1/],
    ["it ended early", "Error: unable to connect", /did not tell how it went with shipped/],
  ])("fails when %s", (_, output, message) => {
    expect(() => receivedOf(output, "shipped")).toThrow(message);
  });

  test("bears a loss that the machine is to blame for", () => {
    expect(() => receivedOf(statistics({ lost: 10, codes: "NOERROR 990 (100.00%)" }), "shipped")).not.toThrow();
  });

  test("has the latency of each answer", () => {
    const lines = Array.from(
      { length: 100 },
      (_, at) => `> NOERROR h${at}.example.com A 0.000${100 + ((at * 37) % 100)}\n`,
    );
    expect(latenciesOf(`[Status] Sending\n${lines.join("")}${statistics()}`)).toEqual({
      ...{ median: 0.000149, p99: 0.000198, p999: 0.000199 },
    });
    expect(() => latenciesOf(statistics())).toThrow("no latencies");
  });
});

describe("what the program for connections prints", () => {
  const output = (changes: Record<string, number>) =>
    JSON.stringify({ connections: 1_000, lost: 0, resumed: 0, failed: 0, seconds: 2, ...changes });

  test("is how many there were per second", () => {
    expect(connectionsOf(output({}), "plain", "")).toEqual({ connections: 1_000, rate: 500 });
    expect(connectionsOf(output({ resumed: 996 }), "resumed", "")).toEqual({ connections: 1_000, rate: 500 });
  });

  test("may be a few less than were tried", () => {
    expect(connectionsOf(output({ lost: 10 }), "plain", "")).toEqual({ connections: 1_000, rate: 500 });
  });

  test.each([
    ["a process failed", { failed: 1 }, "plain", "not served: shipped: refused"],
    ["many were lost", { lost: 11 }, "plain", "11 of 1011 connections were not served: shipped: refused"],
    ["there were none", { connections: 0 }, "new", "not served"],
    ["sessions were resumed", { resumed: 500 }, "new", "500 of 1000 sessions were not new"],
    ["sessions were not resumed", { resumed: 500 }, "resumed", "500 of 1000 sessions were not resumed"],
  ] as const)("fails when %s", (_, changes, kind, message) => {
    expect(() => connectionsOf(output(changes), kind, "shipped: refused")).toThrow(message);
  });
});
