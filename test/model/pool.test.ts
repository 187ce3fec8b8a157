import { expect, test } from "vitest";
import { withFallback } from "../../lib/model/pool.js";
import { FALLBACK, POOL } from "../node/compile/models.js";

test("withFallback() gives pools in the order in which they serve", () => {
  const pool = { ...POOL, fallback: FALLBACK };
  expect(withFallback(pool)).toEqual([pool, FALLBACK]);
  expect(withFallback(POOL)).toEqual([POOL]);
});
