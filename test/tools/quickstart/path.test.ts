import { expect, test } from "vitest";
import { withoutRoot } from "../../../tools/quickstart/path.js";

test("paths of this machine are told from the repository's root on", () => {
  expect(withoutRoot("node /srv/here/lib/a.ts /srv/here/b /srv/hereafter/c", "/srv/here")).toBe(
    "node lib/a.ts b /srv/hereafter/c",
  );
});
