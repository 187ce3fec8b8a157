import { type LoadBalancer, type LoadBalancerNode, poolsOf } from "../../model/load-balancer.js";
import { type Manifest, type Service, WATCH } from "../../model/node-spec.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import { readyChecks } from "./node-health.js";
import { statisticsComposed } from "./statistics.js";
import { compileWatch } from "./watch.js";

/** What the agent of a load balancer's node follows. */
export function compileManifest(
  loadBalancer: LoadBalancer,
  node: LoadBalancerNode,
  profile: PlatformProfile,
  configuration: string,
): Manifest {
  const { statistics, vrrp } = loadBalancer;
  return {
    schema: 1,
    loadBalancer: loadBalancer.name,
    node: node.name,
    configuration,
    user: profile.user,
    services: [haproxy(profile), dnsdist(profile), ...(vrrp ? [watch(profile), keepalived()] : [])],
    compose: statistics ? statisticsComposed(statistics) : [],
    ready: readyChecks(),
    pools: poolsOf(loadBalancer).map(({ name, servers }) => ({ name, servers: servers.map((server) => server.name) })),
    ...(vrrp ? { watch: compileWatch(loadBalancer, node) } : {}),
  };
}

function haproxy({ user }: PlatformProfile): Service {
  const master = "{run}/haproxy-master.sock";
  return {
    name: "haproxy",
    user,
    // A directory: the agent may have composed credentials beside haproxy.cfg.
    command: ["haproxy", "-W", "-db", "-S", `${master},mode,600`, "-f", "{state}/current/haproxy"],
    check: ["haproxy", "-c", "-f", "{release}/haproxy"],
    reload: { kind: "haproxy-master", socket: master },
  };
}

function dnsdist({ user }: PlatformProfile): Service {
  return {
    name: "dnsdist",
    user,
    command: ["dnsdist", "--supervised", "--disable-syslog", "-C", "{state}/current/dnsdist/dnsdist.conf"],
    check: ["dnsdist", "--check-config", "-C", "{release}/dnsdist/dnsdist.conf"],
    reload: { kind: "dnsdist-console", restartOn: ["dnsdist/dnsdist.conf", "dnsdist/runtime.lua"] },
  };
}

function watch({ paths, user }: PlatformProfile): Service {
  return {
    name: WATCH,
    user,
    command: [`${paths.agent}/dns-lb-agent`, "--state", "{state}", "--run", "{run}", "watch"],
    check: [],
    reload: { kind: "signal", signal: "HUP" },
  };
}

function keepalived(): Service {
  const conf = "keepalived/keepalived.conf";
  return {
    name: "keepalived",
    user: "root",
    command: [
      ...["keepalived", "--dont-fork", "--log-console", "--log-detail", "--vrrp"],
      ...["--pid", "{run}/keepalived-main.pid", "--vrrp_pid", "{run}/keepalived-vrrp.pid"],
      ...["--use-file", `{state}/current/${conf}`],
    ],
    check: ["keepalived", "--config-test", "--use-file", `{release}/${conf}`],
    reload: { kind: "signal", signal: "HUP" },
  };
}
