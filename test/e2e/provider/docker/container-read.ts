import type { ContainerInspectInfo } from "dockerode";
import { toValue, type Value } from "../protocol/value.js";
import type { Draft } from "../sdk/draft.js";
import { formatDuration } from "../sdk/duration.js";
import { mountBlocks } from "./mounts.js";

const MEGABYTE = 1024 * 1024;

/** Takes over what the engine says of a container; what is not here keeps its value in the state. */
export function takeOver(draft: Draft, found: ContainerInspectInfo): void {
  const { Config: config, HostConfig: host } = found;
  if (!found.State.Running) draft.set("exit_code", found.State.ExitCode);
  draft.set("bridge", "");
  draft.set("ports", portBlocks(found.NetworkSettings.Ports));
  draft.set("network_data", networkData(found.NetworkSettings.Networks));
  draft.id = found.Id;
  draft.set("name", found.Name.replace(/^\/+/, ""));
  draft.set("image", draft.text("image").startsWith("sha256:") ? found.Image : config.Image);

  draft.set("hostname", config.Hostname);
  draft.set("domainname", config.Domainname);
  draft.set("command", toValue(config.Cmd));
  draft.set("entrypoint", toValue(config.Entrypoint));
  draft.set("user", config.User);
  draft.set("working_dir", config.WorkingDir);
  draft.set("tty", config.Tty);
  draft.set("stdin_open", config.OpenStdin);
  draft.set("stop_signal", "StopSignal" in config ? toValue(config.StopSignal) : "");
  draft.set("stop_timeout", "StopTimeout" in config ? toValue(config.StopTimeout) : null);

  draft.set("rm", host.AutoRemove ?? false);
  draft.set("read_only", host.ReadonlyRootfs ?? false);
  draft.set("privileged", host.Privileged ?? false);
  draft.set("publish_all_ports", host.PublishAllPorts ?? false);
  draft.set("restart", host.RestartPolicy?.Name ?? "");
  draft.set("max_retry_count", host.RestartPolicy?.MaximumRetryCount ?? 0);
  draft.set("init", host.Init ?? false);
  draft.set("dns", toValue(host.Dns));
  draft.set("dns_opts", toValue(host.DnsOptions));
  draft.set("dns_search", toValue(host.DnsSearch));
  draft.set("security_opts", toValue(host.SecurityOpt));
  draft.set("group_add", toValue(host.GroupAdd));
  draft.set("runtime", host.Runtime ?? "");
  draft.set("tmpfs", toValue(host.Tmpfs));
  draft.set("sysctls", toValue(host.Sysctls));
  draft.set("storage_opts", toValue(host.StorageOpt));
  draft.set("ipc_mode", host.IpcMode ?? "");
  draft.set("pid_mode", host.PidMode ?? "");
  draft.set("userns_mode", host.UsernsMode ?? "");
  draft.set("network_mode", host.NetworkMode ?? "");
  draft.set("log_driver", host.LogConfig?.Type ?? "");
  draft.set("log_opts", toValue(host.LogConfig?.Config));

  draft.set("memory", Math.trunc((host.Memory ?? 0) / MEGABYTE));
  const swap = host.MemorySwap ?? 0;
  draft.set("memory_swap", swap > 0 ? Math.trunc(swap / MEGABYTE) : swap);
  draft.set("shm_size", Math.trunc((host.ShmSize ?? 0) / MEGABYTE));
  draft.set("cpu_shares", host.CpuShares ?? 0);
  draft.set("cpu_set", host.CpusetCpus ?? "");

  const added = toValue(host.CapAdd ?? []);
  const dropped = toValue(host.CapDrop ?? []);
  if (JSON.stringify([added, dropped]) !== "[[],[]]") draft.set("capabilities", [{ add: added, drop: dropped }]);
  draft.set("mounts", mountBlocks(host.Mounts ?? []));
  draft.set("host", hostBlocks(toValue(host.ExtraHosts)));
  draft.set(
    "ulimit",
    (host.Ulimits ?? []).map((limit) => ({
      name: toValue(limit.Name),
      soft: toValue(limit.Soft),
      hard: toValue(limit.Hard),
    })),
  );
  const check = config.Healthcheck;
  if (check !== undefined) {
    const startInterval = "StartInterval" in check ? Number(check.StartInterval) : 0;
    draft.set("healthcheck", [
      {
        test: toValue(check.Test),
        interval: formatDuration(check.Interval ?? 0),
        timeout: formatDuration(check.Timeout ?? 0),
        start_period: formatDuration(check.StartPeriod ?? 0),
        start_interval: formatDuration(startInterval),
        retries: check.Retries ?? 0,
      },
    ]);
  }
}

function networkData(networks: ContainerInspectInfo["NetworkSettings"]["Networks"]): Value {
  return Object.entries(networks).map(([name, data]) => ({
    network_name: name,
    ip_address: data.IPAddress,
    ip_prefix_length: data.IPPrefixLen,
    gateway: data.Gateway,
    global_ipv6_address: data.GlobalIPv6Address,
    global_ipv6_prefix_length: data.GlobalIPv6PrefixLen,
    ipv6_gateway: data.IPv6Gateway,
    mac_address: data.MacAddress,
  }));
}

function portBlocks(ports: ContainerInspectInfo["NetworkSettings"]["Ports"] | null): Value {
  const keys = Object.keys(ports ?? {}).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return keys.flatMap((key) => {
    const [internal, protocol] = key.split("/");
    return (ports?.[key] ?? []).map((binding) => ({
      internal: Number(internal),
      external: Number(binding.HostPort),
      ip: binding.HostIp,
      protocol: protocol ?? "",
    }));
  });
}

/** The real provider cuts at colons, so it misreads IPv6 addresses and plans a replacement for ever. */
function hostBlocks(extraHosts: Value): Value {
  if (!Array.isArray(extraHosts)) return [];
  return extraHosts.map((entry) => {
    const [host, ip] = String(entry).split(":");
    return { host: host ?? "", ip: ip ?? "" };
  });
}
