import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ManifestPool } from "../../../../lib/model/manifest.js";
import { FakeNode, manifest, service, until } from "../fake-node.js";
import { FakeRuntime, frontendRow, scrape, serverRow } from "./scrape.js";

let node: FakeNode;
let haproxy: FakeRuntime;
let dnsdist: Server;
let page: string;
beforeEach(() => {
  node = new FakeNode();
  haproxy = new FakeRuntime();
  page = "";
  dnsdist = createServer((_, response) => response.end(page));
});
afterEach(() => {
  node.close();
  haproxy.close();
  dnsdist.closeAllConnections();
  dnsdist.close();
});

const pool = (name: string, servers: readonly string[], more: Partial<ManifestPool> = {}): ManifestPool => ({
  name,
  servers: servers.map((each) => ({
    ...{ name: each, address: "192.0.2.1", port: 53 },
    names: {
      haproxy: { [name]: `${name}/${each}` },
      dnsdist: { udp: `${name}/${each}`, tcp: `${name}:tcp/${each}` },
    },
  })),
  ...more,
});

const socket = () => join(node.run, "metrics.sock");

/** A node with fake daemons. */
async function withDaemons(pools: readonly ManifestPool[]): Promise<void> {
  await new Promise<void>((resolve) => dnsdist.listen(0, "127.0.0.1", resolve));
  const web = `127.0.0.1:${(dnsdist.address() as AddressInfo).port}`;
  const settings = {
    haproxy: {
      masterSocket: "{run}/master.sock",
      runtimeSocket: join(node.dir, "haproxy.sock"),
      stateFile: "{run}/haproxy-servers",
      metrics: "{run}/metrics.sock",
    },
    dnsdist: { console: "127.0.0.1:1", key: "{run}/dnsdist.key", client: "{run}/dnsdist-client.conf", web },
  };
  const services = (["haproxy", "dnsdist"] as const).map((name) =>
    service({ name, check: [], settings: settings[name] }),
  );
  const outOfService = [{ name: "b", address: "192.0.2.3" }];
  const bundle = node.bundle(manifest({ services, pools, configuration: 'c"1', outOfService }));
  expect(await node.agent("apply", bundle)).toMatchObject({ status: 0, stderr: "" });
  await haproxy.open(join(node.dir, "haproxy.sock"));
  for (const { name } of services) node.supervise(name);
  await until(() => services.every(({ name }) => node.pid(name) !== undefined));
}

/** The same, and the agent that tells its metrics. */
async function started(pools: readonly ManifestPool[]): Promise<void> {
  await withDaemons(pools);
  const { process, outcome } = node.start("metrics");
  let text = "";
  process.stdout?.on("data", (part) => {
    text += part;
  });
  void outcome;
  started.pid = process.pid ?? 0;
  await until(() => text.includes("telling metrics"));
}
started.pid = 0;
afterEach(() => {
  if (started.pid !== 0) process.kill(started.pid, "SIGTERM");
  started.pid = 0;
});

