import { describe, expect, test } from "vitest";
import type { Duration } from "../../lib/core/duration.js";
import { AuthoritativePool } from "../../lib/dns/authoritative-pool.js";
import { POOL } from "../../lib/dns/pool.js";
import { ResolverPool } from "../../lib/dns/resolver-pool.js";
import { Secret } from "../../lib/dns/secret.js";
import { DEBIAN_12 } from "../../lib/model/platform-profile.js";
import { DnsRecord } from "../../lib/servers/dns-record.js";
import { NsdServer, type NsdServerProps } from "../../lib/servers/nsd-server.js";
import { Tsig } from "../../lib/servers/tsig.js";
import { UnboundServer } from "../../lib/servers/unbound-server.js";
import { Zone } from "../../lib/servers/zone.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, newStack, refusal } from "../constructs.js";

const records = [DnsRecord.ns({ name: "@", target: "ns1.example.net." })];
const ZONE = Zone.fromRecords({ name: "example.com", records, serial: 1 });
const KEY = Tsig.key({ name: "transfer.example", secret: Secret.fromLocalFile("keys/transfer") });
const OTHER_KEY = Tsig.key({ name: "transfer.example", secret: Secret.fromLocalFile("keys/other") });

interface Place {
  readonly id?: string;
  readonly addresses?: readonly string[];
}

function server(
  props: Partial<NsdServerProps> = {},
  { id = "Auth1", addresses = ["192.168.1.20"] }: Place = {},
  stack = newStack(),
) {
  return new NsdServer(stack, id, { node: new FakeNode(stack, `${id}Node`, addresses), zones: [ZONE], ...props });
}

const conf = (construct: NsdServer) => nodesOf(construct)[0]?.file("nsd/nsd.conf") ?? "";

/** What a server's nsd.conf has that the one of a plain server has not. */
function difference(construct: NsdServer): string[] {
  const plain = conf(server()).split("\n");
  return conf(construct)
    .split("\n")
    .filter((line) => !plain.includes(line));
}

