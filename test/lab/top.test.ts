import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab, type LabNode, type Load } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, resolverPool, standalone } from "./models.js";

/* What an operator reads of a node at work by `dns-lb-agent top`, and whether it is the truth. */

const DIRECT = "10.0.0.2";
const INSPECTED = "10.0.0.3";
const INSPECTED6 = "fd00::3";
/** Queries that dnsdist remembers, of which 1.9 uses every other place while queries come one after the other. */
const RING = 10_000;
/** Clients by how many queries they send in a second. */
const RATES = { "10.0.0.71": 320, "fd00::1234:5678:9abc:72": 160, "10.0.0.73": 80 } as const;
const ESCAPE = "\x1b";
const SEQUENCE = new RegExp(`${ESCAPE}\\[[0-9;?]*[a-zA-Z]`, "g");
const CONNECTED = "10.0.0.74";
/** Opens a connection for each query; and asks where it may not. */
const OPENING = "10.0.0.75";
const OUTSIDER = "198.51.100.9";

const OUTSIDERS = 40;

const pool = resolverPool();
const model = standalone({
  nodes: [{ name: "lb1", addresses: [DIRECT, INSPECTED, INSPECTED6], interface: "eth0" }],
  frontends: [
    frontend({
      ...{ name: "direct", addresses: [DIRECT], pool },
      rateLimit: {
        ...{ connections: { events: 100, period: 10_000, text: "100/10s" }, per: { ipv4: 32, ipv6: 64 } },
        ...{ exempt: [], exceeded: "refuse" },
      },
    }),
    frontend({
      ...{ name: "inspected", addresses: [INSPECTED, INSPECTED6], pool, tcpPath: "inspected" },
      allowFrom: ["10.0.0.0/8", "fd00::/8"],
    }),
  ],
});

