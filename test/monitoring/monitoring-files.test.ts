import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { Certificate } from "../../lib/dns/certificate.js";
import type { ILoadBalancer } from "../../lib/dns/load-balancer.js";
import { Secret } from "../../lib/dns/secret.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { MonitoringFiles, type MonitoringFilesProps } from "../../lib/monitoring/monitoring-files.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, newStack, problemsAtSynthesis, refusal, resolverPool, scratch } from "../constructs.js";

const allowFrom = ["10.0.0.0/8"];
const statistics = { user: "ops", password: Secret.fromNodeFile("/etc/dns-lb/password") };

function pair(stack: TerraformStack, id = "Dns"): HaPair {
  const made = new HaPair(stack, id, {
    nodes: [new FakeNode(stack, `${id}Lb1`, ["10.0.0.2", "fd53::2"]), new FakeNode(stack, `${id}Lb2`, ["fd53::3"])],
    virtualAddresses: [{ address: "fd53::53" }],
    virtualRouterId: 53,
    statistics,
  });
  made.addDnsFrontend("Internal", { pool: resolverPool(stack, `${id}Pool`), allowFrom });
  return made;
}

function single(stack: TerraformStack, more: object = { statistics }): StandaloneLoadBalancer {
  const node = new FakeNode(stack, "Lb3", ["10.0.0.4"], "10.0.1.0/24");
  const made = new StandaloneLoadBalancer(stack, "Office", { node, ...more });
  made.addDnsFrontend("OfficeInternal", { pool: resolverPool(stack, "OfficePool"), allowFrom });
  return made;
}

/** What the files are after a synthesis, by their path below the folder. */
function written(make: (stack: TerraformStack, pair: HaPair) => Partial<MonitoringFilesProps>, folder = "monitoring") {
  const outdir = mkdtempSync(join(scratch, "monitoring-"));
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "dns");
  const loadBalancer = pair(stack);
  new MonitoringFiles(stack, "Monitoring", { loadBalancers: [loadBalancer], ...make(stack, loadBalancer) });
  app.synth();
  const there = join(outdir, "stacks", "dns", folder);
  const names = readdirSync(there, { recursive: true, encoding: "utf8" }).filter((name) => /\.\w+$/.test(name));
  const files = new Map(names.sort().map((name) => [name, readFileSync(join(there, name), "utf8")]));
  return { stack, loadBalancer, files };
}

describe("the files for Prometheus and Grafana", () => {
  const { stack, files } = written(() => ({}));

  test("are written at synthesis, rules and dashboards as they lie compiled", () => {
    expect([...files.keys()]).toEqual([
      "alerts.yaml",
      "dashboards/capacity.json",
      "dashboards/dot.json",
      "dashboards/node.json",
      "dashboards/overview.json",
      "dashboards/pool.json",
      "prometheus.yml",
      "rules.yaml",
      "scrape.yml",
    ]);
    const compiled = join(__dirname, "../../monitoring/compiled");
    for (const [name, text] of files) {
      if (!name.endsWith(".yml")) expect(text, name).toBe(readFileSync(join(compiled, name), "utf8"));
    }
  });

  test("tell Prometheus of each page of each node", async () => {
    await expect(files.get("prometheus.yml")).toMatchFileSnapshot("golden/prometheus.yml");
    const { scrape_configs } = parse(files.get("prometheus.yml") ?? "");
    expect(parse(files.get("scrape.yml") ?? "")).toEqual({ scrape_configs });
  });

  test("name load balancers and nodes as these name themselves", () => {
    const manifests = nodesOf(stack).map(({ spec }) => [spec.manifest.workload, spec.manifest.node]);
    const { scrape_configs } = parse(files.get("scrape.yml") ?? "");
    for (const { static_configs } of scrape_configs) {
      expect(
        static_configs.map(({ labels }: { labels: Record<string, string> }) => [
          labels["load_balancer"],
          labels["node"],
        ]),
      ).toEqual(manifests);
    }
  });

  test("are the same the second time", () => {
    expect([...written(() => ({})).files]).toEqual([...files]);
  });
});