describe("NsdServer", () => {
  test("holds zones and answers everybody", () => {
    const [node] = nodesOf(server());
    expect(conf(server())).toMatchInlineSnapshot(`
      "server:
        ip-address: 192.168.1.20@53
        ip-freebind: yes
        server-count: 2
        reuseport: no
        tcp-count: 256
        username: ""
        chroot: ""
        database: ""
        pidfile: ""
        zonesdir: "/state/data/nsd"
        xfrdir: "/state/data/nsd"
        xfrdfile: "/state/data/nsd/xfrd.state"
        zonelistfile: "/state/data/nsd/zone.list"
        zonefiles-write: 10
        hide-version: yes
        refuse-any: yes
        rrl-ratelimit: 0

      remote-control:
        control-enable: yes
        control-interface: "/run/node/nsd-control.sock"

      zone:
        name: "example.com."
        zonefile: "/state/current/nsd/zones/example.com.zone"

      zone:
        name: "alive.dns-lb.invalid."
        zonefile: "/state/current/nsd/alive.zone"
      "
    `);
    expect(node?.files.get("nsd/zones/example.com.zone")).toMatchInlineSnapshot(`
      "example.com. 3600 IN SOA ns1.example.net. hostmaster.example.com. 1 3600 900 1209600 300
      example.com. 3600 IN NS ns1.example.net.
      "
    `);
  });

  test("runs NSD as the node's user, has its files judged, and believes what only this release answers", () => {
    const [node] = nodesOf(server());
    const manifest = node?.spec.manifest;
    expect(manifest?.services).toEqual([
      {
        name: "nsd",
        user: "dns-lb",
        command: ["nsd", "-d", "-c", "{state}/current/nsd/nsd.conf"],
        check: [
          ...["sh", "-c", expect.stringContaining("nsd-checkconf"), "nsd-check", "{state}/current/", "{release}"],
          ...["example.com.", "nsd/zones/example.com.zone", "alive.dns-lb.invalid.", "nsd/alive.zone"],
        ],
        reload: [
          ...["sh", "-c", 'nsd-control -c "$1" reconfig && nsd-control -c "$1" reload', "nsd-reload"],
          "{state}/current/nsd/nsd.conf",
        ],
        settings: {},
        restartOn: [],
        startSettings: expect.stringMatching(/^[0-9a-f]{16}$/),
        keepsData: true,
        listeners: (["udp", "tcp"] as const).map((transport) => ({
          ...{ address: "192.168.1.20", port: 53, transport, foreign: true, shared: false, v6only: false, sockets: 1 },
        })),
      },
      expect.objectContaining({ name: "watch" }),
    ]);
    const [check] = manifest?.ready ?? [];
    expect(check).toMatchObject({ kind: "dns", service: "nsd", port: 53, address: "192.168.1.20" });
    expect(node?.file("nsd/alive.zone")).toContain(`${check?.kind === "dns" ? check.name : ""} 0 IN A 127.0.0.1\n`);
  });

  test("has another name to be believed by for every change of a zone", () => {
    const name = (address: string) => {
      const zone = Zone.fromRecords({ name: "a.test", records: [...records, DnsRecord.a({ name: "@", address })] });
      return JSON.stringify(nodesOf(server({ zones: [zone] }))[0]?.spec.manifest.ready);
    };
    expect(name("192.0.2.1")).toBe(name("192.0.2.1"));
    expect(name("192.0.2.1")).not.toBe(name("192.0.2.2"));
  });

  test("is restarted for its listeners, not for zones", () => {
    const start = (props: Partial<NsdServerProps>) =>
      nodesOf(server(props))[0]?.spec.manifest.services[0]?.startSettings;
    expect(start({ secondaries: [{ address: "192.0.2.1", key: KEY }] })).toBe(start({}));
    for (const props of [{ port: 54 }, { serverCount: 3 }, { transferPort: 5300 }]) {
      expect(start(props)).not.toBe(start({}));
    }
  });

  test("lets secondaries transfer with a key that stands in no file", () => {
    const primary = server({
      secondaries: [{ address: "192.0.2.1", port: 54, key: KEY }, { address: "2001:db8::1" }],
      allowTransfer: [{ from: "198.51.100.0/24" }],
    });
    expect(difference(primary)).toMatchInlineSnapshot(`
      [
        "key:",
        "  include: "/state/current/nsd/keys/transfer.example.conf"",
        "  notify: 192.0.2.1@54 transfer.example.",
        "  notify: 2001:db8::1@53 NOKEY",
        "  provide-xfr: 192.0.2.1 transfer.example.",
        "  provide-xfr: 2001:db8::1 NOKEY",
        "  provide-xfr: 198.51.100.0/24 NOKEY",
        "  outgoing-interface: 192.168.1.20",
      ]
    `);
    const [node] = nodesOf(primary);
    expect(node?.spec.secretFiles).toEqual([
      { path: "secrets/tsig-transfer.example.key", source: { kind: "local-file", path: "keys/transfer" } },
    ]);
    expect(node?.spec.manifest.compose).toEqual([
      {
        kind: "service",
        service: "nsd",
        path: "nsd/keys/transfer.example.conf",
        secret: "secrets/tsig-transfer.example.key",
        settings: { name: "transfer.example.", algorithm: "hmac-sha256" },
      },
    ]);
  });

  test("takes zones from servers of others", () => {
    const zone = Zone.fromPrimary({ name: "example.org", primaries: [{ address: "192.0.2.7", key: KEY }] });
    expect(difference(server({ zones: [ZONE, zone], allowNotify: [{ from: "192.0.2.8/32" }] }))).toMatchInlineSnapshot(`
      [
        "key:",
        "  include: "/state/current/nsd/keys/transfer.example.conf"",
        "  name: "example.org."",
        "  zonefile: "/state/data/nsd/example.org.zone"",
        "  request-xfr: 192.0.2.7@53 transfer.example.",
        "  allow-notify: 192.0.2.7 transfer.example.",
        "  allow-notify: 192.0.2.8/32 NOKEY",
        "  outgoing-interface: 192.168.1.20",
      ]
    `);
  });

  test("takes all zones of another server of the app, which then tells it of changes", () => {
    const stack = newStack();
    const auth1 = server({}, {}, stack);
    const place = { id: "Auth2", addresses: ["192.168.1.21", "fd53::21"] };
    const auth2 = server({ zones: [], secondaryOf: { primary: auth1, key: KEY } }, place, stack);
    expect(difference(auth1)).toMatchInlineSnapshot(`
      [
        "key:",
        "  include: "/state/current/nsd/keys/transfer.example.conf"",
        "  notify: 192.168.1.21@53 transfer.example.",
        "  provide-xfr: 192.168.1.21 transfer.example.",
        "  outgoing-interface: 192.168.1.20",
      ]
    `);
    expect(difference(auth2)).toMatchInlineSnapshot(`
      [
        "  ip-address: 192.168.1.21@53",
        "  ip-address: fd53::21@53",
        "key:",
        "  include: "/state/current/nsd/keys/transfer.example.conf"",
        "  zonefile: "/state/data/nsd/example.com.zone"",
        "  request-xfr: 192.168.1.20@53 transfer.example.",
        "  allow-notify: 192.168.1.20 transfer.example.",
        "  outgoing-interface: 192.168.1.21",
        "  outgoing-interface: fd53::21",
      ]
    `);
    expect(nodesOf(stack).map(({ name, server: { name: runs } }) => [name, runs])).toEqual([
      ["auth1node", "auth1"],
      ["auth2node", "auth2"],
    ]);
  });

  test("takes clients from PROXY headers, and transfers on another port", () => {
    const stack = newStack();
    const auth1 = server({ clientAddress: "proxy-protocol", responseRateLimit: 200 }, {}, stack);
    const auth2 = server(
      { zones: [], secondaryOf: { primary: auth1 } },
      { id: "Auth2", addresses: ["192.168.1.21"] },
      stack,
    );
    expect(difference(auth1)).toMatchInlineSnapshot(`
      [
        "  ip-address: 192.168.1.20@5300",
        "  proxy-protocol-port: 53",
        "  rrl-ratelimit: 200",
        "  notify: 192.168.1.21@53 NOKEY",
        "  provide-xfr: 192.168.1.21 NOKEY",
        "  outgoing-interface: 192.168.1.20",
      ]
    `);
    expect(conf(auth2)).toContain("request-xfr: 192.168.1.20@5300 NOKEY");
    expect(nodesOf(auth1)[0]?.spec.manifest.ready).toMatchObject([{ port: 53, proxyProtocol: true }]);
  });

  test("fails when it has no zone, a zone twice, or one of ours", () => {
    expect(refusal(() => server({ zones: [] }))).toMatchInlineSnapshot(
      `"[prod/Auth1] 'zones' must hold at least one zone, or 'secondaryOf' a server that has some [DNSLB111]"`,
    );
    const alive = Zone.fromRecords({ name: "dns-lb.invalid", records });
    expect(refusal(() => server({ zones: [ZONE, ZONE, alive] }))).toMatchInlineSnapshot(`
      "[prod/Auth1] 'zones[1]' must be unique, got example.com., which is zones[0] too; names are compared in lower case and with their final dot [DNSLB112]
      [prod/Auth1] 'zones[2]' must not be dns-lb.invalid., which is reserved for the load balancer's health checks [DNSLB123]"
    `);
  });

  test("fails when its primary has no zone of its own, or the zone is here already", () => {
    const stack = newStack();
    const auth1 = server({}, {}, stack);
    const auth2 = server({ zones: [], secondaryOf: { primary: auth1 } }, { id: "Auth2" }, stack);
    const refused = (props: Partial<NsdServerProps>) => refusal(() => server(props, { id: "Auth3" }));
    expect(refused({ zones: [], secondaryOf: { primary: auth2 } })).toMatchInlineSnapshot(
      `"[prod/Auth3] 'secondaryOf.primary' must hold a zone itself, got prod/Auth2, which holds none [DNSLB122]"`,
    );
    expect(refused({ secondaryOf: { primary: auth1 } })).toMatchInlineSnapshot(
      `"[prod/Auth3] 'zones[0]' must be unique, got example.com., which comes from 'secondaryOf' too; names are compared in lower case and with their final dot [DNSLB112]"`,
    );
    expect(refused({ secondaryOf: { primary: "192.168.1.20" as never } })).toMatchInlineSnapshot(
      `"[prod/Auth3] 'secondaryOf.primary' must be an NsdServer, got "192.168.1.20" [DNSLB103]"`,
    );
  });

  test("fails when a zone is transferred whose serial is a hash", () => {
    const stack = newStack();
    const zone = Zone.fromRecords({ name: "example.com", records });
    const auth1 = server({ zones: [zone] }, {}, stack);
    expect(refusal(() => server({ zones: [zone], secondaries: [{ address: "192.0.2.1" }] }))).toMatchInlineSnapshot(
      `"[prod/Auth1] 'zones[0]' must have an explicit serial, because secondary servers only transfer a zone when its serial increases; give a 'serial', and increase it with every change [DNSLB124]"`,
    );
    expect(
      refusal(() => server({ zones: [], secondaryOf: { primary: auth1 } }, { id: "Auth2" }, stack)),
    ).toMatchInlineSnapshot(
      `"[prod/Auth2] 'secondaryOf.primary' must have an explicit serial for example.com., because secondary servers only transfer a zone when its serial increases; give a 'serial', and increase it with every change [DNSLB124]"`,
    );
  });

  test("fails when two keys have one name, here or at the primary", () => {
    const stack = newStack();
    const auth1 = server({ secondaries: [{ address: "192.0.2.1", key: KEY }] }, {}, stack);
    expect(
      refusal(() =>
        server({
          secondaries: [{ address: "192.0.2.1", key: KEY }],
          allowTransfer: [{ from: "192.0.2.0/24", key: OTHER_KEY }],
        }),
      ),
    ).toMatchInlineSnapshot(
      `"[prod/Auth1] 'allowTransfer[0].key' must be the only key of that name, got another key named transfer.example.; give one of them another name: names are compared in lower case and with their final dot [DNSLB112]"`,
    );
    expect(
      refusal(() => server({ zones: [], secondaryOf: { primary: auth1, key: OTHER_KEY } }, { id: "Auth2" }, stack)),
    ).toMatchInlineSnapshot(
      `"[prod/Auth2] 'secondaryOf.key' must be the only key of that name, got another key named transfer.example.; give one of them another name: names are compared in lower case and with their final dot [DNSLB112]"`,
    );
    const copy = Tsig.key({ name: "Transfer.Example.", secret: Secret.fromLocalFile("keys/transfer") });
    expect(() =>
      server({ zones: [], secondaryOf: { primary: auth1, key: copy } }, { id: "Auth3" }, stack),
    ).not.toThrow();
  });

  test("fails when hidden clients are limited, and when the PROXY protocol is too new or on the port of transfers", () => {
    expect(refusal(() => server({ responseRateLimit: 200 }))).toMatchInlineSnapshot(
      `"[prod/Auth1] 'responseRateLimit' cannot go with hidden clients, because the load balancer would be limited as one; use its 'rateLimit', or clientAddress "proxy-protocol" [DNSLB113]"`,
    );
    const stack = newStack();
    const node = new FakeNode(stack, "Old", ["192.168.1.20"]);
    const old = Object.assign(node, { profile: { ...node.profile, versions: DEBIAN_12 } });
    expect(
      refusal(() => server({ node: old, clientAddress: "proxy-protocol", port: 5300, transferPort: 5300 })),
    ).toMatchInlineSnapshot(`
      "[prod/Auth1] 'clientAddress' needs NSD 4.8 or newer for "proxy-protocol", and the node has 4.6 [DNSLB125]
      [prod/Auth1] 'transferPort' must not be the port of the PROXY protocol, got 5300, since transfers carry no header [DNSLB113]"
    `);
  });

  test("fails when NOTIFY is allowed for zones that it holds itself, and when a secondary is there twice", () => {
    expect(
      refusal(() =>
        server({
          allowNotify: [{ from: "192.0.2.0/24" }],
          secondaries: [{ address: "2001:db8::1" }, { address: "2001:DB8:0::1" }],
        }),
      ),
    ).toMatchInlineSnapshot(`
      "[prod/Auth1] 'allowNotify' needs a zone that comes from another server; this one holds all zones itself [DNSLB113]
      [prod/Auth1] 'secondaries[1].address' must be unique, got "2001:db8::1", which is secondaries[0] too [DNSLB112]"
    `);
  });
});

