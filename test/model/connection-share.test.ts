import { expect, test } from "vitest";
import {
  clientShare,
  connectionShare,
  HEALTH_CONNECTIONS,
  STATISTICS_CONNECTIONS,
} from "../../lib/model/connection-share.js";

const ELSE = STATISTICS_CONNECTIONS + HEALTH_CONNECTIONS;

test.each([0, 1, 2, 3, 7, 26, 27, 40, 52, 53])(
  "of %i listeners, each has its sure part whatever the others hold, beside the statistics and the check",
  (count) => {
    for (const connections of [8_000, 24_000]) {
      const { sure, most } = connectionShare(connections, count);
      expect(most).toBeGreaterThanOrEqual(sure);
      // The most that listeners hold together before only sure parts are left, and then all of these.
      const taken = most > sure ? most + count * sure : count * sure;
      expect(taken + ELSE).toBeLessThanOrEqual(connections);
      if (count > 0) expect(taken + ELSE).toBeGreaterThan(connections - count);
    }
  },
);

test.each([
  [8_000, 1, { sure: 7_800, most: 7_800 }],
  [8_000, 2, { sure: 3_900, most: 3_900 }],
  [8_000, 3, { sure: 1_300, most: 3_900 }],
  [8_000, 40, { sure: 150, most: 1_800 }],
  [8_000, 52, { sure: 150, most: 150 }],
  [8_000, 60, { sure: 130, most: 130 }],
  [24_000, 40, { sure: 297, most: 11_920 }],
])("%i connections for %i listeners", (connections, listeners, share) => {
  expect(connectionShare(connections, listeners)).toEqual(share);
});

test.each([
  [7_800, 390],
  [2_001, 100],
  [195, 100],
])("of a share of %i, one client may hold %i under pressure", (share, expected) => {
  expect(clientShare(share)).toBe(expected);
});
