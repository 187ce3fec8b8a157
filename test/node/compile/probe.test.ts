import { decode } from "dns-packet";
import { describe, expect, test } from "vitest";
import type { DnsdistAnswerJudge } from "../../../lib/config/dnsdist/model.js";
import type { ExpectedAnswer, HealthCheck } from "../../../lib/model/health-check.js";
import {
  dnsdistJudge,
  dnsdistProbe,
  haproxyProbe,
  haproxyProbeTiming,
  peerProof,
} from "../../../lib/node/compile/probe.js";
import { POOL } from "./models.js";

describe("a probe, for both daemons", () => {
  test("asks the same question with the same patience", () => {
    const message = Buffer.from(sentBy(haproxyProbe(POOL, 53)), "hex");
    const query = decode(message.subarray(2));
    const dnsdist = dnsdistProbe(POOL.healthCheck, true);

    expect(message.readUInt16BE(0)).toBe(message.length - 2);
    expect(query.questions).toEqual([{ name: "health.example", type: "A", class: "IN" }]);
    expect(query.flag_rd).toBe(true);
    expect(dnsdist).toMatchObject({ checkName: "health.example.", checkType: "A", mustResolve: false });

    expect(haproxyProbe(POOL, 53)).toContainEqual(["timeout", "check", "500ms"]);
    expect(haproxyProbeTiming(POOL.healthCheck)).toEqual(["inter", "2s", "fall", "3", "rise", "2"]);
    expect(dnsdist).toMatchObject({ checkInterval: 2, checkTimeout: 500, maxCheckFailures: 3, rise: 2 });
  });

  test("asks without recursion where the pool says so", () => {
    const healthCheck = { ...POOL.healthCheck, recursionDesired: false };
    const message = Buffer.from(sentBy(haproxyProbe({ ...POOL, healthCheck }, 53)), "hex");

    expect(decode(message.subarray(2)).flag_rd).toBe(false);
    expect(decode(Buffer.from(answerJudge(healthCheck).query, "hex")).flag_rd).toBe(false);
    expect(decode(Buffer.from(answerJudge(POOL.healthCheck).query, "hex")).flag_rd).toBe(true);
  });

  test("asks for the root", () => {
    const healthCheck = { ...POOL.healthCheck, name: ".", type: "NS" as const };
    const message = Buffer.from(sentBy(haproxyProbe({ ...POOL, healthCheck }, 53)), "hex");
    expect(decode(message.subarray(2)).questions).toEqual([{ name: ".", type: "NS", class: "IN" }]);
  });

  test("asks without validation where the pool says so", () => {
    const healthCheck = { ...POOL.healthCheck, checkingDisabled: true };
    const message = Buffer.from(sentBy(haproxyProbe({ ...POOL, healthCheck }, 53)), "hex");

    expect(decode(message.subarray(2))).toMatchObject({ flag_rd: true, flag_cd: true });
    expect(decode(Buffer.from(answerJudge(healthCheck).query, "hex")).flag_cd).toBe(true);
    expect(dnsdistProbe(healthCheck, true)).toMatchObject({ setCD: true });
    expect(decode(Buffer.from(peerProof(healthCheck, 65_001), "hex")).flag_cd).toBe(true);
    expect(dnsdistProbe(POOL.healthCheck, true)).not.toHaveProperty("setCD");
  });

  test("asks for keys with EDNS, without which they do not fit into a datagram", () => {
    const queryFor = (type: "DNSKEY" | "DS") =>
      decode(Buffer.from(answerJudge({ ...POOL.healthCheck, type }).query, "hex"));
    expect(queryFor("DNSKEY").additionals).toEqual([expect.objectContaining({ type: "OPT", udpPayloadSize: 1232 })]);
    expect(queryFor("DS")).toMatchObject({ questions: [{ type: "DS" }], additionals: [] });
  });

  test("puts random labels in front of the name", () => {
    const labelled = { ...POOL, healthCheck: { ...POOL.healthCheck, randomLabel: true } };
    const probe = haproxyProbe(labelled, 53);
    const sent = probe.find(([, verb]) => verb === "send-binary-lf")?.[2] ?? "";
    expect(sent).toContain("%[var(check.label)]");
    const message = Buffer.from(sent.replace("%[var(check.label)]", "3132333435363738"), "hex");
    expect(message.readUInt16BE(0)).toBe(message.length - 2);
    expect(decode(message.subarray(2)).questions?.[0]?.name).toBe("12345678.health.example");
    expect(probe).toContainEqual(["tcp-check", "set-var(check.label)", "rand(90000000),add(10000000),concat(),hex"]);
    expect(probe.at(-1)).toEqual(["tcp-check", "expect", "binary-lf", "%[var(check.label)]"]);
    expect(answerJudge(labelled.healthCheck)).toMatchObject({
      query: answerJudge(POOL.healthCheck).query,
      randomLabel: true,
    });
    expect(decode(Buffer.from(peerProof(labelled.healthCheck, 65_001), "hex")).questions?.[0]?.name).toBe(
      "00000000.health.example",
    );

    const pattern = new RegExp(probe.find(([, verb]) => verb === "expect")?.[5] ?? "");
    const asked = (label: string) => `0000ABCD8180${COUNTS}08${label}${ASKED}${RECORD}`;
    expect(pattern.test(asked("3132333435363738"))).toBe(true);
    expect(pattern.test(asked("31323334353637"))).toBe(false);
    expect(pattern.test(`0000ABCD8180${COUNTS}${ASKED}${RECORD}`)).toBe(false);
  });

  const NAME = "066865616C7468076578616D706C6500";
  const UPPER = "064845414C5448076578616D706C6500";
  const ASKED = `${NAME}00010001`;
  const COUNTS = "0001000100000000";
  const RECORD = "C00C00010001000000000004C0000201";
  const patternOf = (expected: Partial<ExpectedAnswer> = {}) => {
    const { healthCheck } = POOL;
    const pool = { ...POOL, healthCheck: { ...healthCheck, expect: { ...healthCheck.expect, ...expected } } };
    const [, , , , , pattern = ""] = haproxyProbe(pool, 53).find(([, verb]) => verb === "expect") ?? [];
    return new RegExp(pattern);
  };

  test.each([
    ["an answer", `0000ABCD8180${COUNTS}${ASKED}${RECORD}`, true],
    ["an answer with authority and no recursion", `0000ABCD8400${COUNTS}${ASKED}${RECORD}`, true],
    ["an uncompressed name in other case", `0000ABCD8180${COUNTS}${ASKED}${UPPER}${RECORD.slice(4)}`, true],
    ["256 answers", `0000ABCD81800001010000000000${ASKED}${RECORD}`, true],
    ["a CNAME", `0000ABCD8180${COUNTS}${ASKED}C00C00050001000000000004C0000201`, true],
    ["SERVFAIL", `0000ABCD8182${COUNTS}${ASKED}${RECORD}`, false],
    ["REFUSED", `0000ABCD8185${COUNTS}${ASKED}${RECORD}`, false],
    ["NXDOMAIN", `0000ABCD8183${COUNTS}${ASKED}${RECORD}`, false],
    ["another id", `0000ABCE8180${COUNTS}${ASKED}${RECORD}`, false],
    ["a query", `0000ABCD0100${COUNTS}${ASKED}${RECORD}`, false],
    ["another opcode", `0000ABCDA000${COUNTS}${ASKED}${RECORD}`, false],
    ["another opcode, of odd number", `0000ABCD8880${COUNTS}${ASKED}${RECORD}`, false],
    ["a truncated answer", `0000ABCD8380${COUNTS}${ASKED}${RECORD}`, false],
    ["no answer", `0000ABCD818000010000000000000000${ASKED}`, false],
    ["no question", `0000ABCD81800000000100000000${RECORD}`, false],
    ["another question", `0000ABCD8180${COUNTS}056F7468657200${"0001"}0001${RECORD}`, false],
    ["another type", `0000ABCD8180${COUNTS}${ASKED}C00C00020001000000000004C0000201`, false],
    ["half a record", `0000ABCD8180${COUNTS}${ASKED}C00C00010001`, false],
  ])("HAProxy judges %s", (_, dump, accepted) => {
    expect(patternOf().test(dump)).toBe(accepted);
  });

  test.each<[string, Partial<ExpectedAnswer>, string, boolean]>([
    ["AA", { authoritative: true }, `0000ABCD8400${COUNTS}${ASKED}${RECORD}`, true],
    ["AA", { authoritative: true }, `0000ABCD8180${COUNTS}${ASKED}${RECORD}`, false],
    ["a value", { value: "192.0.2.1" }, `0000ABCD8180${COUNTS}${ASKED}${RECORD}`, true],
    ["a value", { value: "192.0.2.2" }, `0000ABCD8180${COUNTS}${ASKED}${RECORD}`, false],
    ["perhaps an answer", { answer: "optional" }, `0000ABCD8180000100000000${"0000"}${ASKED}`, true],
    ["NXDOMAIN", { rcodes: ["NXDOMAIN"] }, `0000ABCD8183000100000001${"0000"}${ASKED}`, true],
    ["NXDOMAIN", { rcodes: ["NXDOMAIN"] }, `0000ABCD8180${COUNTS}${ASKED}${RECORD}`, false],
  ])("expects %s: %j of %s is %s", (_, expected, dump, accepted) => {
    expect(patternOf(expected).test(dump)).toBe(accepted);
  });

  test("tells dnsdist's judge the same", () => {
    const expected = { rcodes: ["NOERROR", "NXDOMAIN"], answer: "required", value: "192.0.2.1" } as const;
    const healthCheck = { ...POOL.healthCheck, expect: { ...expected, authoritative: true } };
    const { query, ...judge } = answerJudge(healthCheck);
    expect(decode(Buffer.from(query, "hex")).questions).toEqual([{ name: "health.example", type: "A", class: "IN" }]);
    expect(judge).toEqual({ rcodes: [0, 3], answer: true, authoritative: true, value: "c0000201" });
  });

  test("HAProxy tells a server that expects the PROXY protocol who asks", () => {
    expect(haproxyProbe({ ...POOL, clientAddress: "proxy-protocol" }, 53)).toContainEqual([
      "tcp-check",
      "connect",
      "send-proxy",
    ]);
  });
});

