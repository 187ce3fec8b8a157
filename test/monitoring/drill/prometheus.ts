import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { scrapeConfigs } from "../../../lib/monitoring/scrape.js";
import { printYaml, type Yaml } from "../../../lib/monitoring/yaml.js";
import type { Lab } from "../../../lib/testing/index.js";
import { command } from "../../../lib/testing/lab/command.js";
import { labDirectory, namespaceName } from "../../../lib/testing/lab/names.js";
import { LabProcess } from "../../../lib/testing/lab/process.js";
import { waitFor } from "../../../lib/testing/lab/wait.js";
import { ALERTS } from "../mixin.js";
import { mixinSource, TIMES } from "./settings.js";

const MIXIN = join(__dirname, "../../../monitoring");
const PORTS = { prometheus: 9_090, alertmanager: 9_093 } as const;

/** An alert as Prometheus has it now. */
export interface LiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
  readonly activeAt: string;
}

interface Answer<T> {
  readonly status: string;
  readonly data: T;
}

/** What Prometheus looks at, and from where. */
export interface Outlook {
  readonly model: LoadBalancer;
  /** Of its host, from which it reaches the nodes. */
  readonly address: string;
  /** That of the statistics. */
  readonly password: string;
}

/** Prometheus and Alertmanager on a host of the lab, with the mixin. */
export class Prometheus {
  readonly #processes: readonly LabProcess[];

  private constructor(
    private readonly namespace: string,
    private readonly folder: string,
  ) {
    const host = { inside: (argv: readonly string[]) => ["ip", "netns", "exec", namespace, ...argv] };
    const plan = (name: string, argv: readonly string[]) =>
      new LabProcess(host, {
        ...{ name, argv, log: join(folder, `${name}.log`) },
        ...{ restarts: () => false, disturbed: async () => {} },
      });
    this.#processes = [
      plan("alertmanager", [
        ...[
          "prometheus-alertmanager",
          `--config.file=${folder}/alertmanager.yml`,
          `--storage.path=${folder}/alertmanager`,
        ],
        ...[`--web.listen-address=127.0.0.1:${PORTS.alertmanager}`, "--cluster.listen-address="],
      ]),
      plan("prometheus", [
        ...["prometheus", `--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/prometheus`],
        ...[`--web.listen-address=127.0.0.1:${PORTS.prometheus}`],
      ]),
    ];
  }

  /** Starts both, once promtool has found no fault with what they are given. */
  static async start(lab: Lab, { model, address, password }: Outlook): Promise<Prometheus> {
    // Its first query makes the host, whatever comes back.
    await lab.client(address).query("www.example.com", "A", { server: model.frontends[0]?.addresses[0] ?? "" });
    const folder = join(labDirectory(lab.name), "prometheus");
    const prometheus = new Prometheus(namespaceName(lab.name, `client-${address}`), folder);
    await prometheus.#configure(model, password);
    for (const each of prometheus.#processes) each.start();
    await waitFor(() => prometheus.#isReady(), { what: "Prometheus has read every page", timeout: 60_000, every: 500 });
    return prometheus;
  }

  /** The alerts that are pending or firing. */
  async alerts(): Promise<readonly LiveAlert[]> {
    const { data } = await this.#get<Answer<{ alerts: readonly LiveAlert[] }>>("prometheus", "/api/v1/alerts");
    return data.alerts;
  }

  /** The names of the alerts that fire. */
  async firing(): Promise<readonly string[]> {
    const names = (await this.alerts()).filter(({ state }) => state === "firing").map(({ labels }) => nameOf(labels));
    return [...new Set(names)].sort();
  }

  /** The names of the alerts that have reached Alertmanager. */
  async delivered(): Promise<readonly string[]> {
    const alerts = await this.#get<readonly { labels: Readonly<Record<string, string>> }[]>(
      "alertmanager",
      "/api/v2/alerts",
    );
    return alerts.map(({ labels }) => nameOf(labels));
  }

  /** How many series a query gives. */
  async count(expr: string): Promise<number> {
    const { data } = await this.#get<Answer<{ result: readonly unknown[] }>>(
      "prometheus",
      `/api/v1/query?query=${encodeURIComponent(expr)}`,
    );
    return data.result.length;
  }

  async stop(): Promise<void> {
    for (const each of this.#processes) await each.stop();
  }

  /** What both have said. */
  logs(): string {
    return this.#processes.map((each) => each.logs()).join("\n");
  }

  async #configure(model: LoadBalancer, password: string): Promise<void> {
    const { folder } = this;
    mkdirSync(folder, { recursive: true });
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, password);
    const waits = new Map(ALERTS.map((alert) => [alert.alert, alert.for]));
    const { stdout } = await command(["jsonnet", "--jpath", MIXIN, "--exec", mixinSource(waits)]);
    const [alerts, rules] = JSON.parse(stdout) as readonly [unknown, unknown];
    // Prometheus reads JSON as YAML.
    writeFileSync(join(folder, "alerts.yaml"), JSON.stringify(alerts));
    writeFileSync(join(folder, "rules.yaml"), JSON.stringify(rules));
    writeFileSync(join(folder, "prometheus.yml"), printYaml(this.#prometheusConfig(model, passwordFile)));
    const receiver = { name: "nobody" };
    writeFileSync(
      join(folder, "alertmanager.yml"),
      printYaml({ route: { receiver: receiver.name, group_wait: "1s" }, receivers: [receiver] }),
    );
    await command(["promtool", "check", "config", join(folder, "prometheus.yml")]);
    await command(["amtool", "check-config", join(folder, "alertmanager.yml")]);
  }

  #prometheusConfig(model: LoadBalancer, passwordFile: string): { readonly [key: string]: Yaml } {
    if (model.statistics === undefined) throw new RangeError("the load balancer has no statistics");
    return {
      global: { evaluation_interval: TIMES.evaluation },
      rule_files: ["alerts.yaml", "rules.yaml"],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${PORTS.alertmanager}`] }] }] },
      scrape_configs: scrapeConfigs(model, model.statistics, { interval: TIMES.scrape, passwordFile }),
    };
  }

  /** Every page of every node has been read, and nothing is wrong. */
  async #isReady(): Promise<boolean> {
    try {
      const { data } = await this.#get<Answer<{ activeTargets: readonly { health: string }[] }>>(
        "prometheus",
        "/api/v1/targets",
      );
      const isAll = data.activeTargets.length > 0 && data.activeTargets.every(({ health }) => health === "up");
      await this.delivered();
      return isAll && (await this.count("dnslb_release_info")) > 0 && (await this.alerts()).length === 0;
    } catch {
      return false;
    }
  }

  async #get<T>(daemon: keyof typeof PORTS, path: string): Promise<T> {
    const url = `http://127.0.0.1:${PORTS[daemon]}${path}`;
    const { stdout } = await command(["ip", "netns", "exec", this.namespace, "curl", "-sS", "--max-time", "5", url]);
    return JSON.parse(stdout) as T;
  }
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  return labels["alertname"] ?? "";
}