test("tells what the daemons and the node know, by the names that pools and servers were given", async () => {
  haproxy.rows = [
    frontendRow("internal-dns", { scur: 3, slim: 100, dreq: 1, dcon: 2, dses: 4 }),
    frontendRow("health:node", { scur: 1, slim: 10 }),
    serverRow("main/s1", "UP 1/3", { chkdown: 2, check_duration: 12 }),
    serverRow("main/s2", "DOWN", { check_status: "* L7RSP" }),
  ];
  const faulty = [
    { id: "main:tcp/s1" },
    { id: "main/s2", fault: "does not answer" },
    { id: "main:tcp/s2", fault: "answers NXDOMAIN" },
  ];
  node.program("dnsdist", `#!/bin/sh\necho '${faulty.map((each) => JSON.stringify(each)).join("\n")}'\n`);
  page = [
    'dnsdist_server_status{server="main/s1",address="192.0.2.1:53"} 1',
    'dnsdist_server_status{server="main/s2",address="192.0.2.1:53"} 0',
    'dnsdist_server_status{server="main:tcp/s1",address="192.0.2.1:53"} 0',
    'dnsdist_server_status{server="main:tcp/s2",address="192.0.2.1:53"} 0',
    'dnsdist_server_latency{server="main/s1",address="192.0.2.1:53"} 1.5',
    'dnsdist_rule_hits{id="internal: queries beyond 100/s, UDP"} 20',
    'dnsdist_rule_hits{id="internal: queries beyond 100/s, TCP"} 3',
    'dnsdist_rule_hits{id="internal: outsiders"} 4',
    'dnsdist_rule_hits{id="internal: UDP to main"} 400',
    'dnsdist_pool_cache_size{pool="main"} 1000',
    'dnsdist_pool_cache_entries{pool="main"} 10',
    'dnsdist_pool_cache_hits{pool="main"} 5',
    'dnsdist_pool_cache_misses{pool="main"} 6',
    'dnsdist_pool_cache_size{pool="main:tcp"} 1000',
    "",
  ].join("\n");
  await started([pool("main", ["s1", "s2"], { fallback: { pool: "other", below: 1 } })]);
  const { status, lines } = await scrape(socket());
  expect(status).toBe("HTTP/1.1 200 OK");
  const values = lines.filter((line) => !line.startsWith("#") && !/seconds|release_info/.test(line));
  expect(values).toMatchInlineSnapshot(`
    [
      "dnslb_service_up{service="haproxy"} 1",
      "dnslb_service_up{service="dnsdist"} 1",
      "dnslb_restart_due{service="haproxy"} 0",
      "dnslb_restart_due{service="dnsdist"} 0",
      "dnslb_change_last_success{kind="apply"} 1",
      "dnslb_change_under_way 0",
      "dnslb_change_cut_short 0",
      "dnslb_node_drained{by="operator"} 0",
      "dnslb_node_drained{by="change"} 0",
      "dnslb_node_out_of_service{name="b"} 1",
      "dnslb_pool_servers{pool="main"} 2",
      "dnslb_pool_servers_up{pool="main",judge="haproxy",transport="tcp"} 1",
      "dnslb_pool_servers_up{pool="main",judge="dnsdist",transport="udp"} 1",
      "dnslb_pool_servers_up{pool="main",judge="dnsdist",transport="tcp"} 0",
      "dnslb_pool_fallback_active{pool="main",judge="dnsdist",transport="udp"} 0",
      "dnslb_pool_fallback_active{pool="main",judge="dnsdist",transport="tcp"} 1",
      "dnslb_server_up{pool="main",server="s1",judge="haproxy",transport="tcp"} 1",
      "dnslb_server_up{pool="main",server="s2",judge="haproxy",transport="tcp"} 0",
      "dnslb_server_up{pool="main",server="s1",judge="dnsdist",transport="udp"} 1",
      "dnslb_server_up{pool="main",server="s2",judge="dnsdist",transport="udp"} 0",
      "dnslb_server_up{pool="main",server="s1",judge="dnsdist",transport="tcp"} 0",
      "dnslb_server_up{pool="main",server="s2",judge="dnsdist",transport="tcp"} 0",
      "dnslb_server_fault{pool="main",server="s2",judge="haproxy",transport="tcp",reason="answer"} 1",
      "dnslb_server_fault{pool="main",server="s2",judge="dnsdist",transport="udp",reason="silence"} 1",
      "dnslb_server_fault{pool="main",server="s1",judge="dnsdist",transport="tcp",reason="other"} 1",
      "dnslb_server_fault{pool="main",server="s2",judge="dnsdist",transport="tcp",reason="answer"} 1",
      "dnslb_server_went_down_total{pool="main",server="s1",judge="haproxy",transport="tcp"} 2",
      "dnslb_server_went_down_total{pool="main",server="s2",judge="haproxy",transport="tcp"} 0",
      "dnslb_server_went_down_total{pool="main",server="s1",judge="dnsdist",transport="udp"} 0",
      "dnslb_server_went_down_total{pool="main",server="s2",judge="dnsdist",transport="udp"} 0",
      "dnslb_server_went_down_total{pool="main",server="s1",judge="dnsdist",transport="tcp"} 0",
      "dnslb_server_went_down_total{pool="main",server="s2",judge="dnsdist",transport="tcp"} 0",
      "dnslb_limit_hits_total{listener="internal-dns",limit="connections"} 7",
      "dnslb_limit_hits_total{listener="internal",limit="queries"} 23",
      "dnslb_limit_hits_total{listener="internal",limit="outsiders"} 4",
      "dnslb_listener_connections{listener="internal-dns"} 3",
      "dnslb_listener_connections_limit{listener="internal-dns"} 100",
      "dnslb_connections 7",
      "dnslb_connections_limit 900",
      "dnslb_cache_entries{pool="main"} 10",
      "dnslb_cache_entries_limit{pool="main"} 1000",
      "dnslb_cache_hits_total{pool="main"} 5",
      "dnslb_cache_misses_total{pool="main"} 6",
      "dnslb_source_up{source="node"} 1",
      "dnslb_source_up{source="packages"} 1",
      "dnslb_source_up{source="changes"} 1",
      "dnslb_source_up{source="certificates"} 1",
      "dnslb_source_up{source="watch"} 1",
      "dnslb_source_up{source="addresses"} 1",
      "dnslb_source_up{source="haproxy"} 1",
      "dnslb_source_up{source="dnsdist"} 1",
      "",
    ]
  `);
  expect(lines.find((line) => line.startsWith("dnslb_release_info"))).toBe(
    `dnslb_release_info{load_balancer="lb",node="a",release="${node.current()}",configuration="c\\"1"} 1`,
  );
  expect(lines).toContain(
    'dnslb_server_check_duration_seconds{pool="main",server="s1",judge="haproxy",transport="tcp"} 0.012',
  );
  expect(lines).toContain(
    'dnslb_server_latency_seconds{pool="main",server="s1",judge="dnsdist",transport="udp"} 0.0015',
  );
  expect(lines.filter((line) => line.startsWith("# TYPE dnslb_server_up "))).toEqual(["# TYPE dnslb_server_up gauge"]);
});

