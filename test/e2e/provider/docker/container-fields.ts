import type { Fields } from "../sdk/schema.js";
import { absolutePath, atLeast, base64, duration, matching } from "../sdk/validators.js";
import { labelBlocks } from "./labels.js";

/** The attributes of `docker_container`, as version 3.6.2 has them. */
export const containerFields: Fields = {
  id: { kind: "string", presence: "optional-computed" },
  name: { kind: "string", presence: "required", forceNew: true },
  image: { kind: "string", presence: "required", forceNew: true },

  // What happens around a run; none of it replaces the container.
  rm: { kind: "bool", default: false },
  start: { kind: "bool", default: true },
  wait: { kind: "bool", default: false },
  wait_timeout: { kind: "number", default: 60 },
  attach: { kind: "bool", default: false },
  logs: { kind: "bool", default: false },
  must_run: { kind: "bool", default: true },
  remove_volumes: { kind: "bool", default: true },
  destroy_grace_seconds: { kind: "number" },
  container_read_refresh_timeout_milliseconds: { kind: "number", default: 15000 },

  // What the engine can change in a running container.
  restart: { kind: "string", default: "no", validate: matching(/^(no|on-failure|always|unless-stopped)$/) },
  max_retry_count: { kind: "number" },
  memory: { kind: "number", validate: atLeast(0) },
  memory_swap: { kind: "number", validate: atLeast(-1) },
  cpu_shares: { kind: "number", validate: atLeast(0) },
  cpu_set: { kind: "string", validate: matching(/^\d+([,-]\d+)*$/) },

  // What is planned as an update but never carried out.
  init: { kind: "bool", presence: "optional-computed" },
  tmpfs: { kind: "map" },
  cpu_period: { kind: "number", validate: atLeast(0) },
  cpu_quota: { kind: "number", validate: atLeast(0) },

  hostname: { kind: "string", presence: "optional-computed", forceNew: true },
  domainname: { kind: "string", forceNew: true },
  command: { kind: "list", presence: "optional-computed", forceNew: true },
  entrypoint: { kind: "list", presence: "optional-computed", forceNew: true },
  env: { kind: "set", presence: "optional-computed", forceNew: true },
  user: { kind: "string", forceNew: true, emptyIsNoChange: true },
  working_dir: { kind: "string", forceNew: true, emptyIsNoChange: true },
  group_add: { kind: "set", forceNew: true },
  tty: { kind: "bool", default: false, forceNew: true },
  stdin_open: { kind: "bool", default: false, forceNew: true },
  stop_signal: { kind: "string", presence: "optional-computed", forceNew: true },
  stop_timeout: { kind: "number", presence: "optional-computed", forceNew: true },

  read_only: { kind: "bool", default: false, forceNew: true },
  privileged: { kind: "bool", forceNew: true },
  security_opts: { kind: "set", presence: "optional-computed", forceNew: true },
  sysctls: { kind: "map", forceNew: true },
  runtime: { kind: "string", presence: "optional-computed", forceNew: true },
  ipc_mode: { kind: "string", presence: "optional-computed", forceNew: true },
  pid_mode: { kind: "string", forceNew: true },
  userns_mode: { kind: "string", forceNew: true },
  cgroupns_mode: { kind: "string", forceNew: true },
  cgroup_parent: { kind: "string", forceNew: true },
  shm_size: { kind: "number", presence: "optional-computed", forceNew: true, validate: atLeast(0) },
  cpus: { kind: "string", forceNew: true },
  gpus: { kind: "string", forceNew: true },
  storage_opts: { kind: "map", forceNew: true },
  log_driver: { kind: "string", presence: "optional-computed", forceNew: true },
  log_opts: { kind: "map", forceNew: true },

  network_mode: { kind: "string", default: "bridge", forceNew: true },
  dns: { kind: "set", forceNew: true },
  dns_opts: { kind: "set", forceNew: true },
  dns_search: { kind: "set", forceNew: true },
  publish_all_ports: { kind: "bool", forceNew: true },

  exit_code: { kind: "number", presence: "computed" },
  container_logs: { kind: "string", presence: "computed" },
  bridge: { kind: "string", presence: "computed" },
  network_data: {
    kind: "objects",
    presence: "computed",
    fields: {
      network_name: "string",
      ip_address: "string",
      ip_prefix_length: "number",
      gateway: "string",
      global_ipv6_address: "string",
      global_ipv6_prefix_length: "number",
      ipv6_gateway: "string",
      mac_address: "string",
    },
  },

  labels: { ...labelBlocks, presence: "optional-computed", forceNew: true },
  capabilities: {
    kind: "block",
    nesting: "set",
    maxItems: 1,
    forceNew: true,
    fields: { add: { kind: "set", forceNew: true }, drop: { kind: "set", forceNew: true } },
  },
  // A changed mount is planned as an update, which does nothing, unless their number changes.
  mounts: {
    kind: "block",
    nesting: "set",
    forceNew: true,
    fields: {
      target: { kind: "string", presence: "required" },
      source: { kind: "string" },
      type: { kind: "string", presence: "required", validate: matching(/^(bind|volume|tmpfs)$/) },
      read_only: { kind: "bool" },
      bind_options: {
        kind: "block",
        nesting: "list",
        maxItems: 1,
        fields: {
          propagation: { kind: "string", validate: matching(/^(private|rprivate|shared|rshared|slave|rslave)$/) },
        },
      },
      volume_options: {
        kind: "block",
        nesting: "list",
        maxItems: 1,
        fields: {
          no_copy: { kind: "bool" },
          labels: labelBlocks,
          driver_name: { kind: "string" },
          driver_options: { kind: "map" },
          subpath: { kind: "string", forceNew: true },
        },
      },
      tmpfs_options: {
        kind: "block",
        nesting: "list",
        maxItems: 1,
        forceNew: true,
        fields: { size_bytes: { kind: "number" }, mode: { kind: "number" } },
      },
    },
  },
  volumes: {
    kind: "block",
    nesting: "set",
    forceNew: true,
    fields: {
      from_container: { kind: "string", forceNew: true },
      container_path: { kind: "string", forceNew: true },
      host_path: { kind: "string", forceNew: true, validate: absolutePath },
      volume_name: { kind: "string", forceNew: true },
      read_only: { kind: "bool", forceNew: true },
    },
  },
  networks_advanced: {
    kind: "block",
    nesting: "set",
    forceNew: true,
    fields: {
      name: { kind: "string", presence: "required", forceNew: true },
      aliases: { kind: "set", forceNew: true },
      ipv4_address: { kind: "string", forceNew: true },
      ipv6_address: { kind: "string", forceNew: true },
    },
  },
  ports: {
    kind: "block",
    nesting: "list",
    forceNew: true,
    orderIsNoChange: true,
    fields: {
      internal: { kind: "number", presence: "required", forceNew: true },
      external: { kind: "number", presence: "optional-computed", forceNew: true },
      ip: { kind: "string", default: "0.0.0.0", forceNew: true },
      protocol: { kind: "string", default: "tcp", forceNew: true },
    },
  },
  host: {
    kind: "block",
    nesting: "set",
    forceNew: true,
    fields: {
      ip: { kind: "string", presence: "required", forceNew: true },
      host: { kind: "string", presence: "required", forceNew: true },
    },
  },
  ulimit: {
    kind: "block",
    nesting: "set",
    forceNew: true,
    fields: {
      name: { kind: "string", presence: "required", forceNew: true },
      soft: { kind: "number", presence: "required", forceNew: true },
      hard: { kind: "number", presence: "required", forceNew: true },
    },
  },
  devices: {
    kind: "block",
    nesting: "set",
    forceNew: true,
    fields: {
      host_path: { kind: "string", presence: "required", forceNew: true },
      container_path: { kind: "string", forceNew: true },
      permissions: { kind: "string", forceNew: true },
    },
  },
  upload: {
    kind: "block",
    nesting: "set",
    forceNew: true,
    fields: {
      content: { kind: "string", forceNew: true },
      content_base64: { kind: "string", forceNew: true, validate: base64 },
      file: { kind: "string", presence: "required", forceNew: true },
      executable: { kind: "bool", default: false, forceNew: true },
      permissions: { kind: "string", forceNew: true, validate: matching(/^0[0-7]{3}$/) },
      source: { kind: "string", forceNew: true },
      source_hash: { kind: "string", forceNew: true },
    },
  },
  // Has no `forceNew` anywhere: a changed health check is planned as an update, which does nothing.
  healthcheck: {
    kind: "block",
    nesting: "list",
    presence: "optional-computed",
    maxItems: 1,
    fields: {
      test: { kind: "list", presence: "required" },
      interval: { kind: "string", default: "0s", validate: duration },
      timeout: { kind: "string", default: "0s", validate: duration },
      start_period: { kind: "string", default: "0s", validate: duration },
      start_interval: { kind: "string", default: "0s", validate: duration },
      retries: { kind: "number", default: 0, validate: atLeast(0) },
    },
  },
};
