import { EVALUATE } from "./build.js";
import { FILE_ZONE } from "./files.js";
import { call, constant, file, type Plan, ref, type Step, type Value, variable } from "./plan.js";

const secret = (holder: string, there: Parameters<typeof file>[0]) => call(`${holder}.fromLocalFile`, file(there));
const password = secret("Secret", "password");
const key = (name: string) => call("Tsig.key", { name, secret: password, algorithm: "hmac-sha384" });
const lan = { subnet: "10.0.0.0/24", gateway: "10.0.0.1", subnet6: "fd00::/64", gateway6: "fd00::1" };
const versions = { haproxy: "3.0", dnsdist: "1.9", keepalived: "2.3", unbound: "1.26", nsd: "4.12", bird: "2.17" };

function node(id: string, address: string, more: Readonly<Record<string, Value>> = {}): Step {
  return { make: "DockerNode", id, in: "dns", props: { address, ...more } };
}

/** The networks of Docker, of each kind, below nodes that run resolvers. */
const networks: readonly Step[] = [
  ["bridge", { ...lan, name: "made" }],
  ["macvlan", { ...lan, name: "made", parent: "eth0" }],
  ["existing", { ...lan, name: "there" }],
].map(([kind, options]) =>
  node(`${kind}-node`, "10.0.0.2", {
    network: call(`DockerNetwork.${kind}`, options as Value),
    name: `${kind}-1`,
    secretDirectories: ["/etc/dns-lb"],
    versions,
  }),
);

const statistics = { user: "ops", password, address: "10.0.0.2", port: 8_404, allowFrom: ["10.0.0.0/8"] };

const healthCheck = call("HealthCheck.query", {
  ...{
    name: "health.example.com",
    type: "TXT",
    interval: "4s",
    timeout: "1s",
    fall: 3,
    rise: 2,
    recursionDesired: true,
    checkingDisabled: true,
    randomLabel: true,
  },
  expect: { rcodes: ["NOERROR"], answer: "required", value: "well", authoritative: true },
});

const connections = call("HealthCheck.tcp", { interval: "4s", timeout: "1s", fall: 3, rise: 2 });

const pool = {
  ...{ servers: [{ name: "one", address: "192.168.1.1", port: 53, weight: 1 }], whenAllDown: "servfail" },
  cache: { entries: 200, maximumTtl: "1h", minimumTtl: "5s", serveStale: true },
  ...{ minHealthy: "50%", belowMinHealthy: "try-all" },
  ...{ clientAddress: "hidden", idleTimeout: "9s" },
  balance: { udp: call("Balance.roundRobin", null), tcp: call("Balance.random", null) },
};

const overTls = { servers: [{ name: "two", address: "192.168.1.2", tls: { name: "dns.example.net" } }] };

const CONSTANT = { constant: "DNSRCode.REFUSED" };
/** Arguments of every kind that a call in a rule of dnsdist may have. */
const luaValues = [
  "text",
  CONSTANT,
  { record: { a: "in a record", b: CONSTANT } },
  { call: "suffixes", args: [{ list: ["in a list", CONSTANT] }, "in a call"] },
];

const frontend = {
  ...{ loadBalancer: ref("Dns"), pool: ref("Pool"), allowFrom: ["10.0.0.0/8"], tcpPath: "inspected" },
  ...{ port: 5_353, idleTimeout: "9s", closeTimeout: "2s" },
  routes: [
    call("Route.toPool", ref("Tls"), {
      ...{ names: ["corp.example.com"], types: ["SRV", 65_280], from: ["198.51.100.0/24"] },
    }),
  ],
  accessRules: [
    call("AccessRule.refuse", { from: ["198.51.100.0/24"], names: ["a.example.com"], types: ["ANY"] }),
    call("AccessRule.drop", { from: ["198.51.100.0/24"], names: ["b.example.com"], types: ["ANY", 65_280] }),
    ...["refuse", "drop", "truncate"].map((action) =>
      call(`AccessRule.${action}`, {
        ...{ from: ["198.51.100.0/24"], names: ["c.example.com"], types: ["NULL"] },
        ...{ classes: ["CH"], opcodes: ["STATUS", 15] },
      }),
    ),
    call("AccessRule.refuse", { types: ["NULL"], extendedError: "filtered", extendedErrorText: "ask us" }),
  ],
  rateLimit: call("RateLimit.perClient", {
    queries: "50/10s",
    connections: "30/10s",
    exceeded: "drop",
    concurrentConnections: 9,
    bytesOut: "10m/10s",
    burst: 90,
    per: { ipv4: 24, ipv6: 56 },
    exempt: ["198.51.100.0/24", "2001:db8:77::/48"],
  }),
  logConnections: false,
  extra: {
    haproxy: [["description", "extra words"]],
    dnsdist: [{ rule: { call: "QNameRule", args: luaValues }, action: { call: "LogAction", args: luaValues } }],
  },
};

