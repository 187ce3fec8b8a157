-- Servers, pools and rules of dnsdist; runtime.lua applies them.
return {
  servers = {
    { id = "resolvers/resolver1", pools = { "resolvers", "resolvers:all" }, options = { name = "resolvers/resolver1", address = "10.0.0.10:53", weight = 1, checkName = ".", checkType = "NS", mustResolve = false, checkInterval = 2, checkTimeout = 1000, maxCheckFailures = 3, rise = 2, tcpConnectTimeout = 1, tcpRecvTimeout = 10 } },
    { id = "resolvers:tcp/resolver1", pools = { "resolvers:tcp", "resolvers:tcp:all" }, options = { name = "resolvers:tcp/resolver1", address = "10.0.0.10:53", weight = 1, checkName = ".", checkType = "NS", mustResolve = false, checkInterval = 2, checkTimeout = 1000, maxCheckFailures = 3, rise = 2, tcpConnectTimeout = 1, tcpRecvTimeout = 10, tcpOnly = true, checkTCP = true, maxInFlight = 100 } },
    { id = "resolvers/resolver2", pools = { "resolvers", "resolvers:all" }, options = { name = "resolvers/resolver2", address = "10.0.0.11:53", weight = 1, checkName = ".", checkType = "NS", mustResolve = false, checkInterval = 2, checkTimeout = 1000, maxCheckFailures = 3, rise = 2, tcpConnectTimeout = 1, tcpRecvTimeout = 10 } },
    { id = "resolvers:tcp/resolver2", pools = { "resolvers:tcp", "resolvers:tcp:all" }, options = { name = "resolvers:tcp/resolver2", address = "10.0.0.11:53", weight = 1, checkName = ".", checkType = "NS", mustResolve = false, checkInterval = 2, checkTimeout = 1000, maxCheckFailures = 3, rise = 2, tcpConnectTimeout = 1, tcpRecvTimeout = 10, tcpOnly = true, checkTCP = true, maxInFlight = 100 } },
  },
  pools = {
    { name = "resolvers", policy = "leastOutstanding", judge = { query = "0000010000010000000000000000020001", rcodes = { 0 }, answer = true, authoritative = false } },
    { name = "resolvers:all", policy = "sendAnyway" },
    { name = "resolvers:tcp", policy = "leastOutstanding", judge = { query = "0000010000010000000000000000020001", rcodes = { 0 }, answer = true, authoritative = false } },
    { name = "resolvers:tcp:all", policy = "sendAnyway" },
  },
  rules = {
    { name = "office: NOTIFY and UPDATE", rule = AndRule({ OrRule({ OpcodeRule(DNSOpcode.Notify), OpcodeRule(DNSOpcode.Update) }), NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false) }), action = RCodeAction(DNSRCode.REFUSED) },
    { name = "office: UDP to resolvers", rule = AndRule({ TCPRule(false), NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false), NetmaskGroupRule(netmasks({ "10.0.0.0/8" }), true), PoolAvailableRule("resolvers") }), action = PoolAction("resolvers") },
    { name = "office: TCP to resolvers", rule = AndRule({ TCPRule(true), NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false), NetmaskGroupRule(netmasks({ "10.0.0.0/8" }), true), PoolAvailableRule("resolvers:tcp") }), action = PoolAction("resolvers:tcp") },
    { name = "office: outsiders", rule = AndRule({ NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false), NotRule(NetmaskGroupRule(netmasks({ "10.0.0.0/8" }), true)) }), action = RCodeAction(DNSRCode.REFUSED) },
    { name = "office: UDP when all is down", rule = AndRule({ TCPRule(false), NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false) }), action = PoolAction("resolvers:all") },
    { name = "office: TCP when all is down", rule = AndRule({ TCPRule(true), NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false) }), action = PoolAction("resolvers:tcp:all") },
    { name = "this node: resolvers has servers", rule = AndRule({ QNameRule("resolvers.pool.dns-lb.invalid."), NetmaskGroupRule(netmasks({ "127.0.0.1/32", "10.0.0.3/32" }), false), NetmaskGroupRule(netmasks({ "127.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32" }), true), PoolAvailableRule("resolvers") }), action = SpoofAction("127.0.0.1") },
    { name = "this node: servers of resolvers, asked by the other node", rule = AndRule({ QTypeRule("NS"), TCPRule(false), OpcodeRule(DNSOpcode.Query), QNameRule("."), NetmaskGroupRule(netmasks({ "10.0.0.3/32" }), false), NetmaskGroupRule(netmasks({ "10.0.0.2/32" }), true), EDNSOptionRule(65001), limiter("this node: proofs of resolvers", MaxQPSRule, 10) }), action = PoolAction("resolvers") },
    { name = "this node: alive", rule = AndRule({ QNameRule("alive.dns-lb.invalid."), NetmaskGroupRule(netmasks({ "127.0.0.1/32" }), false) }), action = SpoofAction("127.0.0.1") },
    { name = "this node: other names", rule = NetmaskGroupRule(netmasks({ "127.0.0.1/32" }), false), action = RCodeAction(DNSRCode.REFUSED) },
    { name = "everything else", rule = AllRule(), action = DropAction() },
  },
}