test("answers at once with what is known, and its age, while a daemon says nothing", async () => {
  haproxy.rows = [serverRow("main/s1", "UP")];
  await started([pool("main", ["s1"])]);
  expect((await scrape(socket())).lines).toContain('dnslb_source_up{source="haproxy"} 1');
  haproxy.silent = true;
  const begun = Date.now();
  const pages = await Promise.all(Array.from({ length: 40 }, () => scrape(socket())));
  expect(Date.now() - begun).toBeLessThan(4_000);
  for (const { status, lines } of pages) {
    expect(status).toBe("HTTP/1.1 200 OK");
    expect(lines.filter((line) => line.startsWith("dnslb_collection_age_seconds "))).toHaveLength(1);
  }
  const answers = async () => (await scrape(socket())).lines.includes('dnslb_source_up{source="haproxy"} 0');
  for (const end = Date.now() + 20_000; Date.now() < end && !(await answers()); ) await pause(200);
  expect(await answers()).toBe(true);
});

test("counts how often a server went down, where the daemon does not", async () => {
  page = 'dnsdist_server_status{server="main/s1",address="a"} 1\n';
  await started([pool("main", ["s1"])]);
  const labels = '{pool="main",server="s1",judge="dnsdist",transport="udp"}';
  expect((await scrape(socket())).lines).toContain(`dnslb_server_went_down_total${labels} 0`);
  page = 'dnsdist_server_status{server="main/s1",address="a"} 0\n';
  const told = async () => (await scrape(socket())).lines.includes(`dnslb_server_went_down_total${labels} 1`);
  for (const end = Date.now() + 12_000; Date.now() < end && !(await told()); ) await pause(200);
  expect(await told()).toBe(true);
});

