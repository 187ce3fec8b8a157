import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeProblems, urgencyOf } from "../../lib/core/certificate-time.js";
import { testCertificate } from "../certificates.js";

const DAY = 86_400_000;
const at = (text: string) => Date.parse(text);

describe("urgencyOf", () => {
  test.each([
    ["a year, 22 days left", 365, 22, "none"],
    ["a year, 21 days left", 365, 21, "soon"],
    ["a year, 8 days left", 365, 8, "soon"],
    ["a year, 7 days left", 365, 7, "now"],
    ["90 days, 22 left", 90, 22, "none"],
    ["90 days, 21 left", 90, 21, "soon"],
    ["40 days, 11 left", 40, 11, "none"],
    ["40 days, 10 left", 40, 10, "soon"],
    ["40 days, 4 left", 40, 4, "now"],
    ["6 days, 2 left", 6, 2, "none"],
    ["6 days, 1.5 left", 6, 1.5, "soon"],
    ["6 days, 0.6 left", 6, 0.6, "now"],
    ["a year, past", 365, -1, "now"],
  ])("%s", (_, lifetime, left, wanted) => {
    expect(urgencyOf(0, lifetime * DAY, (lifetime - left) * DAY)).toBe(wanted);
  });

  test("property: it only grows with time", () => {
    const rank = { none: 0, soon: 1, now: 2 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), fc.nat(1e12), fc.nat(1e12), (lifetime, one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        expect(rank[urgencyOf(0, lifetime, early)]).toBeLessThanOrEqual(rank[urgencyOf(0, lifetime, late)]);
      }),
    );
  });
});

describe("timeProblems", () => {
  const from = new Date("2026-01-01T00:00:00Z");
  const leaf = testCertificate({ subject: "dns", from, to: new Date("2026-04-01T00:00:00Z") });
  const issuer = testCertificate({ subject: "CA", ca: true, from, to: new Date("2056-01-01T00:00:00Z") });
  const said = (now: string) => timeProblems(leaf.pem + issuer.pem, at(now)).map(({ message }) => message);

  test("says what the time makes of each certificate of a chain", () => {
    expect(said("2026-01-01T00:00:00Z")).toEqual([]);
    expect(said("2026-03-10T23:59:59Z")).toEqual([]);
    expect([
      ...said("2025-12-31T23:59:59Z"),
      ...said("2026-03-11T00:00:00Z"),
      ...said("2026-03-25T00:00:00Z"),
      ...said("2026-04-01T00:00:01Z"),
      ...said("2056-01-01T00:00:01Z"),
    ]).toMatchInlineSnapshot(`
      [
        "is NOT YET VALID: certificate 1 (CN=dns) begins at 2026-01-01T00:00:00Z; clients refuse it until then",
        "is NOT YET VALID: certificate 2 (CN=CA) begins at 2026-01-01T00:00:00Z; clients refuse it until then",
        "is to be renewed: certificate 1 (CN=dns) ends at 2026-04-01T00:00:00Z",
        "is OVERDUE for renewal: certificate 1 (CN=dns) ends at 2026-04-01T00:00:00Z",
        "has EXPIRED: certificate 1 (CN=dns) ended at 2026-04-01T00:00:00Z; clients refuse it, renew it",
        "has EXPIRED: certificate 1 (CN=dns) ended at 2026-04-01T00:00:00Z; clients refuse it, renew it",
        "has EXPIRED: certificate 2 (CN=CA) ended at 2056-01-01T00:00:00Z; clients refuse it, renew it",
      ]
    `);
  });
});
