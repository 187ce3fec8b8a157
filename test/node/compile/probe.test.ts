import { decode } from "dns-packet";
import { describe, expect, test } from "vitest";
import { dnsdistProbe, haproxyProbe, haproxyProbeTiming } from "../../../lib/node/compile/probe.js";
import { POOL } from "./models.js";

describe("a probe, for both daemons", () => {
  test("asks the same question with the same patience", () => {
    const message = Buffer.from(sentBy(haproxyProbe(POOL)), "hex");
    const query = decode(message.subarray(2));
    const dnsdist = dnsdistProbe(POOL.healthCheck);

    expect(message.readUInt16BE(0)).toBe(message.length - 2);
    expect(query.questions).toEqual([{ name: "health.example", type: "A", class: "IN" }]);
    expect(query.flag_rd).toBe(true);
    expect(dnsdist).toMatchObject({ checkName: "health.example.", checkType: "A", mustResolve: true });

    expect(haproxyProbe(POOL)).toContainEqual(["timeout", "check", "500ms"]);
    expect(haproxyProbeTiming(POOL.healthCheck)).toEqual(["inter", "2s", "fall", "3", "rise", "2"]);
    expect(dnsdist).toMatchObject({ checkInterval: 2, checkTimeout: 500, maxCheckFailures: 3, rise: 2 });
  });

  test("asks without recursion where the pool says so", () => {
    const healthCheck = { ...POOL.healthCheck, recursionDesired: false };
    const message = Buffer.from(sentBy(haproxyProbe({ ...POOL, healthCheck })), "hex");

    expect(decode(message.subarray(2)).flag_rd).toBe(false);
    expect(dnsdistProbe(healthCheck)).toHaveProperty("probeWithoutRecursion", true);
    expect(dnsdistProbe(POOL.healthCheck)).not.toHaveProperty("probeWithoutRecursion");
  });

  test("asks for the root", () => {
    const healthCheck = { ...POOL.healthCheck, name: ".", type: "NS" as const };
    const message = Buffer.from(sentBy(haproxyProbe({ ...POOL, healthCheck })), "hex");
    expect(decode(message.subarray(2)).questions).toEqual([{ name: ".", type: "NS", class: "IN" }]);
  });

  test.each([
    ["an answer", "0000ABCD81800001", true],
    ["an answer with authority and no recursion", "0000ABCD84000001", true],
    ["SERVFAIL", "0000ABCD81820001", false],
    ["REFUSED", "0000ABCD81850001", false],
    ["NXDOMAIN", "0000ABCD81830001", false],
    ["another id", "0000ABCE81800001", false],
    ["a query", "0000ABCD01000001", false],
    ["another opcode", "0000ABCDA0000001", false],
  ])("HAProxy judges %s", (_, dump, accepted) => {
    const [, , , , , pattern = ""] = haproxyProbe(POOL).find(([, verb]) => verb === "expect") ?? [];
    expect(new RegExp(pattern).test(dump)).toBe(accepted);
  });

  test("HAProxy tells a server that expects the PROXY protocol who asks", () => {
    expect(haproxyProbe({ ...POOL, clientAddress: "proxy-protocol" })).toContainEqual([
      "tcp-check",
      "connect",
      "send-proxy",
    ]);
  });
});

function sentBy(probe: ReturnType<typeof haproxyProbe>): string {
  const [, , payload = ""] = probe.find(([, verb]) => verb === "send-binary") ?? [];
  return payload;
}
