import {
  call,
  constant,
  type DnsdistListeners,
  type DnsdistPolicy,
  list,
  record,
} from "../../../lib/config/dnsdist/index.js";

/** Every listener setting that the library uses. */
export function sampleListeners(keyFile: string): DnsdistListeners {
  return {
    keyFile,
    calls: [
      call("setLocal", "0.0.0.0:53", record({ reusePort: true })),
      call("addLocal", "[::]:53", record({ reusePort: true })),
      call("addLocals", "0.0.0.0:5353", record({ reusePort: true, maxConcurrentTCPConnections: 256 })),
      call("setACL", list("0.0.0.0/0", "::/0")),
      call("setProxyProtocolACL", list("127.0.0.2/32")),
      call("controlSocket", "127.0.0.1:5199"),
      call("setConsoleACL", list("127.0.0.1/32")),
      call("setConsoleConnectionsLogging", false),
      call("setSecurityPollSuffix", ""),
      call("webserver", "127.0.0.1:8083"),
      call("setWebserverConfig", record({ statsRequireAuthentication: false })),
      call("setMaxTCPClientThreads", 2),
      call("setMaxTCPConnectionDuration", 600),
      call("setMaxTCPConnectionsPerClient", 0),
      call("setMaxTCPQueriesPerConnection", 0),
      call("setMaxTCPQueuedConnections", 1000),
      call("setMaxUDPOutstanding", 65535),
      call("setRingBuffersSize", 10000),
      call("setServFailWhenNoServer", true),
      call("setTCPDownstreamCleanupInterval", 60),
      call("setTCPRecvTimeout", 10),
      call("setTCPSendTimeout", 10),
      call("setUDPTimeout", 2),
      call("setVerboseHealthChecks", false),
    ],
  };
}

/** A policy with every kind of rule, action, pool and option. */
export const samplePolicy: DnsdistPolicy = {
  servers: [
    {
      id: "resolvers/resolver1",
      pools: ["resolvers", "resolvers:all"],
      options: {
        address: "192.0.2.1:53",
        name: "resolver1",
        weight: 3,
        order: 1,
        retries: 2,
        sockets: 2,
        checkName: "health.example.com.",
        checkType: "A",
        checkInterval: 3,
        checkTimeout: 900,
        maxCheckFailures: 3,
        rise: 2,
        mustResolve: true,
        setCD: false,
        reconnectOnUp: true,
        source: "127.0.0.1",
      },
    },
    {
      id: "resolvers:tcp/resolver1",
      pools: ["resolvers:tcp"],
      options: {
        address: "[2001:db8::1]:53",
        name: "resolver1:tcp",
        tcpOnly: true,
        checkTCP: true,
        tcpConnectTimeout: 1,
        tcpSendTimeout: 5,
        tcpRecvTimeout: 5,
        tcpFastOpen: false,
        useProxyProtocol: true,
      },
    },
    {
      id: "judged:tcp/r1",
      pools: ["judged"],
      verdict: { of: "judged/r1", asked: "00ff.judged.serves.dns-lb.invalid." },
      options: { address: "192.0.2.3:53", tcpOnly: true, checkTCP: true },
    },
    {
      id: "judged/r1",
      pools: ["judged"],
      verdict: { of: "judged/r1" },
      options: { address: "192.0.2.3:53" },
    },
    {
      id: "public/quad9",
      pools: [],
      options: {
        address: "192.0.2.9:853",
        tls: "openssl",
        subjectName: "dns.example.net",
        validateCertificates: true,
        caStore: "/etc/ssl/certs/ca-certificates.crt",
        maxInFlight: 10,
      },
    },
  ],
  pools: [
    {
      name: "resolvers",
      policy: "leastOutstanding",
      judge: {
        query: "000001000001000000000000066865616c7468076578616d706c650000010001",
        ...{ randomLabel: true, rcodes: [0, 3], answer: true, authoritative: false, value: "c0000201" },
      },
    },
    { name: "resolvers:tcp", policy: "roundRobin", judge: { connect: true } },
    { name: "judged", policy: "roundRobin", judge: { verdicts: "/run/dns-lb/results/verdicts" } },
    { name: "resolvers:all", policy: "sendAnyway" },
    { name: "public", policy: "wrandom" },
    { name: "sources", policy: "sourceHash" },
    { name: "ordered", policy: "firstAvailable" },
  ],
  rules: [
    {
      name: "serving",
      rule: call("serving", call("NetmaskGroupRule", call("netmasks", list("127.0.0.1/32")), false)),
      action: call("SpoofAction", "127.0.0.1"),
    },
    {
      name: "alive",
      rule: call(
        "whileUp",
        "resolvers",
        2,
        call("AndRule", list(call("QNameRule", "alive.dns-lb.invalid."), call("RDRule"))),
      ),
      action: call("SpoofAction", "127.0.0.1"),
    },
    {
      name: "from outside",
      rule: call(
        "AndRule",
        list(
          call("NetmaskGroupRule", call("netmasks", list("10.0.0.53/32", "fd00::53/128")), false),
          call("NotRule", call("NetmaskGroupRule", call("netmasks", list("10.0.0.0/8")), true)),
        ),
      ),
      action: call("RCodeAction", constant("DNSRCode.REFUSED")),
    },
    {
      name: "operations",
      rule: call(
        "OrRule",
        list(
          call("OpcodeRule", constant("DNSOpcode.Update")),
          call("QTypeRule", constant("DNSQType.AXFR")),
          call("QTypeRule", "ANY"),
          call("QClassRule", constant("DNSClass.CHAOS")),
          call("QNameLabelsCountRule", 1, 60),
          call("DSTPortRule", 853),
        ),
      ),
      action: call("DropAction"),
    },
    {
      name: "too many",
      rule: call(
        "AndRule",
        list(
          call("TCPRule", false),
          call("limiter", "clients", constant("MaxQPSIPRule"), 5, 32, 64, 50),
          call("limiter", "all", constant("MaxQPSRule"), 10000),
        ),
      ),
      action: call("TCAction"),
    },
    {
      name: "no recursion",
      rule: call("NotRule", call("RecordsTypeCountRule", 3, 250, 1, 1)),
      action: call("SetNoRecurseAction"),
    },
    { name: "nothing", rule: call("MaxQPSRule", 10000), action: call("NoneAction") },
    {
      name: "zone",
      rule: call("SuffixMatchNodeRule", call("suffixes", list("example.com.", "example.net."))),
      action: call("PoolAction", "resolvers"),
    },
    { name: "up", rule: call("PoolAvailableRule", "resolvers:tcp"), action: call("PoolAction", "resolvers:tcp") },
    { name: "log", rule: call("TCPRule", true), action: call("LogAction") },
    { name: "rest", rule: call("AllRule"), action: call("DropAction") },
  ],
};