test("counts no server as gone down that is drained, or that a new process has yet to find up", async () => {
  const status = (...ups: readonly number[]) =>
    ups.map((up, index) => `dnsdist_server_status{server="main/s${index + 1}",address="a"} ${up}\n`).join("");
  page = status(1, 1);
  await started([pool("main", ["s1", "s2"])]);
  const labels = (server: string) => `{pool="main",server="${server}",judge="dnsdist",transport="udp"}`;
  const is = async (...values: readonly string[]) => {
    const told = async () => {
      const { lines } = await scrape(socket());
      return values.every((value) => lines.includes(value));
    };
    for (const end = Date.now() + 12_000; Date.now() < end && !(await told()); ) await pause(200);
    expect(await told()).toBe(true);
  };
  const downs = (server: string, count: number) => `dnslb_server_went_down_total${labels(server)} ${count}`;
  const up = (server: string, value: number) => `dnslb_server_up${labels(server)} ${value}`;
  await is(up("s1", 1), up("s2", 1));
  writeFileSync(join(node.state, "drained"), "main/s1\n");
  page = status(0, 1);
  await is(up("s1", 0), downs("s1", 0), downs("s2", 0));
  page = status(1, 1);
  await is(up("s1", 1));
  process.kill(node.pid("dnsdist") ?? 0);
  page = status(1, 0);
  await is(up("s2", 0), downs("s2", 0));
  page = status(1, 1);
  await is(up("s2", 1));
  page = status(1, 0);
  await is(up("s2", 0), downs("s2", 1));
}, 60_000);

test("tells how the last change of each kind ended", async () => {
  await started([]);
  expect((await scrape(socket())).lines).toContain('dnslb_change_last_success{kind="apply"} 1');
  const refused = node.bundle(manifest({ services: [service({ check: ["false"] })] }));
  expect(await node.agent("apply", refused)).toMatchObject({ status: 1 });
  const told = async () => (await scrape(socket())).lines.includes('dnslb_change_last_success{kind="apply"} 0');
  for (const end = Date.now() + 12_000; Date.now() < end && !(await told()); ) await pause(200);
  expect(await told()).toBe(true);
});

test("refuses what is no request for metrics, and gives up on who says nothing", async () => {
  await started([]);
  expect((await scrape(socket(), "POST / HTTP/1.1\r\n\r\n")).status).toBe("HTTP/1.1 405 Method Not Allowed");
  expect((await scrape(socket(), "x".repeat(20_000))).status).toBe("");
  const head = await scrape(socket(), "HEAD / HTTP/1.1\r\n\r\n");
  expect(head).toMatchObject({ status: "HTTP/1.1 200 OK", lines: [""] });
  const begun = Date.now();
  // More than are served at once: others come after them.
  const silent = Array.from({ length: 30 }, () => connect(socket()).on("error", () => {}));
  await pause(100);
  expect((await scrape(socket())).status).toBe("HTTP/1.1 200 OK");
  expect(Date.now() - begun).toBeGreaterThan(4_000);
  for (const each of silent) each.destroy();
});

test.runIf(process.getuid?.() === 0)("gives them out by a process without rights", async () => {
  await started([]);
  // What collects starts others, which end soon.
  await until(() => childrenOf(started.pid).length === 1);
  const [exposer] = childrenOf(started.pid);
  const status = () => readFileSync(`/proc/${exposer}/status`, "utf8");
  await until(() => status().includes("Uid:\t65534"));
  expect(status()).toContain("Uid:\t65534\t65534\t65534\t65534");
  expect(status()).toContain("Gid:\t65534\t65534\t65534\t65534");
  for (const set of ["CapInh", "CapPrm", "CapEff"]) expect(status()).toContain(`${set}:\t0000000000000000`);
  expect(status()).toContain("NoNewPrivs:\t1");
  expect(status()).toMatch(/^Groups:\s*$/m);
});

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter((each) => each !== "")
    .map(Number);

test("are told beside the agent that takes releases, again after a crash, and end with it", async () => {
  await withDaemons([]);
  const { process: agent, outcome } = node.start("serve", join(node.dir, "inbox", "socket"));
  const pid = agent.pid ?? 0;
  await until(() => existsSync(socket()));
  expect((await scrape(socket())).status).toBe("HTTP/1.1 200 OK");
  const [collector = 0] = childrenOf(pid);
  const [exposer = 0] = childrenOf(collector);
  process.kill(exposer, "SIGKILL");
  await until(() => childrenOf(pid).some((each) => each !== collector && childrenOf(each).length === 1), 20_000);
  await until(() => existsSync(socket()));
  expect((await scrape(socket())).status).toBe("HTTP/1.1 200 OK");
  const left = childrenOf(pid).flatMap((each) => [each, ...childrenOf(each)]);
  process.kill(pid, "SIGKILL");
  await outcome;
  await until(() => left.every((each) => !existsSync(`/proc/${each}`)));
}, 40_000);

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
