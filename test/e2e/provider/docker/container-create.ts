import type { ContainerCreateOptions, HostConfig } from "dockerode";
import type { Attributes } from "../sdk/draft.js";
import { parseDuration } from "../sdk/duration.js";
import { Refusal } from "../sdk/resource.js";
import type { Connection } from "./connection.js";
import { mountSettings, volumeSettings } from "./mounts.js";

const MEGABYTE = 1024 * 1024;

/** What the engine is asked for when a `docker_container` is created. */
export function createOptions(config: Attributes, connection: Connection): ContainerCreateOptions {
  // The real provider, at this version, ends in a panic.
  if (config.has("cpus")) throw new Refusal("the provider crashes where 'cpus' is set");
  const unsupported = ["gpus", "devices", "storage_opts"].filter((name) => config.has(name));
  if (unsupported.length > 0) throw new Refusal(`the stand-in has no '${unsupported.join("', '")}'`);
  const command = config.texts("command");
  if (command.includes("")) throw new Refusal("values for command may not be empty");
  const volumes = volumeSettings(config.blocks("volumes"));
  return {
    name: config.text("name"),
    Image: config.text("image"),
    Hostname: config.text("hostname"),
    Domainname: config.text("domainname"),
    User: config.text("user"),
    WorkingDir: config.text("working_dir"),
    Tty: config.flag("tty"),
    OpenStdin: config.flag("stdin_open"),
    ...(config.has("stop_signal") ? { StopSignal: config.text("stop_signal") } : {}),
    ...(config.has("stop_timeout") ? { StopTimeout: config.count("stop_timeout") } : {}),
    Env: config.texts("env"),
    ...(command.length > 0 ? { Cmd: command } : {}),
    ...(config.has("entrypoint") ? { Entrypoint: config.texts("entrypoint") } : {}),
    ExposedPorts: Object.fromEntries(config.blocks("ports").map((port) => [portKey(port), {}])),
    Volumes: volumes.paths,
    Labels: config.labels("labels"),
    ...healthcheck(config.block("healthcheck")),
    HostConfig: { ...hostConfig(config, connection), Binds: volumes.binds, VolumesFrom: volumes.from },
  };
}

function hostConfig(config: Attributes, connection: Connection): HostConfig {
  const capabilities = config.block("capabilities");
  return {
    Privileged: config.flag("privileged"),
    PublishAllPorts: config.flag("publish_all_ports"),
    RestartPolicy: { Name: config.text("restart"), MaximumRetryCount: config.count("max_retry_count") },
    Runtime: config.text("runtime"),
    Mounts: mountSettings(config.blocks("mounts"), connection),
    AutoRemove: config.flag("rm"),
    ReadonlyRootfs: config.flag("read_only"),
    LogConfig: { Type: config.text("log_driver"), Config: config.map("log_opts") },
    Tmpfs: config.map("tmpfs"),
    PortBindings: portBindings(config.blocks("ports")),
    ExtraHosts: config.blocks("host").map((entry) => `${entry.text("host")}:${entry.text("ip")}`),
    Ulimits: config.blocks("ulimit").map((limit) => ({
      Name: limit.text("name"),
      Soft: limit.count("soft"),
      Hard: limit.count("hard"),
    })),
    CapAdd: canonicalCapabilities(capabilities?.texts("add") ?? []),
    CapDrop: canonicalCapabilities(capabilities?.texts("drop") ?? []),
    Dns: config.texts("dns"),
    DnsOptions: config.texts("dns_opts"),
    DnsSearch: config.texts("dns_search"),
    SecurityOpt: config.texts("security_opts"),
    Memory: config.count("memory") * MEGABYTE,
    MemorySwap: swap(config.count("memory_swap")),
    ShmSize: config.count("shm_size") * MEGABYTE,
    CpuPeriod: config.count("cpu_period"),
    CpuQuota: config.count("cpu_quota"),
    CpuShares: config.count("cpu_shares"),
    CpusetCpus: config.text("cpu_set"),
    NetworkMode: config.text("network_mode"),
    UsernsMode: config.text("userns_mode"),
    PidMode: config.text("pid_mode"),
    IpcMode: config.text("ipc_mode"),
    GroupAdd: config.texts("group_add"),
    Sysctls: config.map("sysctls"),
    CgroupParent: config.text("cgroup_parent"),
    ...(config.has("cgroupns_mode") ? { CgroupnsMode: cgroupNamespace(config.text("cgroupns_mode")) } : {}),
    Init: config.flag("init"),
  };
}

/** As the real provider's client sends them: another spelling is read back as another capability, and replaces for ever. */
function canonicalCapabilities(given: readonly string[]): string[] {
  const canonical = given
    .map((each) => each.toUpperCase())
    .map((each) => (each === "ALL" || each.startsWith("CAP_") ? each : `CAP_${each}`));
  return [...new Set(canonical)].sort();
}

/** Swap is given in megabytes, and -1 is no limit. */
export function swap(megabytes: number): number {
  return megabytes > 0 ? megabytes * MEGABYTE : megabytes;
}

function healthcheck(block: Attributes | undefined): Pick<ContainerCreateOptions, "Healthcheck"> {
  if (block === undefined) return {};
  const nanoseconds = (name: string) => parseDuration(block.text(name)) ?? 0;
  const startInterval = nanoseconds("start_interval");
  return {
    Healthcheck: {
      Test: block.texts("test"),
      Interval: nanoseconds("interval"),
      Timeout: nanoseconds("timeout"),
      StartPeriod: nanoseconds("start_period"),
      Retries: block.count("retries"),
      ...(startInterval > 0 ? { StartInterval: startInterval } : {}),
    },
  };
}

function portKey(port: Attributes): string {
  return `${port.count("internal")}/${port.text("protocol")}`;
}

function portBindings(ports: readonly Attributes[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const list = bindings[portKey(port)] ?? [];
    bindings[portKey(port)] = [...list, { HostIp: port.text("ip"), HostPort: String(port.count("external")) }];
  }
  return bindings;
}

function cgroupNamespace(mode: string): string {
  if (mode === "private" || mode === "host") return mode;
  throw new Refusal("cgroupns_mode: invalid CGROUP mode, must be either 'private', 'host' or empty");
}