/** What both kinds of load balancers take. */
const extra = {
  haproxy: { global: [["description", "extra words"]], defaults: [["log-tag", "extra words"]] },
  dnsdist: [["setUDPTimeout", 3]],
};

const certificates: readonly Step[] = ["fromLocalFile", "fromNodeFile"].map((factory, index) => ({
  ...{ make: "DotListener", id: `Dot${index}`, in: "dns" },
  props: {
    ...{ frontend: ref("Frontend"), port: 853 + index, minimumTlsVersion: "1.2", serverName: "dns.test" },
    ...{ idleTimeout: "9s", closeTimeout: "2s" },
    certificate: call(`Certificate.${factory}`, `/etc/dns-lb/certificate${index}`),
    ticketKeys: call(`Secret.${factory}`, `/etc/dns-lb/tickets${index}`),
    moreCertificates: [
      call(`Certificate.${factory}`, `/etc/dns-lb/more${index}`),
      call("Certificate.fromNodeFile", `/etc/dns-lb/chain${index}`, { key: `/etc/dns-lb/key${index}` }),
    ],
    strictSni: true,
    clientAuth: {
      trust: call(`TrustStore.${factory}`, `/etc/dns-lb/authority${index}`),
      ...(index === 0 ? { mode: "optional" } : { mode: "required", allowedNames: ["client one", "*"] }),
    },
  },
}));

/** A standalone load balancer with all that a frontend takes. */
const standalone: readonly Step[] = [
  node("Node", "10.0.0.2", { interface: "eth0", memory: "2g", processors: 1, maxConnections: 7_000, image: "lb:1" }),
  {
    ...{ make: "StandaloneLoadBalancer", id: "Dns", in: "dns" },
    props: {
      ...{ node: ref("Node"), statistics, maximumConnectionAge: "1h", outstandingQueries: 200, hardStopAfter: "1h" },
      ...{ identity: true, extra },
      connectionLog: call("ConnectionLog.syslog", {
        address: "192.0.2.9",
        port: 5_140,
        facility: "daemon",
        format: "json",
      }),
    },
  },
  { make: "ResolverPool", id: "Pool", in: "dns", props: { ...pool, healthCheck } },
  {
    make: "ResolverPool",
    id: "Tls",
    in: "dns",
    props: {
      ...overTls,
      healthCheck: call("HealthCheck.dnsOverTls", {
        ...{ name: ".", type: "NS", checkingDisabled: true, interval: "3s", timeout: "1s" },
        expect: { rcodes: ["NOERROR"], answer: "optional" },
      }),
    },
  },
  { make: "DnsFrontend", id: "Frontend", in: "dns", props: { ...frontend, address: "10.0.0.2" } },
  {
    ...{ make: "MonitoringFiles", id: "Monitoring", in: "dns" },
    props: {
      ...{ loadBalancers: [ref("Dns")], directory: "for/monitoring", scrapeInterval: "10s" },
      ...{ passwordFile: "/etc/prometheus/password", caFile: "/etc/prometheus/authorities.pem" },
    },
  },
  ...certificates,
  {
    ...{ make: "ResolverPool", id: "Private", in: "dns" },
    props: {
      servers: [{ name: "three", address: "192.168.1.3" }],
      healthCheck: call("HealthCheck.external", {
        ...{ script: '#!/bin/sh\n[ "$3" = "${3}" ]\n', interval: "5s", timeout: "2s", fall: 3, rise: 2 },
      }),
      tls: { name: "dns.example.net", trust: call("TrustStore.fromNodeFile", "/etc/dns-lb/private") },
    },
  },
];

const both = { network: call("DockerNetwork.macvlan", { ...lan, parent: "eth0" }) };
const second = (host: number): Value => ({
  interfaces: [
    {
      ...{ name: "eth1", address: `10.1.0.${host}`, address6: `fd01::${host}` },
      network: call("DockerNetwork.existing", { name: "second", subnet: "10.1.0.0/24", subnet6: "fd01::/64" }),
    },
  ],
});

