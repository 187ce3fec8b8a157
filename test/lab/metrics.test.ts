import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab, type LabNode } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { authoritativePool, frontend, pair, resolverPool, servers } from "./models.js";

const SHARED = "10.0.0.53";
const OTHER = "10.0.0.54";
const STATISTICS = "http://10.0.0.2:8404";
const PASSWORD = "changeme";

const fallback = authoritativePool({
  name: "last",
  role: "resolver",
  zones: [],
  servers: servers("last", "192.168.1.30", 1),
});
const pool = resolverPool({
  servers: servers("resolver", "192.168.1.10", 2),
  fallback,
  cache: { entries: 1_000, maximumTtl: "1h", minimumTtl: "0s", serveStale: false },
});
const model = pair({
  virtualAddresses: [SHARED, OTHER].map((address) => ({ address, interface: "eth0" })),
  frontends: [
    frontend({ addresses: [SHARED], pool }),
    frontend({ name: "inspected", addresses: [OTHER], pool, tcpPath: "inspected", allowFrom: ["10.0.0.77/32"] }),
  ],
  statistics: { addresses: [], port: 8404, user: "ops", password: { kind: "local-file", path: "password" } },
});

onBothGenerations(({ name, options }) => {
  const LAB = `t_metrics_${name}`;
  let lab: Lab;
  let node: LabNode;

  beforeAll(async () => {
    lab = await Lab.start([model], { name: LAB, secrets: { password: PASSWORD }, ...options });
    node = lab.node("lb1");
  }, 120_000);
  afterAll(async () => {
    await lab?.stop();
    expect(leftovers(LAB)).toEqual(NOTHING);
  });

  const get = async (credentials: string) =>
    (
      await node.exec([
        "curl",
        "-s",
        "-w",
        "\n%{http_code}",
        ...(credentials ? ["-u", credentials] : []),
        `${STATISTICS}/metrics/agent`,
      ])
    ).stdout;

  /** The values by their metrics with labels, as Prometheus gets them. */
  async function values(): Promise<Map<string, number>> {
    const lines = (await get(`ops:${PASSWORD}`)).split("\n");
    expect(lines.pop()).toBe("200");
    const samples = lines.filter((line) => line !== "" && !line.startsWith("#"));
    const found = new Map(
      samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
    );
    // None twice, and all that are numbers.
    expect(found.size).toBe(samples.length);
    expect([...found].filter(([, value]) => Number.isNaN(value))).toEqual([]);
    return found;
  }

  /** Waits until metrics have these values. */
  async function become(wanted: Readonly<Record<string, number>>, within = 25_000): Promise<void> {
    const end = Date.now() + within;
    for (;;) {
      const found = await values();
      const seen = Object.fromEntries(Object.keys(wanted).map((key) => [key, found.get(key)]));
      try {
        expect(seen).toEqual(wanted);
        return;
      } catch (difference) {
        if (Date.now() > end) throw difference;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  const server = (each: string, judge: string, transport: string) =>
    `{pool="resolvers",server="${each}",judge="${judge}",transport="${transport}"}`;
  const judged = [
    ["haproxy", "tcp"],
    ["dnsdist", "udp"],
    ["dnsdist", "tcp"],
  ] as const;
  const upBy = (each: string, value: number) =>
    Object.fromEntries(judged.map(([judge, transport]) => [`dnslb_server_up${server(each, judge, transport)}`, value]));
  const fallbackIs = (value: number) =>
    Object.fromEntries(
      ["udp", "tcp"].map((transport) => [
        `dnslb_pool_fallback_active{pool="resolvers",judge="dnsdist",transport="${transport}"}`,
        value,
      ]),
    );

  test("are there for who knows the password alone", async () => {
    expect(await get("")).toMatch(/\n401$/);
    expect(await get("ops:wrong")).toMatch(/\n401$/);
    expect(await get(`ops:${PASSWORD}`)).toMatch(/\n200$/);
  });

  test("tell who leads, and what every part of the node knows", async () => {
    const [leader] = await lab.holders(SHARED);
    const leads = Number(leader === "lb1");
    await become({
      'dnslb_vrrp_state{vrrp_instance="v4",state="master"}': leads,
      'dnslb_vrrp_state{vrrp_instance="v4",state="backup"}': 1 - leads,
      'dnslb_address_here{address="10.0.0.53"}': leads,
      'dnslb_peer_serves{peer="10.0.0.3"}': 1,
      'dnslb_check_failed{check="dnsdist"}': 0,
      'dnslb_change_last_success{kind="apply"}': 1,
      ...Object.fromEntries(
        ["node", "watch", "addresses", "haproxy", "dnsdist"].map((source) => [
          `dnslb_source_up{source="${source}"}`,
          1,
        ]),
      ),
      ...upBy("resolver1", 1),
      ...upBy("resolver2", 1),
      ...fallbackIs(0),
    });
    const found = await values();
    expect(found.get("dnslb_watch_age_seconds")).toBeLessThan(4);
    expect(found.get("dnslb_collection_age_seconds")).toBeLessThan(15);
    expect(found.get('dnslb_vrrp_priority{vrrp_instance="v4"}')).toBe(
      found.get('dnslb_vrrp_full_priority{vrrp_instance="v4"}'),
    );
    expect(found.get('dnslb_listener_connections_limit{listener="internal"}')).toBeGreaterThan(0);
    expect(
      found.get(`dnslb_server_check_duration_seconds${server("resolver1", "haproxy", "tcp")}`),
    ).toBeGreaterThanOrEqual(0);
    expect(found.get("dnslb_connections_limit")).toBeGreaterThan(0);
  });

  test("count what limits refuse, and what caches answer", async () => {
    await node.agent("drain", "--for-now");
    await node.agent("undrain");
    const client = lab.client("10.0.0.77");
    const outsider = lab.client("10.0.0.78");
    for (let index = 0; index < 4; index++) {
      await client.query("whoami.dns-lb.test", "TXT", { server: SHARED });
      await outsider.query("whoami.dns-lb.test", "TXT", { server: OTHER });
    }
    // Of the node that leads.
    const [leader = ""] = await lab.holders(SHARED);
    const before = node;
    node = lab.node(leader);
    const address = leader === "lb1" ? "10.0.0.2" : "10.0.0.3";
    const url = `http://${address}:8404/metrics/agent`;
    const end = Date.now() + 15_000;
    let page = "";
    while (Date.now() < end && !/limit="outsiders"\} [1-9]/.test(page)) {
      page = (await node.exec(["curl", "-s", "-u", `ops:${PASSWORD}`, url])).stdout;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    node = before;
    expect(page).toContain('dnslb_limit_hits_total{listener="inspected",limit="outsiders"} 4');
    const cached = (what: string) =>
      Number(new RegExp(`^dnslb_cache_${what}\\{pool="resolvers"\\} (\\d+)$`, "m").exec(page)?.[1]);
    expect(cached("entries")).toBeGreaterThanOrEqual(1);
    expect(cached("misses_total")).toBeGreaterThanOrEqual(1);
    expect(cached("hits_total")).toBeGreaterThanOrEqual(3);
    expect(page).toContain('dnslb_cache_entries_limit{pool="resolvers"} 1000');
  });

  test("tell of servers that go down, and that the fallback serves", async () => {
    await Promise.all(["resolver1", "resolver2"].map((each) => lab.server(each).stop()));
    await become({ ...upBy("resolver1", 0), ...upBy("resolver2", 0), ...fallbackIs(1) });
    const found = await values();
    for (const [judge, transport] of judged) {
      expect(found.get(`dnslb_server_went_down_total${server("resolver1", judge, transport)}`)).toBeGreaterThanOrEqual(
        1,
      );
      expect(found.get(`dnslb_pool_servers_up{pool="resolvers",judge="${judge}",transport="${transport}"}`)).toBe(0);
    }
    // Those of dnsdist are looked for more seldom.
    const closed = judged.map(([judge, transport]) => {
      const labels = server("resolver1", judge, transport).replace("}", ',reason="connection"}');
      return [`dnslb_server_fault${labels}`, 1];
    });
    await become(Object.fromEntries(closed), 45_000);
  });

  test("answer while a daemon hangs, and say which", async () => {
    await node.process("dnsdist").pause();
    await become({ 'dnslb_source_up{source="dnsdist"}': 0, 'dnslb_check_failed{check="dnsdist"}': 1 });
    await node.process("dnsdist").resume();
    await become({ 'dnslb_source_up{source="dnsdist"}': 1, 'dnslb_check_failed{check="dnsdist"}': 0 });
  });

  test("tell which addresses are here while keepalived hangs", async () => {
    const here = { 'dnslb_address_here{address="10.0.0.53"}': Number(await node.holds(SHARED)) };
    await node.process("keepalived").pause();
    await become({ ...here, 'dnslb_source_up{source="addresses"}': 0 });
    await node.process("keepalived").resume();
    await become({ 'dnslb_source_up{source="addresses"}': 1 });
  });
});