describe("a pool", () => {
  test("takes servers of the app beside addresses", () => {
    const stack = newStack();
    const pool = new AuthoritativePool(stack, "Pool", {
      zones: ["example.com"],
      servers: [server({}, {}, stack), { name: "auth2", address: "192.168.1.21" }],
      zoneTransfer: { primary: "auth1", allowFrom: ["198.51.100.0/24"] },
    });
    expect(pool[POOL].servers).toEqual([
      { name: "auth1", address: "192.168.1.20", port: 53, weight: 1, deployed: { clientAddress: "hidden" } },
      { name: "auth2", address: "192.168.1.21", port: 53, weight: 1 },
    ]);
  });

  test("says whom a server lets transfer without a key", () => {
    const pool = (props: Partial<NsdServerProps>) => {
      const stack = newStack();
      return new AuthoritativePool(stack, "Pool", { zones: ["example.com"], servers: [server(props, {}, stack)] })[
        POOL
      ];
    };
    expect(pool({}).servers[0]?.deployed).toEqual({ clientAddress: "hidden" });
    const trusting = pool({
      secondaries: [{ address: "192.0.2.1", key: KEY }, { address: "2001:db8::1" }],
      allowTransfer: [{ from: "198.51.100.0/24" }, { from: "203.0.113.0/24", key: KEY }],
    });
    expect(trusting.servers[0]?.deployed).toEqual({
      clientAddress: "hidden",
      transfersTo: ["198.51.100.0/24", "2001:db8::1/128"],
    });
  });

  test("fails when NSD would get UPDATE, which it does not take", () => {
    const stack = newStack();
    const servers = [server({}, {}, stack), { name: "auth2", address: "192.168.1.21" }];
    const pool = (id: string, props: object) =>
      new AuthoritativePool(stack, id, { zones: ["example.com"], servers, updateFrom: ["192.0.2.1"], ...props });
    const allowFrom = ["198.51.100.0/24"];
    expect(pool("A", { zoneTransfer: { servers: ["auth2"], allowFrom } })[POOL].updateFrom).toEqual(["192.0.2.1/32"]);
    expect(refusal(() => pool("B", {}))).toMatchInlineSnapshot(
      `"[prod/B] 'updateFrom' cannot go with the NsdServer prod/Auth1, since NSD takes no UPDATE (RFC 2136); leave out 'updateFrom', or name servers that take it in 'zoneTransfer.servers' [DNSLB113]"`,
    );
    expect(refusal(() => pool("C", { zoneTransfer: { servers: ["auth2", "auth1"], allowFrom } }))).toMatch("DNSLB113");
  });

  test("fails when transfers may pause longer than NSD lets them", () => {
    const stack = newStack();
    const servers = [server({}, {}, stack), { name: "auth2", address: "192.168.1.21" }];
    const pool = (id: string, primary: string, idleTimeout: Duration) =>
      new AuthoritativePool(stack, id, {
        zones: ["example.com"],
        servers,
        zoneTransfer: { primary, allowFrom: ["198.51.100.0/24"], idleTimeout },
      });
    expect(pool("A", "auth1", "2m")[POOL].idleTimeout).toBe("2m");
    expect(pool("B", "auth2", "1h")[POOL].idleTimeout).toBe("1h");
    expect(refusal(() => pool("C", "auth1", "121s"))).toMatchInlineSnapshot(
      `"[prod/C] 'zoneTransfer.idleTimeout' must be at most "2m" with transfers from the NsdServer prod/Auth1, got "121s"; NSD ends a transfer that pauses longer [DNSLB134]"`,
    );
  });

  test("fails when a server is of the other role, lacks a zone, or is there already", () => {
    const stack = newStack();
    const auth1 = server({}, {}, stack);
    const node = new FakeNode(stack, "Node", ["192.168.1.10"]);
    const resolver = new UnboundServer(stack, "Resolver1", { node, allowFrom: ["10.0.0.0/8"] });
    expect(refusal(() => new ResolverPool(stack, "A", { servers: [resolver, auth1] }))).toMatchInlineSnapshot(
      `"[prod/A] 'servers[1]' must be a resolver, such as an UnboundServer, got prod/Auth1, which is not [DNSLB122]"`,
    );
    expect(
      refusal(
        () =>
          new AuthoritativePool(stack, "B", {
            zones: ["example.com", "example.org"],
            servers: [auth1, resolver, { name: "auth1", address: "192.168.1.20" }],
          }),
      ),
    ).toMatchInlineSnapshot(`
      "[prod/B] 'servers[1]' must be authoritative, such as an NsdServer, got prod/Resolver1, which is not [DNSLB122]
      [prod/B] 'servers[2].address' must be unique with its port, got 192.168.1.20:53, the endpoint of servers[0] [DNSLB112]
      [prod/B] 'servers[2].name' must be unique, got "auth1", the name of servers[0] [DNSLB112]
      [prod/B] 'zones[1]' must be a zone of every server, got "example.org", which prod/Auth1 does not have (example.com.) [DNSLB116]"
    `);
  });

  test("fails when a plain server has a wrong property, as before", () => {
    const wrong = [{ name: "a", adress: "192.0.2.1" }, "192.0.2.1", { name: "b", address: "x" }, {}];
    expect(refusal(() => new ResolverPool(newStack(), "A", { servers: wrong as never }))).toMatchInlineSnapshot(`
      "[prod/A] 'servers[0].address' is required: an IPv4 or IPv6 address [DNSLB102]
      [prod/A] 'servers[0].adress' is no property of ResolverPool, did you mean 'address'? [DNSLB101]
      [prod/A] 'servers[1]' must be an object of properties, got "192.0.2.1" [DNSLB103]
      [prod/A] 'servers[2].address' must be an IPv4 or IPv6 address, got "x" [DNSLB105]
      [prod/A] 'servers[3].address' is required: an IPv4 or IPv6 address [DNSLB102]
      [prod/A] 'servers[3].name' is required: a name of letters, digits, - and _ that starts with a letter, at most 63 long [DNSLB102]"
    `);
  });
});
