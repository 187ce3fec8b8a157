import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ManifestListener } from "../../lib/model/manifest.js";
import { sharedSocket } from "../../lib/model/shared-socket.js";

const ADDRESSES = ["0.0.0.0", "::", "10.0.0.2", "10.0.0.3", "127.0.0.1", "fd00::2", "fd00::3"];
const socket = fc.record({
  address: fc.constantFrom(...ADDRESSES),
  port: fc.constantFrom(53, 853),
  transport: fc.constantFrom("udp" as const, "tcp" as const),
  v6only: fc.boolean(),
  foreign: fc.boolean(),
  shared: fc.boolean(),
  sockets: fc.constant(1),
});

/** The addresses to which packets arrive at a socket. */
function reached({ address, v6only }: ManifestListener): readonly string[] {
  const given = ADDRESSES.slice(2);
  if (address === "0.0.0.0") return given.filter((each) => !each.includes(":"));
  if (address === "::") return given.filter((each) => each.includes(":") || !v6only);
  return [address];
}

test("sockets exclude each other where a packet could arrive at both", () => {
  fc.assert(
    fc.property(socket, socket, (one, other) => {
      const common =
        one.port === other.port &&
        one.transport === other.transport &&
        reached(one).some((address) => reached(other).includes(address));
      expect(sharedSocket([one], [other])).toEqual(common ? [one, other] : undefined);
    }),
    { numRuns: 2_000 },
  );
});
