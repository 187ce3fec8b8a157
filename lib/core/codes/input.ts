import type { CodeEntry } from "./code.js";

/** 101 to 199: errors in the input of one construct or factory, thrown where it is called. */
export const INPUT_CODES = {
  DNSLB101: {
    title: "unknown property",
    meaning: "The construct or factory has no property of this name. It would be ignored.",
    fix: "Correct the name; the message names those that are close, or all there are.",
    severity: "error",
  },
  DNSLB102: {
    title: "missing property",
    meaning: "A property without a default was left out.",
    fix: "Give the property; the message says what it takes.",
    severity: "error",
  },
  DNSLB103: {
    title: "wrong type, or none of the choices",
    meaning:
      "The value is of another type than the property takes, is none of its choices, or was not made by its factory.",
    fix: "Give one of the values that the message lists. Where it names a factory, call that: a copy of what it returned is not checked.",
    severity: "error",
  },
  DNSLB104: {
    title: "number out of range",
    meaning:
      "The number or the amount of memory is not between the bounds that the daemon, the protocol or the kernel has.",
    fix: "Choose a value within the bounds of the message.",
    severity: "error",
  },
  DNSLB105: {
    title: "not an IP address, or one of the wrong family",
    meaning: "The value must be an IPv4 or IPv6 address, without prefix length or port.",
    fix: "Write the address alone; ports have a property of their own. Host names are not looked up.",
    severity: "error",
  },
  DNSLB106: {
    title: "not a network",
    meaning:
      "The value must be a network with its prefix length, host bits zero. Daemons would refuse anything else, or silently use another network.",
    fix: 'Write the network, such as "10.0.0.0/8"; the message says which one was probably meant.',
    severity: "error",
  },
  DNSLB107: {
    title: "not a duration, or one out of range",
    meaning: "The value must be a time with its unit, within bounds and in the steps in which the daemon counts.",
    fix: 'Write a number and its unit (ms, s, m, h, d), such as "3s", within the bounds of the message.',
    severity: "error",
  },
  DNSLB108: {
    title: "not a rate, or one that cannot be counted",
    meaning: "The value must be a number of events per time span that the daemon can count.",
    fix: 'Write a rate such as "100/10s" or "5/s"; the message names the nearest that can be counted.',
    severity: "error",
  },
  DNSLB109: {
    title: "text that a configuration cannot hold",
    meaning:
      "A name, a domain name, an interface, a path or an image reference has characters or a length that a daemon, DNS, the kernel or Docker does not take.",
    fix: "Write it with the characters and the length that the message allows.",
    severity: "error",
  },
  DNSLB110: {
    title: "token where a value must be known at synthesis",
    meaning:
      "The value is a cdktf token, which only Terraform resolves, while configurations are written and checked at synthesis.",
    fix: "Write the value itself. For secrets use `Secret.fromVariable()`.",
    severity: "error",
  },
  DNSLB111: {
    title: "empty list",
    meaning: "The list must hold at least one entry; an empty list would serve nobody or match nothing.",
    fix: "Add an entry, or leave the property out where the message says what that means.",
    severity: "error",
  },
  DNSLB112: {
    title: "duplicate name, address, network or node",
    meaning: "A name, an address, a network or a node is used a second time where each must be unique.",
    fix: "Change or remove the second; the message names the first.",
    severity: "error",
  },
  DNSLB113: {
    title: "properties that contradict each other",
    meaning: "Each value is right by itself, but together they cannot be done, or one makes the other meaningless.",
    fix: "Remove or change one of the two; the message names both.",
    severity: "error",
  },
  DNSLB114: {
    title: "open resolver",
    meaning:
      "A frontend in front of a resolver pool has no 'allowFrom', or one that holds the whole Internet. Open resolvers amplify attacks on others (RFC 5358).",
    fix: "Name the networks of your clients in 'allowFrom'.",
    severity: "error",
  },
  DNSLB115: {
    title: "file that cannot be read, or is not what it should be",
    meaning: "A file of the deploying machine is read at synthesis, and is missing, unreadable or of another format.",
    fix: "Give the path of a readable file of the format that the message names.",
    severity: "error",
  },
  DNSLB116: {
    title: "reference to something that does not exist",
    meaning: "A property names a server, node, interface or zone that the other properties do not have.",
    fix: "Name one of those that the message lists, or add the missing one.",
    severity: "error",
  },
  DNSLB117: {
    title: "policy without a condition or without a limit",
    meaning: "An access rule that matches every query, or a rate limit that limits nothing.",
    fix: "Give the condition or the limit that the message names.",
    severity: "error",
  },
  DNSLB118: {
    title: "address families that do not match",
    meaning:
      "IPv4 and IPv6 are mixed where both sides must have the same family: a gateway and its address, a virtual address and the node that shall hold it, a subnet and the property that takes it.",
    fix: "Give an address of the right family, or give the node one.",
    severity: "error",
  },
  DNSLB119: {
    title: "address outside of its network",
    meaning:
      "A node's address or a gateway is not in the subnet that it must be in, or a virtual address is in a network of the app other than that of its interface. It could not be reached.",
    fix: "Choose an address in the subnet that the message names, or correct the subnet; a virtual address may also get another interface.",
    severity: "error",
  },
  DNSLB120: {
    title: "interfaces or networks of a node that conflict",
    meaning:
      "Interfaces of one node share a subnet or a parent, mix Docker networks with the host's network, or have the name of the loopback interface.",
    fix: "Give each interface a network and a name of its own, as the message says.",
    severity: "error",
  },
  DNSLB121: {
    title: "wrong number of nodes",
    meaning: "The load balancer was given more or fewer nodes than it needs.",
    fix: "Give as many nodes as the message says, or use the construct for your number of nodes.",
    severity: "error",
  },
  DNSLB122: {
    title: "construct that does not fit here",
    meaning:
      "A server, pool, image or primary was given that is of the right type but cannot do what it is needed for: an authoritative server in a resolver pool, a fallback that has a fallback of its own, an image without the daemon or on another engine, a primary without a zone.",
    fix: "Give one that fits, or change that one as the message says.",
    severity: "error",
  },
  DNSLB123: {
    title: "zone data that a server would refuse, or serve under names that were not meant",
    meaning:
      "Records that cannot stand together, are outside of the zone, lack the name servers or their addresses, or have a name without its final dot (RFC 1035, RFC 2181). Servers refuse such zones, or serve names that nobody meant.",
    fix: "Correct the record that the message names.",
    severity: "error",
  },
  DNSLB124: {
    title: "transferred zone without a serial of its own",
    meaning:
      "Without a 'serial', the serial is a hash of the records, which a change can also decrease. Secondaries transfer a zone only when its serial increases (RFC 1982), and would miss changes.",
    fix: "Give the zone a 'serial', and increase it with every change.",
    severity: "error",
  },
  DNSLB125: {
    title: "daemon too old for a feature",
    meaning: "A property needs a feature that the node's version of the daemon does not have.",
    fix: "Choose a base or versions that have the feature (`DEBIAN_13`), or leave the property out.",
    severity: "error",
  },
  DNSLB126: {
    title: "version of a daemon that is not supported",
    meaning: "The version is not a version number, or is older than the oldest supported one.",
    fix: "Take one of the supported versions that the message lists.",
    severity: "error",
  },
  DNSLB127: {
    title: "version of a daemon that is newer than tested",
    meaning:
      "The version is newer than the newest on which this library was tested. Configurations are written as for that one; the node still checks them with the daemon's own checker before it takes them.",
    fix: "Nothing, if the deployment succeeds; else take the tested version, or a newer release of this library.",
    severity: "warning",
  },
  DNSLB128: {
    title: "package installed twice",
    meaning:
      "A construct or a value comes from another installed copy of this library, of its platform's provider or of cdktf than the one that receives it. One copy does not recognize the constructs of another.",
    fix: "Keep one copy: `npm ls` with the package's name shows which dependency installs the other, `npm dedupe` removes it; an alias in package.json joins cdktf and cdktn.",
    severity: "error",
  },
  DNSLB130: {
    title: "required TTL security where a router stands between the nodes",
    meaning:
      "With 'ttlSecurity' a node refuses adverts that arrive with a TTL or hop limit below 255 (RFC 5082). The nodes are in different subnets, and the router between them lowers it: the nodes would not hear each other, and both would lead.",
    fix: "Put the nodes in one subnet, send adverts over an interface that both have in one ('advertisementInterface'), or leave 'ttlSecurity' out.",
    severity: "error",
  },
  DNSLB131: {
    title: "interface for adverts on a node whose interfaces are not known",
    meaning:
      "Adverts over an 'advertisementInterface' need the nodes' addresses there. On the network of its host a node has the host's interfaces, whose addresses are not known at synthesis.",
    fix: "Give the node a network that Docker attaches, such as `DockerNetwork.macvlan()`, and the interface in 'interfaces'; or leave 'advertisementInterface' out.",
    severity: "error",
  },
  DNSLB132: {
    title: "many listeners with few connections each",
    meaning:
      "Each frontend and DoT listener of a load balancer is sure of an equal part of the TCP and TLS connections of a node. With many of them that is few; beyond it a listener has what the others leave.",
    fix: "Nothing, if the number in the message is enough for the clients of each; else give the nodes more 'maxConnections', or spread the listeners over several load balancers.",
    severity: "warning",
  },
  DNSLB134: {
    title: "transfers that may pause longer than their server bears",
    meaning:
      "The `zoneTransfer.idleTimeout` of a pool is longer than the time after which a server that answers transfers, an NsdServer, ends a TCP connection that stands still.",
    fix: "Lower 'zoneTransfer.idleTimeout' to at most \"2m\".",
    severity: "error",
  },
  DNSLB135: {
    title: "expected value that no answer can have",
    meaning:
      "A health check expects data that the daemons cannot look for in an answer, or expects a value although it lets answers without one pass.",
    fix: "Expect an address of a probe for A or AAAA, or a text of a probe for TXT, and keep the answer required.",
    severity: "error",
  },
  DNSLB136: {
    title: "health check that servers over TLS are not judged by",
    meaning:
      "Servers over TLS are judged by dnsdist alone for UDP clients, by the RCODE of their answers to one name. A value, AA or a random label would be enforced on one path only.",
    fix: "Leave it out of the health check, or ask the servers without TLS.",
    severity: "error",
  },
  DNSLB137: {
    title: "address that the router of a network has",
    meaning:
      "A node's address or a virtual address is the gateway of its Docker network. Docker gives a bridge's gateway to the host, and refuses a container with that address.",
    fix: "Choose another address, or give the network its real router by `gateway` or `gateway6`.",
    severity: "error",
  },
  DNSLB138: {
    title: "network too small",
    meaning: "The Docker network has no room for a router and a node.",
    fix: "Give a larger subnet, or name the router by `gateway` or `gateway6`.",
    severity: "error",
  },
  DNSLB140: {
    title: "load balancer with every node out of service",
    meaning: "All nodes of a load balancer have `outOfService`, so that no node would get a change.",
    fix: "Take `outOfService` out of a node that can be changed.",
    severity: "error",
  },
  DNSLB141: {
    title: "node out of service that no other node replaces",
    meaning:
      "The node of a `StandaloneLoadBalancer` or of a server has `outOfService`. No other node does its work, and no other stack waits for it, so that there is nothing to take it out of.",
    fix: "Leave `outOfService` out, and name the stacks to deploy while the machine is away: `cdktf deploy lb1 lb2`.",
    severity: "error",
  },
  DNSLB142: {
    title: "address that is none of one machine",
    meaning:
      "The address is of a kind that no machine can be reached at: unspecified, loopback, link-local, multicast, broadcast, reserved, or an IPv4 address in a form of IPv6; or it is the first or last address of a subnet that is known, its own or one that the node reaches.",
    fix: "Give an address of the machine's own network, as the message says.",
    severity: "error",
  },
  DNSLB143: {
    title: "network that no client or node is in, or that means two things",
    meaning:
      "No machine has an address of the network, or it holds IPv4 addresses in the form of IPv6 ones, which HAProxy takes for IPv4 and dnsdist does not.",
    fix: "Write the IPv4 network itself, or the network that the message names.",
    severity: "error",
  },
  DNSLB144: {
    title: "nodes of a pair that cannot hear each other",
    meaning:
      "VRRP adverts of one node do not reach the other one: the nodes are in different subnets, or nothing passes between the Docker network of one and the network of the other. Each would take the other for dead, and both would hold the virtual addresses.",
    fix: "Put the nodes into one network that both hosts share, as the message says; where a router stands between them and passes VRRP, set `ttlSecurity: false`.",
    severity: "error",
  },
  DNSLB145: {
    title: "more virtual addresses than an advert has room for",
    meaning:
      "A pair has more virtual addresses of a family than one VRRP advert holds: 255 of IPv4, 89 of IPv6. keepalived would leave the others out of adverts.",
    fix: "Spread the addresses over several pairs.",
    severity: "error",
  },
  DNSLB146: {
    title: "networks that one Docker engine refuses beside each other",
    meaning:
      "Two nodes on one engine are in networks that it does not take together: networks with overlapping subnets, two networks of one name, two macvlan networks on one parent, or one network that is described in two ways.",
    fix: "Give both nodes the same network; where their stacks differ, make it in one and name it by `DockerNetwork.existing()` in the others.",
    severity: "error",
  },
  DNSLB150: {
    title: "record type or data that a server would refuse",
    meaning:
      "A record has a type that not every supported version of unbound and NSD knows by its name, or data that its type does not take: a number out of range, digits that are no bytes, a digest of another length than its type, a name without its final dot. The server would refuse the configuration when it is deployed.",
    fix: "Write the data in the form that the message says. A type without a name is written by its number, with its data as bytes (RFC 3597).",
    severity: "error",
  },
  DNSLB151: {
    title: "local data that their local zone does not take",
    meaning:
      'A local zone of type "redirect" takes records of its own name alone, "always_nxdomain" answers none, and a DS record belongs to a zone above its name. unbound would not start, or would never answer the record.',
    fix: "Give the record a local zone that takes it, as the message says.",
    severity: "error",
  },
  DNSLB152: {
    title: "construct without a scope or an id",
    meaning:
      "The first argument of a construct is no construct, or its second is no text. The construct would stand in no stack, and its errors would have no path. An id that every object has as a property, such as `constructor`, counts as taken.",
    fix: 'Give the construct that holds it, and its id: `new ResolverPool(this, "Resolvers", { ... })`.',
    severity: "error",
  },
  DNSLB158: {
    title: "certificate file without what a listener needs",
    meaning:
      "The file of a listener's certificate, read at synthesis, holds no certificate or no private key, more than one key, one with a password or one that is too short, or cannot be read. HAProxy would refuse it on the node.",
    fix: "Put the certificate, its chain and its private key into one PEM file, as the message says.",
    severity: "error",
  },
  DNSLB159: {
    title: "private key that does not fit the certificate",
    meaning:
      "The private key belongs to another certificate than the first of the file, which is the one that HAProxy shows to clients.",
    fix: "Begin the file with the certificate of its key, or take the key with which the certificate was requested.",
    severity: "error",
  },
  DNSLB160: {
    title: "chain in the wrong order, or with strangers in it",
    meaning:
      "Each certificate of the file must have signed the one before it (RFC 5246). HAProxy sends them as they stand, and strict clients end the connection.",
    fix: "Put each issuer right after what it has signed, and remove what belongs to another chain.",
    severity: "error",
  },
  DNSLB161: {
    title: "certificate that clients refuse",
    meaning:
      "The certificate is not for the 'serverName' by which clients verify it (RFC 8310), or not for servers. Its names are those of the extension subjectAltName; the common name does not count (RFC 6125).",
    fix: "Request a certificate for that name and for servers, or correct 'serverName'.",
    severity: "error",
  },
  DNSLB162: {
    title: "certificate that has expired, is not yet valid, or ends soon",
    meaning:
      "Clients that verify the certificate refuse it outside of its time. Less than a quarter of its lifetime is left, 21 days at most; OVERDUE: less than a tenth, 7 days at most.",
    fix: "Renew the certificate, put it in the place of the old one, and deploy.",
    severity: "warning",
  },
  DNSLB163: {
    title: "file of certificate authorities that holds something else",
    meaning:
      "The file that a 'trust' names (of 'clientAuth', or of the 'tls' of a pool), read at synthesis, holds no certificate, a private key, or a certificate that may sign no other. Nobody could be verified by it, or a key would lie where nothing needs it.",
    fix: "Give the certificates of the authorities that sign those of the clients or of the servers, and nothing else.",
    severity: "error",
  },
  DNSLB164: {
    title: "keys of session tickets that are too few, too short or none",
    meaning:
      "The property 'ticketKeys' needs at least three different keys, one a line, each of 32 or more random bytes in Base64. The node would refuse the release.",
    fix: "Make each line by `openssl rand -base64 48`.",
    severity: "error",
  },
  DNSLB165: {
    title: "health check that does not see a server that hangs",
    meaning:
      "The pool is checked by `HealthCheck.tcp()`. The kernel of a server accepts connections while its daemon hangs, answers SERVFAIL to everything or has lost its zones, so that clients go on being sent there.",
    fix: "Take `HealthCheck.query()`; nothing, if the servers must not be asked.",
    severity: "warning",
  },
  DNSLB166: {
    title: "health check over TLS of servers without TLS",
    meaning: "A pool is checked by `HealthCheck.dnsOverTls()`, and one of its servers is asked without TLS.",
    fix: "Give each of the 'servers' its 'tls', or take `HealthCheck.query()`.",
    severity: "error",
  },
  DNSLB167: {
    title: "script that no node could run",
    meaning:
      "The `script` of `HealthCheck.external()`, read at synthesis, is neither the text of a script nor a file that can be read, does not begin with `#!` and the absolute path of an interpreter, is too large, or is no UTF-8.",
    fix: "Correct the path, or the script, as the message says.",
    severity: "error",
  },
  DNSLB168: {
    title: "extra setting that cannot be written",
    meaning:
      "A directive, a call or a line in `extra` is not in the words of `cdktf-dns-lb/config`: its first word is none that may stand there, it is no list of words, or it has values that the daemon's file cannot hold.",
    fix: "Correct it as the message says. A word that the daemon knows and the list does not is added as CONTRIBUTING.md says.",
    severity: "error",
  },
  DNSLB169: {
    title: "extra setting that contradicts the library",
    meaning:
      "The `extra` of a load balancer or a frontend has a directive that the library writes itself, or relies on not being there. Of two values a daemon would take one, and what is promised would no longer hold.",
    fix: "Leave it out. The message names the property, or the reason, that stands in its place.",
    severity: "error",
  },
  DNSLB170: {
    title: "number that no autonomous system of a group or a neighbor can have",
    meaning:
      "An 'asn' of an AnycastGroup or of a neighbor is reserved (23456, 65535 and 4294967295, by RFC 6793 and RFC 7300), or a neighbor has that of the group: nodes speak external BGP, and a longer path with the number of the group in it would be taken for a loop inside.",
    fix: "Give the group a private number of its own (64512 to 65534, or 4200000000 to 4294967294), and each neighbor that of the routers.",
    severity: "error",
  },
  DNSLB171: {
    title: "community that a node cannot announce",
    meaning:
      "A text in 'communities' is no pair of two numbers of 16 bits (RFC 1997), asks all routers to leave the node or to drop its traffic (RFC 8326, RFC 7999), or is one by which the library says what the node's failures cost.",
    fix: 'Write it as "64500:310", with the number of the routers\' autonomous system first; routers map one of 32 bits to a private one.',
    severity: "error",
  },
  DNSLB172: {
    title: "node without a neighbor that some addresses need",
    meaning:
      "A member of an AnycastGroup has no neighbor of a family of the group's 'addresses', so that nobody would learn them from it; or, with `defaultRoute: \"bgp\"`, none on a network of the node, from which it could take its default route.",
    fix: "Add a neighbor of that family, at an address of that family.",
    severity: "error",
  },
  DNSLB173: {
    title: "password of a neighbor that BIRD or the kernel cannot take",
    meaning:
      "The file of a 'password', read at synthesis, is empty, has several lines, a quotation mark or a control character, which BIRD cannot quote, or more than the 80 bytes that Linux takes for TCP MD5 (RFC 2385). The node would refuse the release.",
    fix: "Choose another password of at most 80 printable characters without quotation marks, on the router, too.",
    severity: "error",
  },
  DNSLB174: {
    title: "right that BIRD lacks on a node",
    meaning:
      "A neighbor has 'bfd', or the group `defaultRoute: \"bgp\"`, and the platform of the node does not let BIRD send packets of BFD or install routes.",
    fix: 'Do what the message says on the platform, or set `bfd: false` or `defaultRoute: "static"`.',
    severity: "error",
  },
  DNSLB175: {
    title: "node without BIRD",
    meaning: "The 'versions' of a member of an AnycastGroup do not name that of BIRD, which announces its addresses.",
    fix: "Take `DEBIAN_12` or `DEBIAN_13`, or add 'bird' to the versions.",
    severity: "error",
  },
  DNSLB176: {
    title: "nodes that routers cannot tell apart",
    meaning:
      "BGP tells routers apart by numbers of 32 bits: here a node's IPv4 address or, without one, the last 32 bits of its IPv6 address. Two members of a group have the same, or one has 0.",
    fix: "Give the node an IPv4 'address', or an 'address6' with another end.",
    severity: "error",
  },
  DNSLB177: {
    title: "announced address that machines look for on a network",
    meaning:
      "An address of an AnycastGroup is in a network of one of its nodes, or is that of a neighbor. Machines there would ask for it by ARP or neighbor discovery, which no node answers, and not their router.",
    fix: "Choose addresses from a prefix of their own that only routes lead to.",
    severity: "error",
  },
  DNSLB178: {
    title: "nodes of a group that cannot ask each other",
    meaning:
      "The nodes of an AnycastGroup ask each other what they serve before one of them withdraws. They have no family of addresses in common, or nothing passes between their networks.",
    fix: "Give all nodes an IPv4 'address', or all an 'address6', in networks between which packets pass.",
    severity: "error",
  },
  DNSLB180: {
    title: "announcing node that no router reaches",
    meaning:
      "A node of an `AnycastGroup` is in `DockerNetwork.bridge()`. Nothing passes between a bridge and the routers outside of its engine, so that no session would begin.",
    fix: "Give the node `DockerNetwork.macvlan()` or `DockerNetwork.host()`, or `DockerNetwork.existing()` with a network that reaches the routers.",
    severity: "error",
  },
  DNSLB181: {
    title: "announced address that ARP would tell of",
    meaning:
      "A node of an `AnycastGroup` has the addresses of the group on `lo`, and its `keepsAddresses` is false: the kernel answers ARP for them, and asks for neighbours in their name, which routers ignore.",
    fix: "Leave 'keepsAddresses' of a host out. On Docker set the sysctls `net.ipv4.conf.all.arp_ignore=1` and `net.ipv4.conf.all.arp_announce=2` on the host, and use `DockerNetwork.host({ keepsAddresses: true })`, or give the node a network of its own.",
    severity: "error",
  },
  DNSLB190: {
    title: "load balancer that tells no metrics",
    meaning:
      "A load balancer that `MonitoringFiles` is given has no `statistics`: Prometheus could not read anything from its nodes.",
    fix: "Give the load balancer its 'statistics', or leave it out of 'loadBalancers'.",
    severity: "error",
  },
} as const satisfies Record<string, CodeEntry>;
