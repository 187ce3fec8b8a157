import { expect } from "vitest";
import type { Duration } from "../../lib/core/duration.js";
import type { LabClient } from "../../lib/testing/lab/client.js";
import { endTraffic, type Flow, type FlowReport, startFlow, WAYS } from "../e2e/drill/flows.js";
import { WHOAMI } from "./dns-server.js";

export const VIRTUAL = "10.0.0.53";
export const TLS_NAME = "dns.example.com";
/** What is asked before and after that which is done, in milliseconds. */
const BEFORE = 1_000;
const AFTER = 2_000;
/** Milliseconds without service that a node which is killed may cost. */
const TAKEOVER = 1_500;

/** Options for `traffic()`. */
export interface TrafficOptions {
  /** @default VIRTUAL */
  readonly server?: string;
  /**
   * Milliseconds that it lasts at least.
   * @default - as long as that which is done, and 3 s
   */
  readonly atLeast?: number;
  /**
   * The name whose TXT record says which server answers.
   * @default WHOAMI.resolver
   */
  readonly question?: string;
  /**
   * What answers must begin with.
   * @default "resolver"
   */
  readonly answers?: string;
  /**
   * Queries in a second, each way.
   * @default 80, which is 400 together
   */
  readonly rate?: number;
  /**
   * How long clients wait for an answer.
   * @default - as long as `startFlow()` lets them
   */
  readonly timeout?: Duration;
  /** @default WAYS */
  readonly ways?: typeof WAYS | readonly (typeof WAYS)[number][];
}

/** Asks all ways while something is done, and some time before and after. */
export async function traffic(
  client: LabClient,
  meanwhile: () => Promise<unknown>,
  options: TrafficOptions = {},
): Promise<readonly FlowReport[]> {
  const { server = VIRTUAL, atLeast = 0, question = WHOAMI.resolver, answers = "resolver", ways = WAYS } = options;
  const { rate = 80, timeout } = options;
  const plan = { server, question, answers, rate, tlsName: TLS_NAME, ...(timeout === undefined ? {} : { timeout }) };
  const started = performance.now();
  const flows: Flow[] = [];
  for (const way of ways) flows.push(await startFlow(client, { name: way, way, retry: true, ...plan }));
  await pause(BEFORE);
  let reports: readonly FlowReport[] = [];
  try {
    await meanwhile();
    await pause(Math.max(AFTER, atLeast - (performance.now() - started)));
  } finally {
    reports = await endTraffic(flows);
  }
  for (const { way, sent, lost, wrong, longestGap, refused, closed, lostAt } of reports) {
    const [first] = lostAt.map((at) => new Date(at).toISOString());
    const how = first === undefined ? "" : ` (${refused} refused, ${closed} closed, the first at ${first})`;
    console.log(`${way}: ${lost} of ${sent} lost${how}, ${wrong} wrong, longest gap ${longestGap} ms`);
  }
  return reports;
}

/** Expects an answer to every query. */
export function nothingLost(reports: readonly FlowReport[]): void {
  const found = reports.map(({ way, lost, wrong }) => ({ way, lost, wrong }));
  expect(found).toEqual(reports.map(({ way }) => ({ way, lost: 0, wrong: 0 })));
}

/** Expects no more to be lost than a planned move may cost: what is under way on a new connection at that moment. */
export function lostByMove(reports: readonly FlowReport[]): void {
  expect(reports.map(({ wrong }) => wrong)).toEqual(reports.map(() => 0));
  expect(lostOf(reports), "lost by a planned move").toBeLessThanOrEqual((2 * sentOf(reports)) / 4_000);
}

/** Expects no way to be without service for longer than a takeover may take. */
export function answersAgain(reports: readonly FlowReport[]): void {
  for (const { way, longestGap } of reports) expect(longestGap, way).toBeLessThan(TAKEOVER);
}

/** What all ways lost together. */
export const lostOf = (reports: readonly FlowReport[]) => reports.reduce((sum, { lost }) => sum + lost, 0);

/** What all ways sent together. */
export const sentOf = (reports: readonly FlowReport[]) => reports.reduce((sum, { sent }) => sum + sent, 0);

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
