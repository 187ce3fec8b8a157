import { join } from "node:path";
import { expect } from "vitest";
import type { HaproxyFile, HaproxySection } from "../../../lib/config/haproxy/model.js";
import { printHaproxy } from "../../../lib/config/haproxy/print.js";
import { haproxyFirstMessage, withLimits } from "../../../lib/node/compile/connections.js";
import { runIsolated, testWith, withFiles } from "./daemon.js";

const CLIENTS = join(__dirname, "connections.py");

const testWithHaproxy = testWith("haproxy", "unshare", "ip", "python3");

function frontend(name: string, port: number): HaproxySection {
  return {
    kind: "frontend",
    name,
    directives: [
      ["bind", `10.0.0.2:${port}`],
      ["default_backend", "servers"],
    ],
  };
}

const first = frontend("first", 53);
const FILE: HaproxyFile = {
  sections: [
    { kind: "global", directives: [["maxconn", "200"]] },
    {
      kind: "defaults",
      directives: [
        ["mode", "tcp"],
        ["timeout", "connect", "1s"],
        ["timeout", "client", "30s"],
        ["timeout", "server", "30s"],
      ],
    },
    { ...first, directives: [...haproxyFirstMessage(), ...first.directives] },
    // A listener may have the name of a pool.
    withLimits(frontend("servers", 54), { share: 16, client: 3 }),
    { kind: "backend", name: "servers", directives: [["server", "one", "127.0.0.1:5300"]] },
  ],
};

testWithHaproxy(
  "HAProxy waits for a first message in time, and limits a client where connections are scarce",
  async () => {
    const { status, output } = await withFiles({ "haproxy.cfg": printHaproxy(FILE) }, (folder) =>
      runIsolated(
        `haproxy -q -db -f ${join(folder, "haproxy.cfg")} & python3 ${CLIENTS}; status=$?; kill $!; exit $status`,
      ),
    );
    expect(status, output).toBe(0);
    const { clients, seen, held } = JSON.parse(output);
    expect(clients).toEqual({
      "a whole message": "answered 29",
      "a message in three parts": "answered 29",
      "a message byte by byte in 3 s": "answered 29",
      "a message, and the end of its client's side": "answered 29",
      "a message of 60 kB": "answered 60000",
      nothing: "closed in time",
      "a part": "closed in time",
      "a message byte by byte in 8 s": "closed in time",
      "a length of zero": "closed at once",
      "nothing, and the end of its client's side": "closed at once",
      "a part, and the end of its client's side": "closed at once",
    });
    // Those who were answered, the first one to find HAProxy listening, and the crowd, which says nothing on a listener
    // without the rule of the first message.
    // Half of the listener is free for one client; beyond, others have 3 each until it leaves.
    expect(held).toEqual([7, 3, 3]);
    expect(seen).toBe(5 + 1 + 7 + 3 + 3);
  },
);
