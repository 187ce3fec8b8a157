import { describe, expect, test } from "vitest";
import { haproxyConnectionLog } from "../../../lib/node/compile/connection-log.js";
import { frontend } from "../../lab/models.js";
import { PROFILE as profile } from "./models.js";

const local = { format: "text", target: { kind: "local" } } as const;

describe("haproxyConnectionLog()", () => {
  test("is nothing unless it is asked for", () => {
    expect(haproxyConnectionLog(undefined, frontend(), profile)).toEqual([]);
    expect(haproxyConnectionLog(local, frontend({ logConnections: false }), profile)).toEqual([]);
  });

  test("goes where the node's daemons log", () => {
    const logs = (["stdout", "syslog"] as const).map((log) => {
      const [first] = haproxyConnectionLog(local, frontend(), { ...profile, log });
      return first?.join(" ");
    });
    expect(logs).toEqual(["log stdout format raw daemon info info", "log /dev/log daemon info info"]);
  });

  test("goes to a syslog server by either family", () => {
    const logs = ["192.0.2.9", "2001:db8::9"].map((address) => {
      const target = { kind: "syslog", address, port: 514, facility: "local3" } as const;
      return haproxyConnectionLog({ format: "json", target }, frontend(), profile)[0]?.join(" ");
    });
    expect(logs).toEqual([
      "log udp@192.0.2.9:514 format rfc5424 local3 info info",
      "log udp@[2001:db8::9]:514 format rfc5424 local3 info info",
    ]);
  });

  test("has the same fields in both formats", () => {
    const fields = (["text", "json"] as const).map((format) => {
      const [, line] = haproxyConnectionLog({ ...local, format }, frontend(), profile);
      return [...(line?.[1] ?? "").matchAll(/%[a-zA-Z]+/g)].map(([word]) => word);
    });
    expect(fields[0]).toEqual(fields[1]);
  });
});