/** A pair in front of authoritative servers. */
const pair: readonly Step[] = [
  ...[2, 3].map((host) =>
    node(`Node${host}`, `10.0.0.${host}`, {
      address6: `fd00::${host}`,
      ...both,
      ...(second(host) as Record<string, Value>),
    }),
  ),
  {
    ...{ make: "HaPair", id: "Dns", in: "dns" },
    props: {
      ...{
        nodes: [ref("Node2"), ref("Node3")],
        virtualRouterId: 53,
        advertisementInterval: "200ms",
        ttlSecurity: true,
      },
      ...{
        advertisementInterface: "eth1",
        preferredNode: ref("Node2"),
        outstandingQueries: 200,
        hardStopAfter: "20m",
        identity: true,
        maximumConnectionAge: "1h",
        connectionLog: call("ConnectionLog.local", { format: "text" }),
        extra: { ...extra, keepalived: [["smtp_helo_name", "extra words"]] },
      },
      virtualAddresses: [{ address: "10.0.0.53", interface: "eth0", gateway: "10.0.0.99" }, { address: "fd00::53" }],
      statistics: { ...statistics, address: "10.0.0.53" },
    },
  },
  {
    ...{ make: "AuthoritativePool", id: "Fallback", in: "dns" },
    props: { ...pool, zones: ["example.com"], healthCheck: connections, whenAllDown: "servfail" },
  },
  {
    ...{ make: "AuthoritativePool", id: "Pool", in: "dns" },
    props: { ...overTls, tls: { name: "auth.example.net" }, zones: ["example.com"], fallback: ref("Fallback") },
  },
  {
    ...{ make: "DnsFrontend", id: "Frontend", in: "dns" },
    props: {
      ...{ loadBalancer: ref("Dns"), pool: ref("Pool"), addresses: ["10.0.0.53", "fd00::53"], tcpPath: "inspected" },
      accessRules: [call("AccessRule.minimalAny", { from: ["198.51.100.0/24"], names: ["a.example.com"], ttl: "30m" })],
    },
  },
];

/** A group that announces its addresses, with all that a neighbor takes. */
const group: readonly Step[] = [
  ...[2, 3].map((host) =>
    node(`Node${host}`, `10.0.0.${host}`, { address6: `fd00::${host}`, image: "anycast:1", ...both }),
  ),
  {
    ...{ make: "AnycastGroup", id: "Dns", in: "dns" },
    props: {
      ...{ asn: 64_512, addresses: ["192.0.2.53", "2001:db8::53"], defaultRoute: "bgp" },
      members: [
        {
          node: ref("Node2"),
          neighbors: [
            { address: "10.0.0.9", asn: 64_500, password, bfd: { interval: "100ms", multiplier: 3 } },
            { address: "fd00::9", asn: 64_500, bfd: true },
            { address: "10.9.9.9", asn: 65_550, bfd: false, multihop: 2 },
          ],
          communities: ["64500:310"],
        },
        {
          node: ref("Node3"),
          neighbors: [
            { address: "10.0.0.9", asn: 64_500 },
            { address: "fd00::9", asn: 64_500 },
          ],
        },
      ],
      whenSick: { daemon: "prepend", pool: "withdraw" },
      ...{ returnAfter: "20s", damping: { moves: 4, within: "15m" }, gracefulShutdown: "20s" },
      statistics: { ...statistics, address: "192.0.2.53" },
      ...{ maximumConnectionAge: "1h", outstandingQueries: 200, hardStopAfter: "20m", identity: true, extra },
      connectionLog: call("ConnectionLog.local", { format: "text" }),
    },
  },
  { make: "ResolverPool", id: "Pool", in: "dns", props: pool },
  {
    ...{ make: "DnsFrontend", id: "Frontend", in: "dns" },
    props: { loadBalancer: ref("Dns"), pool: ref("Pool"), allowFrom: ["10.0.0.0/8"], addresses: ["2001:db8::53"] },
  },
];

/** Transfers from the first of several servers. */
const severalServers: readonly Step[] = [
  {
    ...{ make: "AuthoritativePool", id: "Several", in: "dns" },
    props: {
      ...pool,
      servers: [
        { name: "one", address: "192.168.1.1" },
        { name: "two", address: "192.168.1.2" },
      ],
      zones: ["example.com"],
      zoneTransfer: { servers: ["two", "one"], allowFrom: ["10.0.0.0/8"] },
    },
  },
  {
    ...{ make: "DnsFrontend", id: "SeveralFrontend", in: "dns" },
    props: { loadBalancer: ref("Dns"), pool: ref("Several"), tcpPath: "inspected", port: 5_353 },
  },
];