onBothGenerations(({ name, options }) => {
  const LAB = `t_top_${name}`;
  let lab: Lab;
  let node: LabNode;
  const loads: Load[] = [];

  beforeAll(async () => {
    lab = await Lab.start([model], { name: LAB, ...options });
    node = lab.node("lb1");
  }, 120_000);
  afterAll(async () => {
    await Promise.all(loads.map((load) => load.stop()));
    await lab?.stop();
    expect(leftovers(LAB)).toEqual(NOTHING);
  });

  async function top(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await node.agent("top", ...words);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).not.toMatch(/[^\x20-\x7e\n]/);
    return stdout;
  }

  /** The cells of the line that begins with a text. */
  const cells = (text: string, first: string) =>
    text
      .split("\n")
      .find((line) => line.startsWith(`${first} `))
      ?.split(/\s{2,}/) ?? [];
  /** The cells of the first table. */
  const totals = (text: string) => /^QUERIES\/s .*\n *(.*)$/m.exec(text)?.[1]?.split(/\s{2,}/) ?? [];
  const number = (cell: string | undefined) => Number(cell?.replaceAll(",", ""));
  const isNear = (value: number, wanted: number) => {
    expect(value).toBeGreaterThan(wanted * 0.85);
    expect(value).toBeLessThan(wanted * 1.15);
  };

  test("a node at rest has its own checks alone, and no clients", async () => {
    const text = await top();
    expect(number(totals(text)[0])).toBeLessThan(20);
    expect(number(totals(text)[8])).toBeGreaterThan(0.4);
    expect(text).toContain("queries of the last ");
    for (const client of Object.keys(RATES)) expect(text).not.toContain(client);
    expect(cells(text, "resolvers/resolver1")[1]).toBe("up");
    expect(cells(text, "resolvers/resolver2")[1]).toBe("up");
  });

  test("of clients that ask at known rates, the busiest stands above, and counts are true", async () => {
    for (const [client, rate] of Object.entries(RATES)) {
      const server = client.includes(":") ? INSPECTED6 : INSPECTED;
      loads.push(await lab.client(client).load({ name: "www.example.com", server, rate }));
    }
    const tcp = { transport: "tcp", connections: "persistent", concurrency: 5, rate: 10 } as const;
    loads.push(await lab.client(CONNECTED).load({ name: "www.example.com", server: DIRECT, ...tcp }));
    const opened = { transport: "tcp", connections: "new", rate: 5 } as const;
    loads.push(await lab.client(OPENING).load({ name: "www.example.com", server: DIRECT, ...opened }));
    loads.push(await lab.client(OUTSIDER).load({ name: "www.example.com", server: DIRECT, rate: OUTSIDERS }));
    await new Promise((resolve) => setTimeout(resolve, 22_000));
    const text = await top();
    const sum = Object.values(RATES).reduce((all, each) => all + each, 0);
    // As far back as the ring reaches, which holds the node's own checks, too.
    const [, seconds = "", total = ""] =
      /^queries of the last (\d+) s, without direct TCP: ([\d,]+) of 4 clients$/m.exec(text) ?? [];
    expect(Number(seconds)).toBeGreaterThan((0.4 * RING) / sum);
    expect(Number(seconds)).toBeLessThan((1.1 * RING) / sum);
    isNear(number(total), Number(seconds) * (sum + OUTSIDERS));
    const found = text
      .slice(text.indexOf("\nCLIENT"), text.indexOf("connections over TCP"))
      .trim()
      .split("\n")
      .slice(1);
    expect(found.map((line) => line.split(" ")[0])).toEqual([...Object.keys(RATES), OUTSIDER]);
    for (const [client, rate] of Object.entries(RATES)) {
      const [, queries, share, perSecond] = cells(text, client);
      isNear(number(queries), rate * Number(seconds));
      isNear(Number.parseFloat(share ?? ""), (100 * rate) / (sum + OUTSIDERS));
      isNear(number(perSecond), rate);
    }
    isNear(number(cells(text, "inspected")[1]), sum);
    // Answers with other codes than those with a column: REFUSED, for whom the frontend does not serve.
    isNear(number(totals(text)[4]), OUTSIDERS);
    isNear(number(totals(text)[1]), sum + number(totals(text)[8]));
    isNear(number(cells(text, "direct")[2]), OUTSIDERS);
    expect(number(cells(text, "direct")[3])).toBeGreaterThanOrEqual(5);
    isNear(number(cells(text, "direct")[5]), 5);
    expect(cells(text, CONNECTED)[1]).toBe("5");
    isNear(number(cells(text, OPENING)[2]), 5);
    const [one, two] = ["resolver1", "resolver2"].map((each) => number(cells(text, `resolvers/${each}`)[2]));
    isNear((one ?? 0) + (two ?? 0), sum);
  });

  test("a server that is killed stands above, and its answers are missed", async () => {
    await lab.server("resolver2").stop();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const text = await top();
    const rows = text.split("\n").filter((line) => line.startsWith("resolvers/"));
    expect(rows.map((line) => line.split(/\s{2,}/).slice(0, 2))).toEqual([
      ["resolvers/resolver2", "DOWN"],
      ["resolvers/resolver1", "up"],
    ]);
    expect(Number(rows[0]?.split(/\s{2,}/)[7])).toBeGreaterThanOrEqual(1);
    await lab.server("resolver2").start();
  });

  test.each(["haproxy", "dnsdist"])("a %s that hangs holds nobody, and its part says so", async (hanging) => {
    await node.process(hanging).pause();
    try {
      const begun = performance.now();
      const text = await top("--interval", "1");
      expect(performance.now() - begun).toBeLessThan(5_000);
      expect(text).toContain(`\n${hanging}: does not answer\n`);
      expect(text.match(/does not answer/g)).toHaveLength(1);
    } finally {
      await node.process(hanging).resume();
    }
  });

  test("at a terminal it is drawn anew, and the terminal is given back", async () => {
    const { agent, state, run } = node.nodeSpec.profile.paths;
    const given = {
      ...{ size: [80, 24], env: { TERM: "xterm" }, steps: [{ until: "LISTENER" }, { until: "LISTENER", keys: "q" }] },
      words: [`${agent}/dns-lb-agent`, "--state", state, "--run", run, "top", "--interval", "1"],
    };
    const harness = readFileSync(join(__dirname, "../node/agent/top/terminal.py"), "utf8");
    const { stdout } = await node.exec(["/usr/bin/python3", "-c", harness, JSON.stringify(given)]);
    const ended = JSON.parse(stdout) as {
      readonly output: string;
      readonly status: number;
      readonly restored: boolean;
    };
    expect([ended.status, ended.restored]).toEqual([0, true]);
    expect(ended.output.startsWith(`${ESCAPE}[?1049h`)).toBe(true);
    expect(ended.output.endsWith(`${ESCAPE}[?1049l`)).toBe(true);
    expect(ended.output.match(/\n.*LISTENER/g)).toHaveLength(2);
    for (const line of ended.output.split("\r\n")) expect(line.replaceAll(SEQUENCE, "").length).toBeLessThanOrEqual(80);
  });
});
