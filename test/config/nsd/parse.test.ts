import { describe, expect, test } from "vitest";
import { parseNsd, printNsd } from "../../../lib/config/nsd/index.js";
import { NSD_DIALECT } from "../../../lib/config/nsd/model.js";
import { readsBack } from "../clauses.js";
import { NASTY } from "../nasty.js";

const writable = (value: string) => /^(?:[^"\\]|\\.)*$/u.test(value);

describe("what was printed", () => {
  test("is read back as it was, whatever the values hold", () => {
    readsBack(NSD_DIALECT, writable, (clauses) => parseNsd(printNsd({ clauses })).clauses);
  });

  test.each(NASTY.filter(writable))("is read back with the value %j", (value) => {
    const clauses = [
      { kind: "zone", attributes: [["name", value] as const, ["request-xfr", value, value] as const] },
    ] as const;
    expect(parseNsd(printNsd({ clauses }))).toEqual({ clauses });
  });
});

describe("what others wrote", () => {
  test("may hold comments, blank lines and any indentation; single quotes are letters", () => {
    expect(parseNsd(`# c\nserver:\n\tidentity: 'a' # i\n\nzone:\nname: "example.com"\n`)).toEqual({
      clauses: [
        { kind: "server", attributes: [["identity", "'a'"]] },
        { kind: "zone", attributes: [["name", "example.com"]] },
      ],
    });
  });

  test.each([
    ["single quotes do not hold a value together", "server:\nidentity: 'a b'", "must give 'identity' 1 value, got 2"],
    ["an attribute stands before any clause", "port: 53", "'line 1' must stand in a clause"],
    ["a quote is open", 'server:\nidentity: "a', "'line 2' must close its quotes"],
    ["a clause is unknown", "verify:", `'line 1' is no keyword of nsd.conf: "verify"`],
    ["an attribute is unknown", "zone:\nport: 53", `'line 2' is no keyword of a clause 'zone:' of nsd.conf: "port"`],
    ["a value is missing", "zone:\nnotify: a", "'line 2' must give 'notify' 2 values, got 1"],
  ])("fails when %s", (_, text, message) => {
    expect(() => parseNsd(text)).toThrow(message);
  });
});
