/** What administrators have in their daemon.json, and the engine merges into containers that do not say otherwise. */
export const MERGED = {
  "log-opts": { "max-size": "5m", "max-file": "9", labels: "team" },
  "default-ulimits": {
    core: { Name: "core", Soft: 0, Hard: 0 },
    nofile: { Name: "nofile", Soft: 1_024, Hard: 4_096 },
  },
  ...{ init: true, "no-new-privileges": true, "userland-proxy": false, "default-shm-size": "128M" },
} as const;

/** A log driver that takes none of the options of another, and that the host does not even have. */
export const JOURNALD = {
  ...{ "log-driver": "journald", "log-opts": { tag: "engine" }, "live-restore": true },
  "default-ulimits": { memlock: { Name: "memlock", Soft: 65_536, Hard: 65_536 } },
} as const;
