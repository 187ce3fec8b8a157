import type { X509Certificate } from "node:crypto";
import { type CertificateProblem, certificatesIn, named } from "./certificate.js";

const DAY = 86_400_000;

/** How near the end of a certificate is: `soon` calls for a renewal, `now` for one that is overdue. */
export type Urgency = "none" | "soon" | "now";

/** Below a quarter of its lifetime, 21 days at most, a certificate ends soon; below a tenth, 7 days at most, now. */
export function urgencyOf(from: number, to: number, now: number): Urgency {
  const [lifetime, left] = [to - from, to - now];
  if (left <= Math.min(lifetime / 10, 7 * DAY)) return "now";
  return left <= Math.min(lifetime / 4, 21 * DAY) ? "soon" : "none";
}

/**
 * What the time makes of the certificates of a PEM text: not yet valid, expired, or near its end. None of it may stop what
 * is unrelated, so these are warnings. They name dates and no spans, so that they stay the same from day to day.
 */
export function timeProblems(text: string, now: number): CertificateProblem[] {
  return certificatesIn(text).flatMap((each, index) => {
    const message = timeMessage(each, index, now);
    return message === undefined ? [] : [{ code: "DNSLB162" as const, message }];
  });
}

function timeMessage(certificate: X509Certificate, index: number, now: number): string | undefined {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const name = named(certificate, index);
  if (now > to) return `has EXPIRED: ${name} ended at ${iso(to)}; clients refuse it, renew it`;
  if (now < from) return `is NOT YET VALID: ${name} begins at ${iso(from)}; clients refuse it until then`;
  const urgency = urgencyOf(from, to, now);
  if (urgency === "now") return `is OVERDUE for renewal: ${name} ends at ${iso(to)}`;
  return urgency === "soon" ? `is to be renewed: ${name} ends at ${iso(to)}` : undefined;
}

function iso(time: number): string {
  return Number.isNaN(time) ? "an unknown time" : new Date(time).toISOString().replace(".000Z", "Z");
}
