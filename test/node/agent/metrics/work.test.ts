import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { AGENT, manifest, service } from "../fake-node.js";
import { frontendRow, haproxyTable, serverRow } from "./scrape.js";

/*
 * What it costs to tell the metrics of many servers, in calls of functions: these are the same on every machine. A call takes
 * a tenth of a microsecond to a microsecond, so that 20 ms of a processor are more than 20,000 of them.
 */

const PROGRAM = `
import json, sys
from dnslb_agent.daemons import dnsdist, haproxy
from dnslb_agent.decode import decode
from dnslb_agent.manifest import Manifest
from dnslb_agent.metrics import collector
from dnslb_agent.metrics.samples import Samples
from dnslb_agent.node import Node
given = json.load(sys.stdin)
live = decode(given["manifest"], Manifest, "manifest.json")
made = collector.Collector(Node("/nowhere", "/nowhere"))
made._places = collector._places(live)
def collect():
    samples, seen = Samples(), {}
    made._add_servers(samples, live.services[0], haproxy.measures(given["table"], given["info"]), seen, set())
    made._add_servers(samples, live.services[1], dnsdist.measures(given["page"]), seen, set())
    made._up |= seen
    return samples.text()
collect()
calls = 0
def count(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")
sys.setprofile(count)
text = collect()
sys.setprofile(None)
print(json.dumps({"calls": calls, "lines": text.count("\\n"), "bytes": len(text)}))
`;

function cost(count: number): {
  readonly calls: number;
  readonly lines: number;
  readonly bytes: number;
  readonly ms: number;
} {
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  const services = [service({ name: "haproxy" }), service({ name: "dnsdist" })];
  const servers = names.map((name) => ({
    ...{ name, address: "192.0.2.1", port: 53 },
    names: { haproxy: { main: `main/${name}` }, dnsdist: { udp: `main/${name}`, tcp: `main:tcp/${name}` } },
  }));
  const table = haproxyTable([
    frontendRow("dns", { scur: 1, slim: 10 }),
    ...names.map((name) => serverRow(`main/${name}`, "UP", { check_duration: 3 })),
  ]);
  const page = names
    .flatMap((name) => [`main/${name}`, `main:tcp/${name}`])
    .flatMap((name) => {
      const labels = `{server="${name}",address="192.0.2.1:53"}`;
      // As many lines as dnsdist has for a server, most of which are of no use here.
      const others = Array.from({ length: 24 }, (_, index) => `dnsdist_server_other${index}${labels} 0`);
      return [`dnsdist_server_status${labels} 1`, `dnsdist_server_latency${labels} 1.25`, ...others];
    })
    .join("\n");
  const input = JSON.stringify({
    ...{ manifest: manifest({ services, pools: [{ name: "main", servers }] }), table, page },
    info: "CurrConns: 1\nMaxconn: 10\n",
  });
  const options = { cwd: dirname(AGENT), encoding: "utf8", input, maxBuffer: 1e9 } as const;
  return JSON.parse(execFileSync("/usr/bin/python3", ["-B", "-c", PROGRAM], options)) as ReturnType<typeof cost>;
}

test("the metrics of 1,000 servers cost work in proportion to them, and less than 20 ms", () => {
  const [few, many] = [cost(100), cost(1_000)];
  // Up, how often down, and how long a probe or an answer takes, of three records of each server.
  expect(many.lines).toBeGreaterThan(9_000);
  expect(many.calls).toBeLessThan(32 * 1_000);
  expect(many.calls).toBeLessThan(10.5 * few.calls);
});
