import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import type { Problem } from "../core/errors.js";
import { firstEqual } from "../dns/duplicates.js";
import { type ILoadBalancer, LOAD_BALANCER } from "../dns/load-balancer.js";
import { REVIEW_FOLDER } from "../review/index.js";
import { brand } from "../terraform/brand.js";
import { construct, wholeSeconds } from "../terraform/fields.js";
import { placeOf } from "../terraform/parent.js";
import { input, parseProps, type Report } from "../terraform/parse.js";
import { type Filled, field, listOf, object, optional, withDefault } from "../terraform/schema.js";
import { problemLine, recordSourceLocation } from "../terraform/source-location.js";
import { writeAtSynthesis } from "../terraform/written-files.js";
import { mixinFiles, RULE_FILES } from "./mixin.js";
import { type ScrapeSettings, scrapeConfigs } from "./scrape.js";
import { printYaml } from "./yaml.js";

/** Properties of `MonitoringFiles`. */
export interface MonitoringFilesProps {
  /**
   * The load balancers whose nodes Prometheus reads, at least one, each with `statistics` and a name of its own. They may be in
   * other stacks.
   */
  readonly loadBalancers: readonly ILoadBalancer[];
  /**
   * The folder for the files, below the output folder of the stack: letters, digits, `-` and `_`, with `/` between; not in
   * "dns-lb", where synthesis writes what is reviewed.
   * @default "monitoring"
   */
  readonly directory?: string;
  /**
   * The absolute path of the file that holds the password of `statistics`, on the machine of Prometheus. It holds nothing else.
   * @default "/etc/prometheus/dns-lb-password"
   */
  readonly passwordFile?: string;
  /**
   * The absolute path of the file that holds the authorities of the certificates of `statistics`, on the machine of Prometheus.
   * @default - the authorities that the machine trusts
   */
  readonly caFile?: string;
  /**
   * How often Prometheus reads the pages of each node, in whole seconds: between "1s" and "2m", which rates over five minutes need.
   * @default "15s"
   * @see https://prometheus.io/docs/prometheus/2.42/configuration/configuration/#scrape_config
   */
  readonly scrapeInterval?: Duration;
}

/**
 * Writes what Prometheus and Grafana need for load balancers into the output folder of the stack, at synthesis: `prometheus.yml`, a
 * whole configuration that says which pages to read, `scrape.yml` with its jobs alone, for `scrape_config_files` of a Prometheus
 * that has a configuration, `alerts.yaml` and `rules.yaml`, and `dashboards/*.json` for Grafana. No file holds a secret, and
 * none reaches a node.
 */
export class MonitoringFiles extends Construct {
  /** The folder of the files, below the output folder of the stack. */
  readonly directory: string;

  constructor(scope: Construct, id: string, props: MonitoringFilesProps) {
    super(...placeOf("MonitoringFiles", scope, id));
    recordSourceLocation(this);
    brand(this, "MonitoringFiles");
    const { loadBalancers, directory, scrapeInterval, passwordFile, caFile } = parseProps(this, INPUT, props);
    this.directory = directory;
    this.node.addValidation({
      validate: () => this.problems().map((problem) => problemLine(this, problem)),
    });
    const settings: ScrapeSettings = {
      interval: scrapeInterval,
      passwordFile,
      ...(caFile === undefined ? {} : { caFile }),
    };
    writeAtSynthesis(this, () => {
      const files = { ...prometheusFiles(loadBalancers, settings), ...mixinFiles() };
      return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));
    });
  }

  /** Two of one folder would write over each other's files. */
  private problems(): readonly Problem[] {
    const other = TerraformStack.of(this)
      .node.findAll()
      .find(
        (each) =>
          each instanceof MonitoringFiles && each.directory === this.directory && each.node.path < this.node.path,
      );
    if (other === undefined) return [];
    const message = `must be unique among the monitoring files of a stack, got "${this.directory}", the folder of ${other.node.path} too; give one of them another 'directory', or list all load balancers in one`;
    return [{ code: "DNSLB112", property: "directory", message }];
  }
}

function prometheusFiles(
  loadBalancers: readonly ILoadBalancer[],
  settings: ScrapeSettings,
): Readonly<Record<string, string>> {
  const jobs = loadBalancers
    .map((each) => each[LOAD_BALANCER].model())
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((model) => (model.statistics === undefined ? [] : scrapeConfigs(model, model.statistics, settings)));
  return {
    "prometheus.yml": printYaml({
      global: { evaluation_interval: "15s" },
      rule_files: RULE_FILES,
      scrape_configs: jobs,
    }),
    "scrape.yml": printYaml({ scrape_configs: jobs }),
  };
}

function check({ loadBalancers }: Filled<typeof SCHEMA>, report: Report): void {
  if (loadBalancers.length === 0) {
    report("DNSLB111", ["loadBalancers"], "must hold at least one load balancer, got an empty list");
  }
  const models = loadBalancers.map((each) => each[LOAD_BALANCER].model());
  for (const [index, { statistics }] of models.entries()) {
    if (statistics !== undefined) continue;
    const path = loadBalancers[index]?.node.path;
    const message = `must have 'statistics', from which Prometheus reads its metrics, got ${path}, which has none; give it 'statistics: { user, password }'`;
    report("DNSLB190", ["loadBalancers", index], message);
  }
  const firsts = firstEqual(models.map(({ name }) => name));
  for (const [index, { name }] of models.entries()) {
    const same = firsts[index];
    if (same === undefined) continue;
    const fix = "alerts could not tell them apart; name one of the constructs otherwise";
    report(
      "DNSLB112",
      ["loadBalancers", index],
      `must be unique, got ${loadBalancers[index]?.node.path}, whose name "${name}" is that of loadBalancers[${same}] too: ${fix}`,
    );
  }
}

const pathThere = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: "the absolute path of a file where Prometheus runs, in printable ASCII",
  accepts: (value) => typeof value === "string" && /^\/[!-~]([ -~]*[!-~])?$/.test(value),
});

const SCHEMA = object<MonitoringFilesProps>()({
  loadBalancers: listOf(
    construct<ILoadBalancer>(["LoadBalancer"], "an HaPair, an AnycastGroup or a StandaloneLoadBalancer"),
  ),
  directory: withDefault(
    field<string>({
      code: "DNSLB109",
      type: "string",
      allowed: `a folder below that of the stack, such as "monitoring": letters, digits, - and _, with / between, and not in "${REVIEW_FOLDER}", which each synthesis empties`,
      accepts: (value) =>
        typeof value === "string" &&
        /^[\w-]{1,63}(\/[\w-]{1,63}){0,7}$/.test(value) &&
        value.split("/")[0]?.toLowerCase() !== REVIEW_FOLDER,
    }),
    "monitoring",
  ),
  passwordFile: withDefault(pathThere, "/etc/prometheus/dns-lb-password"),
  caFile: optional(pathThere),
  scrapeInterval: withDefault(wholeSeconds("1s", "2m"), "15s"),
});

const INPUT = input({ name: "MonitoringFiles", schema: SCHEMA, check });
