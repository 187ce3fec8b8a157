import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Host } from "../../../lib/testing/lab/host.js";
import type { Network } from "../../../lib/testing/lab/network.js";
import { LabServer } from "../../../lib/testing/lab/server.js";
import type { StandIn } from "../../../lib/testing/lab/stand-in.js";
import { scratch } from "../../constructs.js";

const STAND_IN: StandIn = {
  ...({ name: "one", plays: ["pool/one"], address: "192.0.2.1", program: "unbound" } as const),
  ...{ ports: [{ port: 53, proxy: false }], zones: {}, localData: [], probes: [], transfersTo: [] },
};

/** A server whose daemon says that it started, and ends soon. */
function server({ log = true } = {}): LabServer {
  const directory = mkdtempSync(join(scratch, "server-"));
  const logging = log ? { queryLog: join(directory, "queries") } : {};
  const paths = { directory, program: "unbound", certificates: new Map(), ...logging };
  const host = { insideRoot: () => ["sh", "-c", "echo start of service; sleep 0.2"] } as unknown as Host;
  return new LabServer(STAND_IN, paths, host, {} as Network, true);
}

const startsOf = (made: LabServer) => made.logs().match(/start of service/g)?.length;

test("a server that ends is started again, but not after its lab", async () => {
  const [kept, closed] = [server(), server()];
  await Promise.all([kept.start(), closed.start()]);
  closed.close();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(startsOf(kept)).toBeGreaterThan(1);
  expect(startsOf(closed)).toBe(1);
  kept.close();
});

test("fails when the queries of a server are asked for that logs none", async () => {
  const silent = server({ log: false });
  await silent.start();
  await expect(silent.queries()).rejects.toThrow('server "one" logs no queries: the lab has queryLog: false');
  silent.clearQueries();
  silent.close();
});