/** A pair without what contradicts the transfer of zones. */
const transfers: readonly Step[] = [
  node("Node", "10.0.0.2"),
  { make: "StandaloneLoadBalancer", id: "Dns", in: "dns", props: { node: ref("Node") } },
  {
    ...{ make: "AuthoritativePool", id: "Pool", in: "dns" },
    props: {
      ...pool,
      zones: ["example.com"],
      zoneTransfer: { primary: "one", allowFrom: ["10.0.0.0/8"], idleTimeout: "20s" },
      ...{ notifyFrom: ["10.0.0.5"], updateFrom: ["10.0.0.0/8"] },
    },
  },
  {
    ...{ make: "DnsFrontend", id: "Frontend", in: "dns" },
    props: { loadBalancer: ref("Dns"), pool: ref("Pool"), tcpPath: "inspected" },
  },
  ...severalServers,
];

const record = { name: "a", ttl: "5m" };
const records: readonly Value[] = [
  call("DnsRecord.a", { ...record, address: "192.0.2.1" }),
  call("DnsRecord.aaaa", { ...record, name: "b", address: "2001:db8::1" }),
  call("DnsRecord.caa", { ...record, name: "c", tag: "issue", value: "ca.test", critical: true }),
  call("DnsRecord.cname", { ...record, name: "d", target: "target.example.net." }),
  call("DnsRecord.mx", { ...record, name: "e", exchange: "target.example.net.", preference: 1 }),
  call("DnsRecord.ns", { ...record, name: "f", target: "target.example.net." }),
  call("DnsRecord.other", { ...record, name: "g", type: "HINFO", data: '"cpu" "os"' }),
  call("DnsRecord.ptr", { ...record, name: "h", target: "target.example.net." }),
  call("DnsRecord.srv", { ...record, name: "i", target: "target.example.net.", port: 1, priority: 1, weight: 1 }),
  call("DnsRecord.txt", { ...record, name: "j", text: "one" }),
  call("DnsRecord.txt", { ...record, name: "k", text: ["one", "two"] }),
];

const image = (id: string, daemons: string): Step => ({
  ...{ make: "DockerNodeImage", id, in: "dns" },
  props: { daemons, base: "debian:13-slim", name: "registry.test/image", versions },
});

const times = { ttl: "1h", negativeTtl: "5m", refresh: "1h", retry: "15m", expire: "14d" };

const nsd: readonly Step[] = [
  image("Image", "nsd"),
  node("Node", "10.0.0.2", { image: ref("Image") }),
  {
    ...{ make: "NsdServer", id: "Server", in: "dns" },
    props: {
      ...{ node: ref("Node"), port: 53, clientAddress: "proxy-protocol", transferPort: 5_300, serverCount: 2 },
      responseRateLimit: 9,
      zones: [
        call("Zone.fromRecords", {
          ...{ name: "example.com", serial: 1, primaryServer: "ns.example.net", contact: "ops@example.net", ...times },
          records: [call("DnsRecord.ns", { name: "@", target: "ns.example.net." }), ...records],
        }),
        call("Zone.fromFile", { name: FILE_ZONE, path: file("zone") }),
        call("Zone.fromPrimary", {
          name: "example.org",
          primaries: [{ address: "192.168.1.9", port: 53, key: key("a.test") }],
        }),
      ],
      secondaries: [{ address: "192.168.1.8", port: 53, key: key("b.test") }],
      allowTransfer: [{ from: "192.168.1.0/24", key: key("c.test") }],
      allowNotify: [{ from: "192.168.1.0/24", key: key("d.test") }],
    },
  },
];

const forwardTo = [{ address: "192.168.1.7", port: 853, name: "first", tls: { name: "dns.example.net" } }];

const unbound: readonly Step[] = [
  image("Image", "unbound"),
  node("Node", "10.0.0.2", { image: ref("Image") }),
  {
    ...{ make: "UnboundServer", id: "Server", in: "dns" },
    props: {
      ...{
        node: ref("Node"),
        port: 53,
        clientAddress: "hidden",
        allowFrom: ["10.0.0.0/8"],
        forwardTo,
        cacheSize: "8m",
        threads: 1,
      },
      forwardZones: [{ name: "corp.test", forwardTo }],
      localZones: [{ name: "local.test", type: "static" }],
      localData: records.map((each) => withName(each)),
      ...{ dnssecValidation: true, insecureZones: ["corp.test"], qnameMinimisation: true },
    },
  },
];

/** The record with its name below a zone of the test. */
function withName(record: Value): Value {
  const { with: options, ...rest } = record as { readonly with: { readonly name: string }; readonly $call: string };
  return { ...rest, with: { ...options, name: `${options.name}.data.test` } };
}