describe("a probe by TCP", () => {
  const pool = { ...POOL, healthCheck: { ...POOL.healthCheck, kind: "tcp" } } as const;

  test("connects, and asks nothing", () => {
    expect(haproxyProbe(pool, 53)).toEqual([
      ["option", "tcp-check"],
      ["timeout", "check", "500ms"],
      ["tcp-check", "connect"],
    ]);
    expect(dnsdistJudge(pool.healthCheck, "/verdicts")).toEqual({ connect: true });
  });

  test("has a question for dnsdist's own probe and for peers", () => {
    expect(dnsdistProbe(pool.healthCheck, true)).toMatchObject({ checkName: "health.example.", mustResolve: false });
    expect(peerProof(pool.healthCheck, 65_001)).toBe(peerProof(POOL.healthCheck, 65_001));
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
    const sent = decode(Buffer.from(sentBy(haproxyProbe(POOL, 53)), "hex").subarray(2));
    const proof = decode(Buffer.from(peerProof(POOL.healthCheck, 65_002), "hex"));
    expect([proof.questions, proof.flag_rd]).toEqual([sent.questions, sent.flag_rd]);
  });
});

function answerJudge(healthCheck: HealthCheck): DnsdistAnswerJudge {
  const judge = dnsdistJudge(healthCheck, "/verdicts");
  if (!("query" in judge)) throw new Error("judges no answers");
  return judge;
}

function sentBy(probe: ReturnType<typeof haproxyProbe>): string {
  const [, , payload = ""] = probe.find(([, verb]) => verb === "send-binary") ?? [];
  return payload;
}
