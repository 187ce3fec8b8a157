-- Servers, pools and rules of dnsdist; runtime.lua applies them.
return {
  servers = {
    { id = "resolvers/resolver1", pools = { "resolvers", "resolvers:all" }, options = { name = "resolvers/resolver1", address = "10.9.1.10:53", weight = 1, checkName = ".", checkType = "NS", mustResolve = false, checkInterval = 2, checkTimeout = 1000, maxCheckFailures = 3, rise = 2, tcpConnectTimeout = 1, tcpRecvTimeout = 10 } },
    { id = "resolvers:tcp/resolver1", pools = { "resolvers:tcp", "resolvers:tcp:all" }, options = { name = "resolvers:tcp/resolver1", address = "10.9.1.10:53", weight = 1, checkName = ".", checkType = "NS", mustResolve = false, checkInterval = 2, checkTimeout = 1000, maxCheckFailures = 3, rise = 2, tcpConnectTimeout = 1, tcpRecvTimeout = 10, tcpOnly = true, checkTCP = true, maxInFlight = 100 } },
    { id = "resolvers/resolver2", pools = { "resolvers", "resolvers:all" }, options = { name = "resolvers/resolver2", address = "10.9.1.11:53", weight = 1, checkName = ".", checkType = "NS", mustResolve = false, checkInterval = 2, checkTimeout = 1000, maxCheckFailures = 3, rise = 2, tcpConnectTimeout = 1, tcpRecvTimeout = 10 } },
    { id = "resolvers:tcp/resolver2", pools = { "resolvers:tcp", "resolvers:tcp:all" }, options = { name = "resolvers:tcp/resolver2", address = "10.9.1.11:53", weight = 1, checkName = ".", checkType = "NS", mustResolve = false, checkInterval = 2, checkTimeout = 1000, maxCheckFailures = 3, rise = 2, tcpConnectTimeout = 1, tcpRecvTimeout = 10, tcpOnly = true, checkTCP = true, maxInFlight = 100 } },
  },
  pools = {
    { name = "resolvers", policy = "leastOutstanding", judge = { query = "0000010000010000000000000000020001", rcodes = { 0 }, answer = true, authoritative = false } },
    { name = "resolvers:all", policy = "sendAnyway" },
    { name = "resolvers:tcp", policy = "leastOutstanding", judge = { query = "0000010000010000000000000000020001", rcodes = { 0 }, answer = true, authoritative = false } },
    { name = "resolvers:tcp:all", policy = "sendAnyway" },
  },
  rules = {
    { name = "subscribers: NOTIFY and UPDATE", rule = AndRule({ OrRule({ OpcodeRule(DNSOpcode.Notify), OpcodeRule(DNSOpcode.Update) }), NetmaskGroupRule(netmasks({ "192.0.2.53/32", "2001:db8:53::53/128" }), false) }), action = RCodeAction(DNSRCode.REFUSED) },
    { name = "subscribers: identity", rule = AndRule({ QClassRule(3), QTypeRule("TXT"), OpcodeRule(DNSOpcode.Query), OrRule({ QNameRule("id.server."), QNameRule("hostname.bind.") }), NetmaskGroupRule(netmasks({ "192.0.2.53/32", "2001:db8:53::53/128" }), false), NetmaskGroupRule(netmasks({ "100.64.0.0/10", "2001:db8:1000::/36" }), true) }), action = SpoofRawAction("\005ams13", { ttl = 0, aa = true, ra = false }) },
    { name = "subscribers: UDP to resolvers", rule = AndRule({ TCPRule(false), NetmaskGroupRule(netmasks({ "192.0.2.53/32", "2001:db8:53::53/128" }), false), NetmaskGroupRule(netmasks({ "100.64.0.0/10", "2001:db8:1000::/36" }), true), PoolAvailableRule("resolvers") }), action = PoolAction("resolvers") },
    { name = "subscribers: TCP to resolvers", rule = AndRule({ TCPRule(true), NetmaskGroupRule(netmasks({ "192.0.2.53/32", "2001:db8:53::53/128" }), false), NetmaskGroupRule(netmasks({ "100.64.0.0/10", "2001:db8:1000::/36" }), true), PoolAvailableRule("resolvers:tcp") }), action = PoolAction("resolvers:tcp") },
    { name = "subscribers: outsiders", rule = AndRule({ NetmaskGroupRule(netmasks({ "192.0.2.53/32", "2001:db8:53::53/128" }), false), NotRule(NetmaskGroupRule(netmasks({ "100.64.0.0/10", "2001:db8:1000::/36" }), true)) }), action = RCodeAction(DNSRCode.REFUSED) },
    { name = "subscribers: UDP when all is down", rule = AndRule({ TCPRule(false), NetmaskGroupRule(netmasks({ "192.0.2.53/32", "2001:db8:53::53/128" }), false) }), action = PoolAction("resolvers:all") },
    { name = "subscribers: TCP when all is down", rule = AndRule({ TCPRule(true), NetmaskGroupRule(netmasks({ "192.0.2.53/32", "2001:db8:53::53/128" }), false) }), action = PoolAction("resolvers:tcp:all") },
    { name = "this node: resolvers has servers", rule = AndRule({ QNameRule("resolvers.pool.dns-lb.invalid."), NetmaskGroupRule(netmasks({ "127.0.0.1/32", "10.9.0.13/32", "fd09::13/128" }), false), NetmaskGroupRule(netmasks({ "127.0.0.1/32", "10.9.0.13/32", "fd09::13/128" }), true), PoolAvailableRule("resolvers") }), action = SpoofAction("127.0.0.1") },
    { name = "this node: alive", rule = AndRule({ QNameRule("alive.dns-lb.invalid."), NetmaskGroupRule(netmasks({ "127.0.0.1/32" }), false) }), action = SpoofAction("127.0.0.1") },
    { name = "this node: other names", rule = NetmaskGroupRule(netmasks({ "127.0.0.1/32" }), false), action = RCodeAction(DNSRCode.REFUSED) },
    { name = "everything else", rule = AllRule(), action = DropAction() },
  },
}
