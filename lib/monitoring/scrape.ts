import { type Duration, toMilliseconds } from "../core/duration.js";
import { hostPort } from "../core/ip.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { Statistics } from "../model/statistics.js";
import type { Yaml } from "./yaml.js";

/** How Prometheus reads the pages of nodes. */
export interface ScrapeSettings {
  readonly interval: Duration;
  /** The file with the password, where Prometheus runs. */
  readonly passwordFile: string;
  /** The file with the authorities of the statistics' certificates, there. @default - those of the machine */
  readonly caFile?: string;
}

/** The pages of a node, and the jobs by which the mixin knows them. */
const PAGES = [
  { job: "dns-lb", path: "/metrics/agent" },
  { job: "dns-lb-haproxy", path: "/metrics" },
  { job: "dns-lb-dnsdist", path: "/metrics/dnsdist" },
] as const;

/** Prometheus wants no timeout beyond the interval. */
const LONGEST = "10s";

/** The jobs for a load balancer. Their names differ between load balancers, as Prometheus wants it; the label `job` does not. */
export function scrapeConfigs(
  { name, nodes }: LoadBalancer,
  { user, port, certificate }: Statistics,
  { interval, passwordFile, caFile }: ScrapeSettings,
): readonly Yaml[] {
  return PAGES.map(({ job, path }) => ({
    job_name: `${job}/${name}`,
    scrape_interval: interval,
    scrape_timeout: toMilliseconds(interval) < toMilliseconds(LONGEST) ? interval : LONGEST,
    metrics_path: path,
    scheme: certificate === undefined ? "http" : "https",
    // A node knows its own name.
    honor_labels: true,
    basic_auth: { username: user, password_file: passwordFile },
    ...(certificate === undefined || caFile === undefined ? {} : { tls_config: { ca_file: caFile } }),
    static_configs: nodes.map((node) => ({
      targets: [hostPort(node.addresses[0] ?? "", port)],
      labels: { job, load_balancer: name, node: node.name },
    })),
  }));
}