test("statistics over TLS are read over TLS, with the authorities that are given", () => {
  const { files } = written(
    (stack) => ({
      ...{
        directory: "for/prometheus_1",
        scrapeInterval: "5s",
        passwordFile: "/etc/a 'b'\"c\\d",
        caFile: "/etc/ca.pem",
      },
      loadBalancers: [
        single(stack, { statistics: { ...statistics, certificate: Certificate.fromNodeFile("/etc/s.pem") } }),
      ],
    }),
    "for/prometheus_1",
  );
  const { scrape_configs } = parse(files.get("scrape.yml") ?? "");
  expect(scrape_configs).toHaveLength(3);
  expect(scrape_configs[0]).toEqual({
    job_name: "dns-lb/office",
    scrape_interval: "5s",
    scrape_timeout: "5s",
    metrics_path: "/metrics/agent",
    scheme: "https",
    honor_labels: true,
    basic_auth: { username: "ops", password_file: "/etc/a 'b'\"c\\d" },
    tls_config: { ca_file: "/etc/ca.pem" },
    static_configs: [{ targets: ["10.0.0.4:8404"], labels: { job: "dns-lb", load_balancer: "office", node: "lb3" } }],
  });
});

test("the order of load balancers does not matter", () => {
  const both = (order: (list: ILoadBalancer[]) => ILoadBalancer[]) =>
    written((stack, other) => ({ loadBalancers: order([single(stack), other]) })).files.get("scrape.yml");
  expect(both((list) => list)).toBe(both((list) => list.reverse()));
});

describe("fails when", () => {
  const make = (props: (stack: TerraformStack) => object) => {
    const stack = newStack();
    return refusal(() => new MonitoringFiles(stack, "Monitoring", props(stack) as MonitoringFilesProps));
  };

  test("there is no load balancer", () => {
    expect(make(() => ({ loadBalancers: [] }))).toMatchInlineSnapshot(
      `"[prod/Monitoring] 'loadBalancers' must hold at least one load balancer, got an empty list [DNSLB111]"`,
    );
    expect(make(() => ({}))).toMatchInlineSnapshot(
      `"[prod/Monitoring] 'loadBalancers' is required: a list [DNSLB102]"`,
    );
  });

  test("a load balancer has no statistics", () => {
    expect(make((stack) => ({ loadBalancers: [pair(stack), single(stack, {})] }))).toMatchInlineSnapshot(
      `"[prod/Monitoring] 'loadBalancers[1]' must have 'statistics', from which Prometheus reads its metrics, got prod/Office, which has none; give it 'statistics: { user, password }' [DNSLB190]"`,
    );
  });

  test("two load balancers have one name", () => {
    expect(
      make((stack) => ({ loadBalancers: [pair(stack), pair(newStack("other", stack.node.root as App))] })),
    ).toMatchInlineSnapshot(
      `"[prod/Monitoring] 'loadBalancers[1]' must be unique, got other/Dns, whose name "dns" is that of loadBalancers[0] too: alerts could not tell them apart; name one of the constructs otherwise [DNSLB112]"`,
    );
  });

  test("values could break out of their place, or mean nothing", () => {
    expect(
      make((stack) => ({
        loadBalancers: [pair(stack)],
        directory: "../etc",
        passwordFile: "password",
        caFile: "/etc/a\nb",
        scrapeInterval: "500ms",
        password: "secret",
      })),
    ).toMatchInlineSnapshot(`
      "[prod/Monitoring] 'caFile' must be the absolute path of a file where Prometheus runs, in printable ASCII, got "/etc/a\\nb" [DNSLB109]
      [prod/Monitoring] 'directory' must be a folder below that of the stack, such as "monitoring": letters, digits, - and _, with / between, and not in "dns-lb", which each synthesis empties, got "../etc" [DNSLB109]
      [prod/Monitoring] 'password' is no property of MonitoringFiles, did you mean 'passwordFile'? [DNSLB101]
      [prod/Monitoring] 'passwordFile' must be the absolute path of a file where Prometheus runs, in printable ASCII, got "password" [DNSLB109]
      [prod/Monitoring] 'scrapeInterval' must be a duration of whole seconds between "1s" and "2m", got "500ms" [DNSLB107]"
    `);
  });

  test("two write into one folder of a stack", () => {
    const stack = newStack();
    const loadBalancers = [pair(stack)];
    new MonitoringFiles(stack, "One", { loadBalancers });
    new MonitoringFiles(stack, "Two", { loadBalancers });
    new MonitoringFiles(stack, "Three", { loadBalancers, directory: "other" });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Two] 'directory' must be unique among the monitoring files of a stack, got "monitoring", the folder of prod/One too; give one of them another 'directory', or list all load balancers in one [DNSLB112]"`,
    );
  });
});

test.each(["dns-lb", "DNS-LB/monitoring"])("fails when the directory is that of reviews: %s", (directory) => {
  const stack = newStack();
  const loadBalancers = [pair(stack)];
  expect(refusal(() => new MonitoringFiles(stack, "Monitoring", { loadBalancers, directory }))).toContain(
    `and not in "dns-lb", which each synthesis empties, got "${directory}" [DNSLB109]`,
  );
});
