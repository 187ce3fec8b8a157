import type { CodeEntry } from "./code.js";

/** 001 to 099: problems that only a whole load balancer, or the app, shows; reported together at synthesis. */
export const RULE_CODES = {
  DNSLB001: {
    title: "address that the load balancer does not hold",
    meaning:
      "A frontend or the statistics page listens on an address that is neither a virtual address of the pair, nor an address of the group, nor, on a standalone load balancer, the node's own. Nothing would bring that address to a node.",
    fix: "Listen on one of the addresses that the message lists, or add the address to the 'virtualAddresses' of the pair, or the 'addresses' of the group.",
    severity: "error",
  },
  DNSLB002: {
    title: "two listeners on one address and port",
    meaning:
      "Two frontends, DoT listeners or the statistics page would bind the same address and port; or two nodes that run nothing in common are on the network of one host, and their daemons would. A daemon on all addresses takes each. The daemon would refuse to start, or the kernel would spread connections over both.",
    fix: "Give one of them another address or another port; of two nodes, one a network of its own or another engine.",
    severity: "error",
  },
  DNSLB003: {
    title: "two construct ids that give the same name",
    meaning:
      "Daemons know pools and listeners by their construct id in lower case, with hyphens. Two of one load balancer have the same name, or a DoT listener that of the statistics with a certificate.",
    fix: "Choose another construct id for one of them.",
    severity: "error",
  },
  DNSLB004: {
    title: "policy that the direct TCP path cannot enforce",
    meaning:
      'A limit on queries, an access rule by name, type, class or opcode, a route, a zone transfer, or sources of NOTIFY and UPDATE need a proxy that reads every query, and a `maximumConnectionAge` one that ends connections at an age. With `tcpPath: "direct"` HAProxy balances TCP connections without reading them, so that a client could evade the policy over TCP.',
    fix: 'Set `tcpPath: "inspected"` on the frontend, or leave out the policy.',
    severity: "error",
  },
  DNSLB005: {
    title: "two pairs with the same virtual router id on one network",
    meaning:
      "VRRP tells pairs on a network segment apart by the virtual router id alone. Two pairs with the same id would treat each other's adverts as those of a peer.",
    fix: "Choose another 'virtualRouterId' between 1 and 255 for one of the pairs.",
    severity: "error",
  },
  DNSLB006: {
    title: "load balancer without a frontend",
    meaning: "The load balancer would run its daemons and answer no query.",
    fix: "Add a frontend with `addDnsFrontend()`, or remove the load balancer.",
    severity: "error",
  },
  DNSLB007: {
    title: "node that nothing uses",
    meaning: "The node was given to no load balancer and to no server.",
    fix: "Give the node to an HaPair, an AnycastGroup, a StandaloneLoadBalancer or a server, or remove it.",
    severity: "error",
  },
  DNSLB008: {
    title: "pool and server that disagree on the client's address",
    meaning:
      "The pool sends PROXY headers and the server of the app does not expect them, or the other way round. Every query would fail.",
    fix: "Set 'clientAddress' of the pool and of the server to the same value.",
    severity: "error",
  },
  DNSLB009: {
    title: "server that refuses the load balancer or its clients",
    meaning:
      "The 'allowFrom' of a server of the app leaves out the load balancer's nodes or, with the PROXY protocol, clients that the frontend serves. Its answers would be REFUSED.",
    fix: "Add the networks that the message names to the 'allowFrom' of the server.",
    severity: "error",
  },
  DNSLB010: {
    title: "pool with the load balancer itself as a server",
    meaning:
      "A server of a pool has an address of the load balancer itself or a loopback address. Probes and queries would loop.",
    fix: "Give the addresses of the servers behind the load balancer.",
    severity: "error",
  },
  DNSLB011: {
    title: "zone transfer on connections that end at an age",
    meaning:
      "The load balancer has a 'maximumConnectionAge' and a frontend leads to a pool with a 'zoneTransfer'. dnsdist ends a transfer that is under way at that age as soon as its client reads more slowly than the server sends, which would leave secondaries with an old zone.",
    fix: "Leave out 'maximumConnectionAge' or 'zoneTransfer', or serve transfers from another load balancer.",
    severity: "error",
  },
  DNSLB013: {
    title: "so many listeners that one client could fill one of them",
    meaning:
      "Each frontend and DoT listener of a load balancer is sure of an equal part of the TCP and TLS connections of a node, so that a flood on one leaves the others alone. With so many of them that part is less than one client needs to keep the others away.",
    fix: "Give the nodes more 'maxConnections', and the 'memory' for them; spread the listeners over several load balancers, or give frontends of one pool and policy their addresses in one 'addresses'.",
    severity: "error",
  },
  DNSLB014: {
    title: "way around the permission for transfers or updates",
    meaning:
      'A server that gives its zones to the load balancer, for the `zoneTransfer` of a pool or by its own `allowTransfer`, or takes updates from it for an `updateFrom`, is also behind a frontend with `tcpPath: "direct"`. There HAProxy passes on what clients ask without reading it, and the server sees the address of the load balancer, so that every client of the frontend could transfer or change the zones.',
    fix: 'Set `tcpPath: "inspected"` on the frontend, give it another server, or let the server learn the address of clients (`clientAddress: "proxy-protocol"`).',
    severity: "error",
  },
  DNSLB015: {
    title: "more servers, connections, or larger caches, than a node has memory for",
    meaning:
      "On each server, dnsdist reserves memory for outstanding queries, and during a change it has the servers of the old configuration beside those of the new one, and those with which it was started. The `cache` of a pool grows up to its `entries`. Each of the 'maxConnections' beyond 8,000 is planned for with 48 KiB. On a node whose memory is limited, that must not be more than 70 % of it: the kernel would kill a daemon in the middle of a change.",
    fix: "Give the node the 'memory' that the message names, the load balancer fewer 'outstandingQueries', its nodes fewer 'maxConnections', or the caches of pools fewer 'entries'.",
    severity: "error",
  },
  DNSLB016: {
    title: "address that two have on one network",
    meaning:
      "A virtual address of a pair is also that of another pair, of another node or server of the app, or of a router, on a network that both are in; or two nodes on one network have an address; or an address of a group is that of a machine of the app, wherever it stands. Packets for it would reach the one or the other.",
    fix: "Give one of them another address.",
    severity: "error",
  },
  DNSLB017: {
    title: "node out of service in a stack that another node needs",
    meaning:
      "A node of Docker with `outOfService` shares its stack with another node of its load balancer, or that node's stack depends on it. Terraform's provider connects to every engine of a stack to plan it, so that while one is away nothing of the stack can be changed.",
    fix: "Give each node a stack of its own, as `examples/production` does, without dependencies between these stacks; the load balancer orders them.",
    severity: "error",
  },
  DNSLB018: {
    title: "node out of service",
    meaning:
      "A node of a load balancer has `outOfService`: its configuration is not changed with that of the other nodes.",
    fix: "Take `outOfService` out of the node when its machine is back, and deploy.",
    severity: "warning",
  },
  DNSLB019: {
    title: "ephemeral secret that would be stored",
    meaning:
      "A secret of a DockerNode is made by `Secret.fromEphemeral()`. Terraform keeps in its state what it gives to containers, and refuses ephemeral values there.",
    fix: "Use another Secret, such as a file on the node by `Secret.fromNodeFile()`, or run the node as an SshNode.",
    severity: "error",
  },
  DNSLB020: {
    title: "server queried with PROXY headers and without",
    meaning:
      "Two pools of a load balancer query one server at one port, and their `clientAddress` differs: the one sends PROXY headers, the other none. Most servers take all queries of an address with them, or none.",
    fix: "Set `clientAddress` of both pools to the same, or give the server a port for each; nothing, if the server takes both.",
    severity: "warning",
  },
  DNSLB021: {
    title: "secret in a bundle",
    meaning:
      "A BundleNode has a secret that is no file of its host. A bundle is a file that is carried around, and holds no secret.",
    fix: "Put the secret on the host, and name its file by `Secret.fromNodeFile()`, `Certificate.fromNodeFile()` or `TrustStore.fromNodeFile()`.",
    severity: "error",
  },
  DNSLB022: {
    title: "scripts that need more runs at a time than a node makes",
    meaning:
      "The scripts of `HealthCheck.external()`, if each of their runs takes all of its `timeout`, need more runs at a time than the 32 that a node makes, so that servers would be checked later than their `interval` says.",
    fix: "Lower the `timeout` of the checks, raise their `interval`, or take `HealthCheck.query()`, which needs no processes.",
    severity: "error",
  },
  DNSLB023: {
    title: "more connections than HAProxy can hand over to dnsdist",
    meaning:
      "The nodes of a load balancer have more than 28,000 'maxConnections', and a frontend's TCP is inspected. HAProxy hands each of its connections over to dnsdist from a port of its own, of which Linux has 28,232; clients beyond them would wait and be closed.",
    fix: "Set `tcpPath: \"direct\"` on the frontend, or give the nodes at most 28,000 'maxConnections'.",
    severity: "error",
  },
  DNSLB024: {
    title: "property that needs a newer daemon",
    meaning:
      "A frontend or a load balancer needs what the dnsdist of a node, by the node's `versions`, cannot do: a reason with REFUSED (RFC 8914), a small answer for ANY (RFC 8482), or the name of the node for those who ask for it (`identity`, RFC 4892). dnsdist 1.7 would answer ANY with a record of the type ANY, and a query of the class CH with one of IN.",
    fix: 'Base the node on a release of Debian with the version that the message names, or leave the property out; for ANY, `AccessRule.truncate({ types: ["ANY"] })` and `AccessRule.refuse({ types: ["ANY"] })` work with every version.',
    severity: "error",
  },
  DNSLB025: {
    title: "policy around which TLS is passed on",
    meaning:
      "A DotListener passes TLS on to the servers (`passThrough`), and its frontend limits queries, judges them by name, type, class or opcode, leads some to other pools, permits zone transfers or has them inspected; or the load balancer has a 'maximumConnectionAge'. No node reads what is in the TLS stream, so that every client could evade the policy on that port.",
    fix: "Terminate TLS on the nodes by a 'certificate', leave out the policy, or set `serversJudge: true` where the servers enforce it themselves.",
    severity: "error",
  },
  DNSLB026: {
    title: "servers that shall judge clients whose address they do not learn",
    meaning:
      "The `passThrough` of a DotListener says that the servers judge clients, and the pool hides the addresses of clients from them. The servers would take every client for the load balancer.",
    fix: 'Set `clientAddress: "proxy-protocol"` in the pool, and have the servers expect PROXY headers on both ports.',
    severity: "error",
  },
  DNSLB027: {
    title: "source of transfers, NOTIFY or UPDATE that is not served",
    meaning:
      "The `zoneTransfer.allowFrom`, `notifyFrom` or `updateFrom` of a pool names a network, none of whose clients a frontend of the pool serves, so that nothing from there would ever come to it.",
    fix: "Add the network to `allowFrom` of the frontend, or take it out of the list.",
    severity: "error",
  },
  DNSLB028: {
    title: "zone transfers over TLS 1.2",
    meaning:
      "A DotListener lets clients speak TLS 1.2, and clients of its frontend may transfer zones. Transfers over TLS must use TLS 1.3 or newer (RFC 9103), and a client that offers less would be served all the same.",
    fix: 'Set `minimumTlsVersion: "1.3"`, or put the listener beside a frontend whose pool has no `zoneTransfer`.',
    severity: "warning",
  },
  DNSLB029: {
    title: "address that two groups of one autonomous system announce",
    meaning:
      "Two AnycastGroups of an app with the same 'asn' announce one address. Routers would spread clients over the nodes of both, whatever each serves.",
    fix: "Make them one group with the members of both, or give one of them another address; groups of different autonomous systems may share one.",
    severity: "error",
  },
  DNSLB030: {
    title: "listener of a group on a port of its own daemons",
    meaning:
      "A frontend, a DoT listener or the statistics of an AnycastGroup listen on a port that BGP (179), BFD (3784, 3785, 4784) or the nodes' questions to each other (8406) need.",
    fix: "Choose another port.",
    severity: "error",
  },
} as const satisfies Record<string, CodeEntry>;
