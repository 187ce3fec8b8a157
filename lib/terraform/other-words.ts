const OF_ALL_NODES = "'extra' of the load balancer is the same on all of its nodes";

/** What stands in the place of words that people type from the configurations of daemons, by construct or factory. */
const REPLACEMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  HaPair: {
    priority: "the healthier node leads; 'preferredNode' names the one that leads whenever both are as healthy",
    nopreempt: "without 'preferredNode' a node that recovers takes nothing back",
    preempt: "'preferredNode' names the node that takes the addresses back",
    state: "the nodes elect the master; 'preferredNode' names the one that is preferred",
    vrid: "'virtualRouterId' is the virtual router id",
    interface: "'virtualAddresses' name the 'interface' of each address, 'advertisementInterface' that of the adverts",
    advertInt: "'advertisementInterval' is the interval of adverts, with its unit: \"200ms\"",
    virtualIpaddress: "'virtualAddresses' lists the addresses",
    unicastPeer: "adverts are unicast between the two 'nodes'",
    unicastSrcIp: "adverts are sent from the nodes' own addresses",
    trackInterface: "the interfaces of the addresses are tracked",
    trackScript: "the daemons and the pools are checked",
    authType: "VRRPv3 has no authentication (RFC 9568)",
    authPass: "VRRPv3 has no authentication (RFC 9568)",
    maxconn: "the listeners of a node share its 'maxConnections'; RateLimit.perClient() limits each client",
  },
  AnycastGroup: {
    nodes: "'members' lists the nodes, each with its routers",
    neighbors: "each of 'members' has its 'neighbors'",
    neighbor: "each of 'members' has its 'neighbors'",
    peers: "each of 'members' has its 'neighbors'",
    communities: "each of 'members' has its 'communities'",
    virtualAddresses: "'addresses' lists the addresses that every node announces",
    virtualRouterId: "VRRP is for an HaPair; routers learn the 'addresses' by BGP",
    localAs: "'asn' is the number of the group's autonomous system",
    as: "'asn' is the number of the group's autonomous system",
    routerId: "each node has its IPv4 address as router id, or the last 32 bits of its IPv6 address",
    password: "each of the 'neighbors' of a member has its 'password'",
    bfd: "each of the 'neighbors' of a member has its 'bfd'",
    multihop: "each of the 'neighbors' of a member has its 'multihop'",
    prepend: "'whenSick' says what a node announces while something of it fails",
    gracefulRestart: "routers would go on to send clients to a node whose BIRD has died",
    holdTime: "it is 9 s; 'bfd' of each neighbor notices sooner that a router is gone",
    localPref: "it does not leave an autonomous system; 'communities' can ask routers for it",
    preferredNode: "nodes that are as well share the clients; 'communities' can ask routers for a preference",
  },
  ResolverPool: poolWords(),
  AuthoritativePool: poolWords(),
  DnsFrontend: {
    bind: "'address' or 'addresses' and 'port' say where it listens",
    mode: "'tcpPath' says how TCP is balanced",
    backend: "'pool' is the pool that answers",
    defaultBackend: "'pool' is the pool that answers",
    maxconn: "the listeners of a node share its 'maxConnections'; RateLimit.perClient() limits each client",
    timeout: "'idleTimeout' and 'closeTimeout' are the times for clients",
    timeoutClient: "'idleTimeout' is the time for idle clients",
    acl: "'allowFrom' and 'accessRules' say who is served",
    allow: "'allowFrom' lists the networks of the clients",
  },
  UnboundServer: {
    accessControl: "'allowFrom' lists the networks of the clients",
    numThreads: "'threads' is the number of threads",
    msgCacheSize: "'cacheSize' is the size of the caches together",
    rrsetCacheSize: "'cacheSize' is the size of the caches together",
    forwardZone: "'forwardZones' lists zones with forwarders, 'forwardTo' those of all others",
    forwardAddr: "'forwardTo' lists the forwarders",
    domainInsecure: "'insecureZones' lists zones that are not validated",
    interface: "it answers at the addresses of its 'node'",
  },
  NsdServer: {
    provideXfr: "'allowTransfer' and 'secondaries' say who may transfer",
    requestXfr: "Zone.fromPrimary() and 'secondaryOf' say from where zones come",
    notify: "'secondaries' get NOTIFY",
    rrlRatelimit: "'responseRateLimit' is the limit of answers",
    ipAddress: "it answers at the addresses of its 'node'",
  },
  DockerNode: { extra: OF_ALL_NODES },
  SshNode: { extra: OF_ALL_NODES },
  BundleNode: { extra: OF_ALL_NODES },
  DotListener: { extra: "'extra' of its frontend is for all listeners of that" },
  "HealthCheck.tcp()": {
    inter: "'interval' is the time between probes",
    checkInterval: "'interval' is the time between probes",
    checkTimeout: "'timeout' is the time for a connection",
    maxCheckFailures: "'fall' is the number of failed probes",
    name: "HealthCheck.query() asks for a name",
    port: "each of 'servers' has its 'port', which is checked",
  },
  "HealthCheck.dnsOverTls()": {
    inter: "'interval' is the time between probes",
    checkInterval: "'interval' is the time between probes",
    checkName: "'name' is the name to ask for",
    checkType: "'type' is the type to ask for",
    cd: "'checkingDisabled' sets the CD bit",
    randomLabel: "dnsdist's probe over TLS asks for one name",
    verify: "the certificates of servers are always verified, by the 'tls' of each",
  },
  "HealthCheck.query()": {
    inter: "'interval' is the time between probes",
    checkInterval: "'interval' is the time between probes",
    checkName: "'name' is the name to ask for",
    checkType: "'type' is the type to ask for",
    checkTimeout: "'timeout' is the time for an answer",
    maxCheckFailures: "'fall' is the number of failed probes",
    cd: "'checkingDisabled' sets the CD bit",
    setCD: "'checkingDisabled' sets the CD bit",
    mustResolve: "'expect' says which answers are those of a healthy server",
  },
};

function poolWords(): Readonly<Record<string, string>> {
  const probes = "HealthCheck.query() takes it, for 'healthCheck'";
  return {
    ...{ fall: probes, rise: probes, interval: probes, inter: probes, check: probes, timeout: probes },
    maxconn: "a server must take the connections that clients have open at once; the load balancer limits clients",
    backup: "'fallback' is the pool that serves while every server is down",
    order: "Balance.first() takes the first server that is up, for 'balance'",
    weight: "each of 'servers' has its 'weight'",
    qps: "RateLimit.perClient() limits clients, for the 'rateLimit' of a frontend",
    useProxyProtocol: "'clientAddress' says whether servers get PROXY headers",
    sendProxy: "'clientAddress' says whether servers get PROXY headers",
    sendProxyV2: "'clientAddress' says whether servers get PROXY headers",
    hashType: "Balance.sourceHash() keeps each client at a server, for 'balance'",
    sticky: "Balance.sourceHash() keeps each client at a server, for 'balance'",
    policy: "'balance' says how a server is picked",
    algorithm: "'balance' says how a server is picked",
  };
}

/** What replaces a word of a daemon's configuration; undefined if none is known. Hyphens and case do not matter. */
export function replacementOf(word: string, name: string): string | undefined {
  const plain = plainWord(word);
  const words = Object.hasOwn(REPLACEMENTS, name) ? (REPLACEMENTS[name] ?? {}) : {};
  return Object.entries(words).find(([known]) => plainWord(known) === plain)?.[1];
}

function plainWord(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}