const variables: readonly Step[] = [
  { make: "ResolverPool", id: "Public", in: "dns", props: { servers: [constant("PublicResolver.QUAD9")] } },
  node("Node", "10.0.0.2"),
  {
    ...{ make: "StandaloneLoadBalancer", id: "Dns", in: "dns" },
    props: {
      node: ref("Node"),
      statistics: { user: "ops", password: call("Secret.fromVariable", variable("password")) },
    },
  },
  {
    ...{ make: "DnsFrontend", id: "Frontend", in: "dns" },
    props: { loadBalancer: ref("Dns"), pool: ref("Public"), allowFrom: ["10.0.0.0/8"] },
  },
  {
    ...{ make: "DotListener", id: "Passed", in: "dns" },
    props: {
      frontend: ref("Frontend"),
      passThrough: {
        ...{ name: "dns.example.net", port: 8_853, serversJudge: false },
        trust: call("TrustStore.fromNodeFile", "/etc/dns-lb/servers"),
      },
    },
  },
];

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP3iPbyNCC9CmuSm9ZLhNoCvqrvRNOQKO2yqlnBbXDUQ";
const ssh = {
  ...{ host: "lb1.test", port: 2_222, user: "debian", hostKey: call("SshHostKey.unchecked", null), timeout: "1m" },
  auth: call("SshAuth.privateKeyFile", "/keys/deploy"),
};
const keyed = { ...ssh, hostKey: call("SshHostKey.known", KEY) };

const facts = {
  ...{ address: "10.0.0.2", address6: "fd00::2", subnet: "10.0.0.0/24", subnet6: "fd00::/64", interface: "eth0" },
  ...{ name: "lb1", versions, keepsAddresses: false, memory: "512m", processors: 1, maxConnections: 7_000 },
  interfaces: [
    {
      ...{ name: "eth1", address: "10.1.0.2", address6: "fd01::2" },
      ...{ subnet: "10.1.0.0/24", subnet6: "fd01::/64" },
    },
  ],
};

/** A host that Terraform does not reach. */
const bundle: readonly Step[] = [
  { make: "BundleNode", id: "Node", in: "dns", props: facts },
  { make: "UnboundServer", id: "Server", in: "dns", props: { node: ref("Node"), allowFrom: ["10.0.0.0/8"] } },
];

/** Hosts over SSH: a load balancer, and a resolver behind a bastion. */
const hosts: readonly Step[] = [
  { make: EVALUATE, id: "Data", in: "dns", props: [call("CloudInit.userData", { daemons: "unbound" })] },
  {
    ...{ make: "SshNode", id: "Node", in: "dns" },
    props: { ...facts, machine: "vm-1", ssh: keyed, adopt: true, packages: "upgrade", onDestroy: "stop" },
  },
  { make: "StandaloneLoadBalancer", id: "Dns", in: "dns", props: { node: ref("Node") } },
  { make: "ResolverPool", id: "Pool", in: "dns", props: pool },
  {
    ...{ make: "DnsFrontend", id: "Frontend", in: "dns" },
    props: { loadBalancer: ref("Dns"), pool: ref("Pool"), allowFrom: ["10.0.0.0/8"] },
  },
  {
    ...{ make: "SshNode", id: "Behind", in: "dns" },
    props: {
      address: "10.0.0.9",
      ssh: {
        ...ssh,
        host: "behind.test",
        bastion: {
          ...{ host: "bastion.test", port: 22, user: "jump" },
          hostKey: call("SshHostKey.authority", KEY),
        },
      },
    },
  },
  { make: "UnboundServer", id: "Server", in: "dns", props: { node: ref("Behind"), allowFrom: ["10.0.0.0/8"] } },
];

/** A resolver on its node, so that the node is used. */
const resolver = (own: Step): readonly Step[] => [
  { ...own, props: { ...(own.props as Record<string, Value>), image: "unbound:1" } },
  { make: "UnboundServer", id: "Server", in: "dns", props: { node: ref(own.id), allowFrom: ["10.0.0.0/8"] } },
];

/** Apps that are accepted, which together give every property of the API that takes texts. */
export const EVERYTHING: Readonly<Record<string, Plan>> = {
  standalone: { steps: standalone },
  pair: { steps: pair },
  group: { steps: group },
  transfers: { steps: transfers },
  nsd: { steps: nsd },
  unbound: { steps: unbound },
  variables: { steps: variables },
  hosts: { steps: hosts },
  bundle: { steps: bundle },
  ...Object.fromEntries(networks.map((own) => [own.id, { steps: resolver(own) }])),
};
