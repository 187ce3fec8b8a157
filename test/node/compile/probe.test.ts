import { decode } from "dns-packet";
import { describe, expect, test } from "vitest";
import { dnsdistProbe, haproxyProbe, haproxyProbeTiming, peerProof } from "../../../lib/node/compile/probe.js";
import { POOL } from "./models.js";

describe("a probe, for both daemons", () => {
  test("asks the same question with the same patience", () => {
    const message = Buffer.from(sentBy(haproxyProbe(POOL)), "hex");
    const query = decode(message.subarray(2));
    const dnsdist = dnsdistProbe(POOL.healthCheck, true);

    expect(message.readUInt16BE(0)).toBe(message.length - 2);
    expect(query.questions).toEqual([{ name: "health.example", type: "A", class: "IN" }]);
    expect(query.flag_rd).toBe(true);
    expect(dnsdist).toMatchObject({ checkName: "health.example.", checkType: "A", mustResolve: false });

    expect(haproxyProbe(POOL)).toContainEqual(["timeout", "check", "500ms"]);
    expect(haproxyProbeTiming(POOL.healthCheck)).toEqual(["inter", "2s", "fall", "3", "rise", "2"]);
    expect(dnsdist).toMatchObject({ checkInterval: 2, checkTimeout: 500, maxCheckFailures: 3, rise: 2 });
  });

  test("asks without recursion where the pool says so", () => {
    const healthCheck = { ...POOL.healthCheck, recursionDesired: false };
    const message = Buffer.from(sentBy(haproxyProbe({ ...POOL, healthCheck })), "hex");

    expect(decode(message.subarray(2)).flag_rd).toBe(false);
    expect(dnsdistProbe(healthCheck, true)).toHaveProperty("probeWithoutRecursion", true);
    expect(dnsdistProbe(POOL.healthCheck, true)).not.toHaveProperty("probeWithoutRecursion");
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

describe("the proof of a peer", () => {
  test.each([
    [
      "with recursion",
      { name: "health.example.", type: "A", recursionDesired: true } as const,
      [
        // id 0; RD; one question, one additional record
        "0000 0100 0001 0000 0000 0001",
        // health.example. A IN
        "06 6865616c7468 07 6578616d706c65 00 0001 0001",
        // the root, OPT, 1232 octets, no flags, 4 octets of data: option 65001, empty
        "00 0029 04d0 00000000 0004 fde9 0000",
      ],
    ],
    [
      "without recursion, for the root",
      { name: ".", type: "NS", recursionDesired: false } as const,
      ["0000 0000 0001 0000 0000 0001", "00 0002 0001", "00 0029 04d0 00000000 0004 fde9 0000"],
    ],
  ])("is the probe with an option, %s", (_, changes, bytes) => {
    const proof = peerProof({ ...POOL.healthCheck, ...changes }, 65_001);
    expect(proof).toBe(bytes.join("").replaceAll(" ", ""));
  });

  test("asks what HAProxy asks", () => {
    const sent = decode(Buffer.from(sentBy(haproxyProbe(POOL)), "hex").subarray(2));
    const proof = decode(Buffer.from(peerProof(POOL.healthCheck, 65_002), "hex"));
    expect([proof.questions, proof.flag_rd]).toEqual([sent.questions, sent.flag_rd]);
  });
});

function sentBy(probe: ReturnType<typeof haproxyProbe>): string {
  const [, , payload = ""] = probe.find(([, verb]) => verb === "send-binary") ?? [];
  return payload;
}
