import type { Manifest, ManifestListener } from "../../lib/model/manifest.js";
import type { NodeSpec, ReleaseFile } from "../../lib/model/node-spec.js";
import { DEBIAN_12, DEBIAN_13, type PlatformProfile } from "../../lib/model/platform-profile.js";

/*
 * One node spec for each platform, written by hand: what the types must be able to say. The Docker node splits
 * dnsdist into listeners and policy and has both TCP paths, the virtual machine holds secrets of every source, the
 * lab's node is a server.
 */

const DOCKER: PlatformProfile = {
  name: "docker",
  versions: DEBIAN_13,
  paths: {
    state: "/var/lib/dns-lb",
    run: "/run/dns-lb",
    agent: "/usr/libexec/dns-lb",
    trustStore: "/etc/ssl/certs/ca-certificates.crt",
  },
  user: "dns-lb",
  watchUser: "dns-lb-watch",
  keepsAddresses: true,
  log: "stdout",
};

const manifestFile = (content: Manifest): ReleaseFile => ({
  path: "manifest.json",
  content: `${JSON.stringify(content, null, 2)}\n`,
});

const everywhere: ManifestListener = {
  ...{ address: "0.0.0.0", port: 53, transport: "udp", foreign: true, shared: true, v6only: false },
  sockets: "one-per-processor",
};

const manifest: Manifest = {
  schema: 2,
  workload: "dns",
  node: "lb1",
  user: "dns-lb",
  services: [
    {
      name: "haproxy",
      user: "dns-lb",
      command: ["haproxy", "-W", "-db", "-S", "{run}/haproxy-master.sock", "-f", "{state}/current/haproxy"],
      check: ["haproxy", "-c", "-f", "{release}/haproxy"],
      reload: [],
      settings: { masterSocket: "{run}/haproxy-master.sock" },
      restartOn: [],
      keepsData: false,
      listeners: [{ ...everywhere, address: "10.0.0.53", transport: "tcp", sockets: 1 }],
    },
    {
      name: "dnsdist",
      user: "dns-lb",
      command: ["dnsdist", "--supervised", "-C", "{state}/current/dnsdist/dnsdist.conf"],
      check: ["dnsdist", "--check-config", "-C", "{release}/dnsdist/dnsdist.conf"],
      reload: [],
      settings: { console: "127.0.0.1:5199" },
      restartOn: ["dnsdist/dnsdist.conf"],
      keepsData: false,
      listeners: [everywhere],
    },
  ],
  compose: [],
  ready: [
    {
      ...{ kind: "dns", service: "dnsdist", port: 53, name: "alive.dns-lb.invalid." },
      ...{ address: "127.0.0.1", proxyProtocol: false },
    },
    { kind: "http", service: "haproxy", port: 8405, path: "/alive" },
  ],
  pools: [
    {
      name: "resolvers",
      servers: [
        {
          ...{ name: "resolver1", address: "192.168.1.10", port: 53 },
          names: { haproxy: { resolvers: "resolvers/resolver1" }, dnsdist: { udp: "resolvers/resolver1" } },
        },
      ],
    },
  ],
  mobility: {
    kind: "vrrp",
    service: "keepalived",
    virtualAddresses: [{ address: "10.0.0.53", interface: "eth0", onLoopback: true }],
  },
  watch: { interval: 200, timeout: 400, fall: 2, rise: 25, checks: [] },
};

export const dockerNode: NodeSpec = {
  workload: "dns",
  node: "lb1",
  profile: DOCKER,
  files: [
    { path: "dnsdist/dnsdist.conf", content: 'setLocal("0.0.0.0:53", {reusePort=true})\n' },
    {
      path: "dnsdist/policy.lua",
      content: "return { servers = {}, pools = {}, rules = {} }\n",
    },
    {
      path: "haproxy/haproxy.cfg",
      content: [
        "frontend internal",
        "  bind 10.0.0.53:53 transparent",
        "  default_backend resolvers",
        "frontend public",
        "  bind 203.0.113.53:53 transparent",
        "  default_backend dnsdist:tcp",
        "",
      ].join("\n"),
    },
    manifestFile(manifest),
  ],
  secretFiles: [],
  manifest,
};

const machineManifest: Manifest = {
  ...manifest,
  compose: [
    {
      kind: "service",
      service: "haproxy",
      path: "haproxy/credentials.cfg",
      secret: "secrets/statistics-password",
      settings: { userlist: "statistics", user: "ops" },
    },
  ],
};

export const virtualMachine: NodeSpec = {
  ...dockerNode,
  files: dockerNode.files.map((file) => (file.path === "manifest.json" ? manifestFile(machineManifest) : file)),
  profile: { ...DOCKER, name: "vm", log: "syslog" },
  secretFiles: [
    { path: "secrets/dot-clients.pem", source: { kind: "node-file", path: "/etc/ssl/clients.pem" } },
    { path: "secrets/dot.pem", source: { kind: "local-file", path: "certs/dns.example.com.pem" } },
    {
      path: "secrets/statistics-password",
      source: { kind: "variable", name: "statistics_password", value: "<token>" },
    },
  ],
  manifest: machineManifest,
};

const serverManifest: Manifest = {
  ...manifest,
  node: "auth1",
  services: [
    {
      name: "nsd",
      user: "root",
      command: ["nsd", "-d", "-c", "{state}/current/nsd/nsd.conf"],
      check: ["nsd-checkconf", "{release}/nsd/nsd.conf"],
      reload: ["nsd-control", "-c", "{state}/current/nsd/nsd.conf", "reconfig"],
      settings: {},
      restartOn: [],
      startSettings: "0123456789abcdef",
      keepsData: true,
      listeners: [{ ...everywhere, address: "192.168.1.20", shared: false, sockets: 1 }],
    },
  ],
  ready: [
    {
      ...{ kind: "dns", service: "nsd", port: 53, name: "example.com." },
      ...{ address: "192.168.1.20", proxyProtocol: true },
    },
  ],
  pools: [],
  mobility: { kind: "fixed" },
};

export const labServer: NodeSpec = {
  workload: "dns",
  node: "auth1",
  profile: {
    ...DOCKER,
    name: "lab",
    versions: DEBIAN_12,
    paths: { ...DOCKER.paths, state: "/run/dnslb-lab/nodes/auth1/state", run: "/run/dnslb-lab/nodes/auth1/run" },
  },
  files: [manifestFile(serverManifest), { path: "nsd/nsd.conf", content: "server:\n  ip-address: 192.168.1.20\n" }],
  secretFiles: [],
  manifest: serverManifest,
};
