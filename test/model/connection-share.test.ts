import { expect, test } from "vitest";
import {
  clientShare,
  connectionShare,
  HEALTH_CONNECTIONS,
  NODE_CONNECTIONS,
  STATISTICS_CONNECTIONS,
} from "../../lib/model/connection-share.js";
import { dnsListener, FRONTEND } from "../node/compile/models.js";

const withListeners = (count: number) => ({
  frontends: [{ ...FRONTEND, listeners: Array.from({ length: count }, (_, index) => dnsListener(`l${index}`)) }],
});

test.each([0, 1, 2, 3, 7, 40, 52])(
  "the shares of %i listeners leave room for the statistics and the check",
  (count) => {
    const share = connectionShare(withListeners(count));
    const taken = count * share + STATISTICS_CONNECTIONS + HEALTH_CONNECTIONS;
    expect(taken).toBeLessThanOrEqual(NODE_CONNECTIONS);
    if (count > 0) expect(taken).toBeGreaterThan(NODE_CONNECTIONS - count);
  },
);

test.each([
  [7_800, 390],
  [2_001, 100],
  [195, 100],
])("of a share of %i, one client may hold %i under pressure", (share, expected) => {
  expect(clientShare(share)).toBe(expected);
});
