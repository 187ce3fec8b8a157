import { describe } from "vitest";
import { isComplete, otherSuite, rootFolder } from "../../scripts/debian/root.js";

/** The daemons of one release of Debian. */
export interface Generation {
  /** A word for the names of labs. */
  readonly name: string;
  /** What `Lab.start()` is given: nothing for the daemons of this machine. */
  readonly options: { readonly root?: string };
}

const OTHER = otherSuite();

/** The daemons of the release that this machine does not have. */
export const otherGeneration: Generation = { name: OTHER, options: { root: rootFolder(OTHER) } };

/** Why tests with the daemons of the other release are skipped; undefined if they are not. */
export const otherIsMissing = isComplete(rootFolder(OTHER))
  ? undefined
  : `${rootFolder(OTHER)} is missing: npm run debian-root -- ${OTHER}`;
if (otherIsMissing !== undefined && process.env["CI"]) throw new Error(otherIsMissing);

/** Whether tests are to take less time, as those of every change do: fewer repetitions and combinations. */
export const isShort = process.env["DNS_LB_SHORT"] !== undefined;

/** Options for `onBothGenerations()`. */
export interface BothOptions {
  /**
   * Whether short runs leave out the daemons of the other release, since the tests have little to do with what differs.
   * @default false
   */
  readonly ownIfShort?: boolean;
}

/** Runs tests with the daemons of this machine, and with those of the other release; skips these where they are missing. */
export function onBothGenerations(
  tests: (generation: Generation) => void,
  { ownIfShort = false }: BothOptions = {},
): void {
  const own: Generation = { name: "installed", options: {} };
  describe("the daemons of this machine", () => tests(own));
  if (isShort && ownIfShort) return;
  describe.skipIf(otherIsMissing !== undefined)(`the daemons of ${OTHER}`, () => tests(otherGeneration));
}
