import { expect } from "vitest";
import type { Outcome } from "./two-nodes.js";

/** Fails with all that the command said. */
export function expectStatus(outcome: Outcome, status: number): void {
  expect(outcome.status, outcome.stdout + outcome.stderr).toBe(status);
}
