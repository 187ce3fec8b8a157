import { describe, expect, test } from "vitest";
import { DEPLOYED_SERVER } from "../../lib/dns/deployed-server.js";
import { PublicResolver } from "../../lib/dns/public-resolver.js";
import { DnsRecord } from "../../lib/servers/dns-record.js";
import { UnboundServer, type UnboundServerProps } from "../../lib/servers/unbound-server.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, newStack, refusal } from "../constructs.js";

function server(props: Partial<UnboundServerProps> = {}, addresses = ["192.168.1.10"]): UnboundServer {
  const stack = newStack();
  return new UnboundServer(stack, "Resolver1", {
    node: new FakeNode(stack, "Node1", addresses),
    allowFrom: ["10.0.0.0/8"],
    ...props,
  });
}

const conf = (...args: Parameters<typeof server>) =>
  (nodesOf(server(...args))[0]?.file("unbound/unbound.conf") ?? "").replace(/[0-9a-f]{16}\.alive/, "RELEASE.alive");

/** What a server's unbound.conf has that the one of a plain server has not. */
function difference(...args: Parameters<typeof server>): string[] {
  const plain = conf().split("\n");
  return conf(...args)
    .split("\n")
    .filter((line) => !plain.includes(line));
}

describe("UnboundServer", () => {
  test("is a server for pools", () => {
    expect(server({ port: 5353 }, ["192.168.1.10", "fd53::10"])[DEPLOYED_SERVER].server).toEqual({
      name: "resolver1",
      address: "192.168.1.10",
      port: 5353,
      weight: 1,
      deployed: { clientAddress: "hidden", allowFrom: ["10.0.0.0/8"] },
    });
  });

  test("resolves from the root, validates and minimises, for its networks and its own node", () => {
    expect(conf()).toMatchInlineSnapshot(`
      "server:
        directory: ""
        chroot: ""
        username: ""
        pidfile: ""
        do-daemonize: no
        use-syslog: no
        logfile: ""
        interface: 192.168.1.10@53
        ip-freebind: yes
        do-ip6: no
        so-reuseport: yes
        so-sndbuf: 0
        num-threads: 2
        incoming-num-tcp: 256
        msg-cache-size: 33554432
        rrset-cache-size: 67108864
        msg-cache-slabs: 2
        rrset-cache-slabs: 2
        infra-cache-slabs: 2
        key-cache-slabs: 2
        prefetch: yes
        access-control: 10.0.0.0/8 allow
        access-control: 192.168.1.10/32 allow
        hide-identity: yes
        hide-version: yes
        qname-minimisation: yes
        module-config: "validator iterator"
        trust-anchor: ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
        trust-anchor: ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"
        local-zone: "alive.dns-lb.invalid." static
        local-data: "alive.dns-lb.invalid. 0 IN A 127.0.0.1"
        local-data: "RELEASE.alive.dns-lb.invalid. 0 IN A 127.0.0.1"

      remote-control:
        control-enable: yes
        control-interface: "/run/node/unbound-control.sock"
        control-use-cert: no
      "
    `);
  });

  test("runs unbound as the node's user, checks and reloads it, and believes what only this release answers", () => {
    const [node] = nodesOf(server());
    const manifest = JSON.parse(node?.file("manifest.json") ?? "");
    expect(manifest.services).toEqual([
      {
        name: "unbound",
        user: "dns-lb",
        command: ["unbound", "-d", "-p", "-c", "{state}/current/unbound/unbound.conf"],
        check: ["unbound-checkconf", "{release}/unbound/unbound.conf"],
        reload: ["unbound-control", "-c", "{state}/current/unbound/unbound.conf", "reload_keep_cache"],
        settings: {},
        restartOn: [],
        startSettings: expect.stringMatching(/^[0-9a-f]{16}$/),
        keepsData: false,
        listeners: ["udp", "tcp"].map((transport) => ({
          ...{ address: "192.168.1.10", port: 53, transport, foreign: true, shared: true, v6only: false, sockets: 2 },
        })),
      },
      expect.objectContaining({ name: "watch" }),
    ]);
    const [check] = manifest.ready;
    expect(check).toEqual({
      ...{ kind: "dns", service: "unbound", port: 53, address: "192.168.1.10", name: check.name, proxyProtocol: false },
    });
    expect(node?.file("unbound/unbound.conf")).toContain(`local-data: "${check.name} 0 IN A 127.0.0.1"`);
    expect(node?.unbound.clauses[0]?.attributes).toContainEqual(["interface", "192.168.1.10@53"]);
  });

  test("is restarted for its listeners and threads alone", () => {
    const start = (props: Partial<UnboundServerProps>) =>
      nodesOf(server(props))[0]?.spec.manifest.services[0]?.startSettings;
    const plain = start({});
    expect(start({ allowFrom: ["192.168.0.0/16"], cacheSize: "1g", forwardTo: [PublicResolver.QUAD9] })).toBe(plain);
    for (const props of [{ port: 54 }, { threads: 3 }, { clientAddress: "proxy-protocol" } as const]) {
      expect(start(props)).not.toBe(plain);
    }
  });

  test("forwards over TLS, to verified servers", () => {
    expect(difference({ forwardTo: [PublicResolver.QUAD9, PublicResolver.CLOUDFLARE] })).toMatchInlineSnapshot(`
      [
        "  tls-cert-bundle: "/trust.pem"",
        "forward-zone:",
        "  name: "."",
        "  forward-addr: 9.9.9.9@853#dns.quad9.net",
        "  forward-addr: 1.1.1.1@853#cloudflare-dns.com",
        "  forward-tls-upstream: yes",
      ]
    `);
  });

  test("forwards zones elsewhere, without validating what has no signatures", () => {
    expect(
      difference({
        forwardZones: [{ name: "Corp.Example", forwardTo: [{ address: "127.0.0.1", port: 5301 }] }],
        insecureZones: ["corp.example"],
      }),
    ).toMatchInlineSnapshot(`
      [
        "  domain-insecure: "corp.example."",
        "  do-not-query-localhost: no",
        "forward-zone:",
        "  name: "corp.example."",
        "  forward-addr: 127.0.0.1@5301",
      ]
    `);
  });

  test("answers by itself, whatever the text", () => {
    expect(
      difference({
        localZones: [{ name: "corp.example", type: "static" }],
        localData: [
          DnsRecord.a({ name: "www.corp.example", address: "192.0.2.1" }),
          DnsRecord.aaaa({ name: "www.corp.example.", address: "2001:db8::1", ttl: "1h" }),
          DnsRecord.txt({ name: "t.corp.example", text: `it's "quoted" ; # \\ \n $\{x} ü` }),
        ],
      }),
    ).toMatchInlineSnapshot(`
      [
        "  local-zone: "corp.example." static",
        "  local-data: "www.corp.example. 300 IN A 192.0.2.1"",
        "  local-data: "www.corp.example. 3600 IN AAAA 2001:db8::1"",
        "  local-data: 't.corp.example. 300 IN TXT "it\\039s \\034quoted\\034 ; # \\092 \\010 \${x} \\195\\188"'",
      ]
    `);
  });

  test("takes clients from PROXY headers, on every address", () => {
    expect(difference({ clientAddress: "proxy-protocol" }, ["192.168.1.10", "fd53::10"])).toMatchInlineSnapshot(`
      [
        "  interface: fd53::10@53",
        "  proxy-protocol-port: 53",
        "  do-ip6: yes",
        "  access-control: fd53::10/128 allow",
      ]
    `);
    const [node] = nodesOf(server({ clientAddress: "proxy-protocol" }, ["192.168.1.10", "fd53::10"]));
    expect(node?.spec.manifest.ready).toMatchObject([
      { address: "192.168.1.10", proxyProtocol: true },
      { address: "fd53::10", proxyProtocol: true },
    ]);
  });

  test("need not validate, nor minimise", () => {
    expect(
      difference({ dnssecValidation: false, qnameMinimisation: false, threads: 5, cacheSize: "3g" }),
    ).toMatchInlineSnapshot(`
      [
        "  num-threads: 5",
        "  msg-cache-size: 1073741824",
        "  rrset-cache-size: 2147483648",
        "  msg-cache-slabs: 8",
        "  rrset-cache-slabs: 8",
        "  infra-cache-slabs: 8",
        "  key-cache-slabs: 8",
        "  qname-minimisation: no",
        "  module-config: "iterator"",
      ]
    `);
    expect(conf({ dnssecValidation: false })).not.toContain("trust-anchor");
  });

  test("fails when it is open to the world, or to nobody", () => {
    expect(refusal(() => server({ allowFrom: ["10.0.0.0/8", "::/0"] }))).toMatchInlineSnapshot(
      `"[prod/Resolver1] 'allowFrom' must not open a resolver to the world (RFC 5358), got "10.0.0.0/8", "::/0"; name the networks of your load balancers, such as ["10.0.0.0/8"] [DNSLB114]"`,
    );
    expect(refusal(() => server({ allowFrom: [] }))).toMatchInlineSnapshot(
      `"[prod/Resolver1] 'allowFrom' must hold at least one network, got an empty list, which serves nobody [DNSLB111]"`,
    );
    expect(refusal(() => server({ allowFrom: undefined as never }))).toMatchInlineSnapshot(
      `"[prod/Resolver1] 'allowFrom' is required: a list [DNSLB102]"`,
    );
  });

  test("fails with everything that is wrong at once", () => {
    expect(
      refusal(() =>
        server({
          allowForm: [],
          forwardTo: [PublicResolver.QUAD9, { address: "192.0.2.1" }],
          forwardZones: [
            { name: ".", forwardTo: [] },
            { name: "a.test", forwardTo: [{ address: "192.0.2.1" }] },
            { name: "A.test.", forwardTo: [{ address: "192.0.2.300" }] },
          ],
          localZones: [
            { name: "b.test", type: "static" },
            { name: "b.test", type: "refuse" },
          ],
          localData: [DnsRecord.a({ name: "*.b.test", address: "192.0.2.1" })],
          dnssecValidation: false,
          insecureZones: ["corp.example"],
          threads: 0,
          cacheSize: "96" as never,
        } as never),
      ),
    ).toMatchInlineSnapshot(`
      "[prod/Resolver1] 'allowForm' is no property of UnboundServer, did you mean 'allowFrom'? [DNSLB101]
      [prod/Resolver1] 'cacheSize' must be an amount of memory between "4m" and "64g", got "96"; name the unit (k, m, g): "96m" [DNSLB104]
      [prod/Resolver1] 'forwardTo' must all have 'tls' or none of them, because unbound has one setting for all servers of a zone [DNSLB113]
      [prod/Resolver1] 'forwardZones[0].forwardTo' must hold at least one server, got an empty list; leave it out for recursion [DNSLB111]
      [prod/Resolver1] 'forwardZones[0].name' must be a zone below ".", got "."; 'forwardTo' takes it [DNSLB113]
      [prod/Resolver1] 'forwardZones[2]' must be unique, got "A.test.", which is forwardZones[1] too [DNSLB112]
      [prod/Resolver1] 'forwardZones[2].forwardTo[0].address' must be an IPv4 or IPv6 address, got "192.0.2.300"; each number of an IPv4 address is at most 255 [DNSLB105]
      [prod/Resolver1] 'insecureZones' needs DNSSEC validation, which 'dnssecValidation: false' disables; leave out one of the two [DNSLB113]
      [prod/Resolver1] 'localData[0]' must have a fully qualified name, got "*.b.test"; a local zone of type "redirect" answers for every name below it [DNSLB123]
      [prod/Resolver1] 'localZones[1]' must be unique, got "b.test", which is localZones[0] too [DNSLB112]
      [prod/Resolver1] 'threads' must be a whole number between 1 and 64, got 0 [DNSLB104]"
    `);
  });

  const DS = DnsRecord.other({ name: "d.test", type: "DS", data: "1 13 9 abcd" });
  const a = (name: string) => DnsRecord.a({ name, address: "192.0.2.1" });

  test.each<readonly [Partial<UnboundServerProps>]>([
    [{ localZones: [{ name: ".", type: "redirect" }], localData: [a(".")] }],
    [
      {
        localZones: [
          { name: "x.test", type: "redirect" },
          { name: "a.x.test", type: "static" },
        ],
        localData: [a("b.a.x.test")],
      },
    ],
    [{ localZones: [{ name: "test", type: "transparent" }], localData: [DS] }],
    [
      {
        localZones: [
          { name: "x.test", type: "refuse" },
          { name: "y.test", type: "deny" },
        ],
        localData: [a("x.test"), a("y.test")],
      },
    ],
  ])("takes %j", (props) => {
    expect(refusal(() => server(props))).toBe("nothing was refused");
  });

  test("fails when a local zone does not take local data", () => {
    const refused = (props: Partial<UnboundServerProps>) => refusal(() => server(props));
    expect(
      [
        refused({ localZones: [{ name: ".", type: "redirect" }], localData: [a("a.b")] }),
        refused({ localZones: [{ name: "X.test", type: "redirect" }], localData: [a("x.test"), a("a.x.test")] }),
        refused({ localZones: [{ name: "x.test", type: "always_nxdomain" }], localData: [a("x.test")] }),
        refused({ localData: [DS] }),
        refused({ localZones: [{ name: "d.test", type: "static" }], localData: [DS] }),
        refused({ localZones: [{ name: "alive.dns-lb.invalid", type: "refuse" }] }),
        refused({ localData: [a("x.alive.dns-lb.invalid")] }),
        refused({ localData: [a("a.test"), a("A.test."), DnsRecord.cname({ name: "a.test", target: "b.test" })] }),
        refused({ localData: [a("a.test"), DnsRecord.a({ name: "a.test", address: "192.0.2.2", ttl: "1h" })] }),
      ].join("\n"),
    ).toMatchInlineSnapshot(`
      "[prod/Resolver1] 'localData[0]' cannot be at a.b. in the local zone . of type "redirect", which answers every name with the records of the zone itself; give a.b. a local zone of its own [DNSLB151]
      [prod/Resolver1] 'localData[1]' cannot be at a.x.test. in the local zone X.test of type "redirect", which answers every name with the records of the zone itself; give a.x.test. a local zone of its own [DNSLB151]
      [prod/Resolver1] 'localData[0]' would never be answered in the local zone x.test of type "always_nxdomain"; "static" answers it, and NXDOMAIN to other names [DNSLB151]
      [prod/Resolver1] 'localData[0]' must have a local zone above it, since its parent zone answers for a DS record, got d.test.; add it to 'localZones' [DNSLB151]
      [prod/Resolver1] 'localData[0]' must have a local zone above it, since its parent zone answers for a DS record, got d.test.; add it to 'localZones' [DNSLB151]
      [prod/Resolver1] 'localZones[0].name' must not be alive.dns-lb.invalid, which is reserved for the load balancer's health checks [DNSLB123]
      [prod/Resolver1] 'localData[0]' must not be of x.alive.dns-lb.invalid., which is reserved for the load balancer's health checks [DNSLB123]
      [prod/Resolver1] 'localData[1]' must be unique, got the same record of a.test. as localData[0] [DNSLB112]
      [prod/Resolver1] 'localData[2]' cannot be at a.test. beside localData[0]: a name with a CNAME record has no other records [DNSLB123]
      [prod/Resolver1] 'localData[1]' must have the TTL of localData[0], because records of one name and type are one RRset (RFC 2181), got "1h" [DNSLB123]"
    `);
  });

  test("fails when local data was not made by DnsRecord, or is a line that ends unbound's", () => {
    expect(refusal(() => server({ localData: ['a.test A 192.0.2.1"\nserver:'] as never }))).toMatchInlineSnapshot(
      `"[prod/Resolver1] 'localData[0]' must be made by DnsRecord, such as DnsRecord.a(), got "a.test A 192.0.2.1\\"\\nserver:" [DNSLB103]"`,
    );
    expect(refusal(() => server({ localData: [{ kind: "record", name: "a" }] as never }))).toMatchInlineSnapshot(
      `"[prod/Resolver1] 'localData[0]' must be made by DnsRecord, such as DnsRecord.a(), got {"kind":"record","name":"a"} [DNSLB103]"`,
    );
  });

  test("fails when its node runs something already", () => {
    const stack = newStack();
    const node = new FakeNode(stack, "Node1", ["192.168.1.10"]);
    new UnboundServer(stack, "Resolver1", { node, allowFrom: ["10.0.0.0/8"] });
    expect(
      refusal(() => new UnboundServer(stack, "Resolver2", { node, allowFrom: ["10.0.0.0/8"] })),
    ).toMatchInlineSnapshot(
      `"[prod/Resolver2] 'node' must be a node that runs nothing else, got prod/Node1, which runs prod/Resolver1 already [DNSLB112]"`,
    );
  });
});
