import { describe, expect, test } from "vitest";
import type { BgpMobility } from "../../../lib/model/address-mobility.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { NodeDescription } from "../../../lib/model/node.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { mobilityOf } from "../../../lib/node/mobility/index.js";
import { PAIR, PROFILE } from "../compile/models.js";

const [lb1, lb2] = PAIR.nodes as [NodeDescription, NodeDescription];
const lb3: NodeDescription = { name: "lb3", addresses: ["10.0.0.4", "fd53::4"], interface: "eth0" };
const THREE: LoadBalancer = { ...PAIR, nodes: [lb1, lb2, lb3] };

describe("VRRP", () => {
  test("lets addresses move between all nodes, however many there are", () => {
    expect(mobilityOf(THREE, lb2).peers).toEqual([lb1, lb3]);
    const { files, manifest } = compileNode(THREE, lb2, PROFILE);
    const [pool] = manifest.watch.checks.filter((check) => check.kind === "pool");
    expect(pool?.peers).toEqual(["10.0.0.2", "10.0.0.4"]);
    const conf = files.find(({ path }) => path === "keepalived/keepalived.conf")?.content;
    expect(conf).toMatch(/unicast_peer \{\s+10\.0\.0\.2\s+10\.0\.0\.4\s+\}/);
    const policy = files.find(({ path }) => path === "dnsdist/policy.lua")?.content;
    for (const address of ["10.0.0.2/32", "10.0.0.4/32", "fd53::2/128", "fd53::4/128"])
      expect(policy).toContain(address);
  });

  test("says whether the addresses stand on lo, too", () => {
    const kept = (keepsAddresses: boolean) => mobilityOf(PAIR, lb1).manifest({ ...PROFILE, keepsAddresses }, []);
    for (const keeps of [true, false]) {
      expect(kept(keeps)).toMatchObject({ kind: "vrrp", virtualAddresses: PAIR.virtualAddresses.map(() => ({})) });
      expect(kept(keeps)).toHaveProperty("virtualAddresses.0.onLoopback", keeps);
    }
  });
});

const BGP: BgpMobility = {
  ...{ kind: "bgp", asn: 64_512, addresses: ["192.0.2.53", "2001:db8::53"], defaultRoute: "static" },
  members: THREE.nodes.map(({ name }) => ({
    node: name,
    neighbors: [
      { address: "10.0.0.1", asn: 64_500, password: { kind: "node-file", path: "/etc/dns-lb/bgp" } },
      { address: "fd53::1", asn: 64_500, bfd: { interval: "300ms", multiplier: 3 } },
    ],
    communities: [],
  })),
  whenSick: { daemon: "withdraw", pool: "prepend" },
  ...{ returnAfter: "10s", damping: { moves: 3, within: "10m" }, gracefulShutdown: "10s" },
};
const GROUP: LoadBalancer = { ...THREE, virtualAddresses: [], mobility: BGP };

describe("BGP", () => {
  test("announces the addresses of the group from every node", () => {
    const { files, secretFiles, manifest } = compileNode(GROUP, lb2, PROFILE);
    expect(manifest.mobility).toMatchInlineSnapshot(`
      {
        "addresses": [
          "192.0.2.53",
          "2001:db8::53",
        ],
        "announcement": {
          "checks": [
            {
              "cost": 4,
              "name": "dnsdist",
              "whenFailing": "withdraw",
            },
            {
              "cost": 3,
              "name": "haproxy",
              "whenFailing": "withdraw",
            },
            {
              "cost": 2,
              "name": "pool-resolvers",
              "whenFailing": "prepend",
            },
          ],
          "damping": 600000,
          "grace": 10000,
          "hold": 10000,
          "moves": 3,
          "staleAfter": 3000,
          "staleCost": 1,
        },
        "kind": "bgp",
        "peers": [
          {
            "address": "10.0.0.2",
            "name": "lb1",
          },
          {
            "address": "10.0.0.4",
            "name": "lb3",
          },
        ],
        "service": "bird",
        "sessions": [
          {
            "asn": 64500,
            "bfd": false,
            "families": [
              "ipv4",
            ],
            "name": "router1",
            "neighbor": "10.0.0.1",
          },
          {
            "asn": 64500,
            "bfd": true,
            "families": [
              "ipv6",
            ],
            "name": "router2",
            "neighbor": "fd53::1",
          },
        ],
        "words": {
          "address": "10.0.0.3",
          "port": 8406,
        },
      }
    `);
    expect(manifest.services.find(({ name }) => name === "bird")).toMatchInlineSnapshot(`
      {
        "check": [
          "bird",
          "-p",
          "-c",
          "{release}/bird/bird.conf",
        ],
        "command": [
          "bird",
          "-f",
          "-c",
          "{state}/current/bird/bird.conf",
          "-s",
          "{run}/private/bird.ctl",
          "-P",
          "{run}/private/bird.pid",
        ],
        "keepsData": false,
        "listeners": [
          {
            "address": "10.0.0.3",
            "foreign": false,
            "port": 179,
            "shared": false,
            "sockets": 1,
            "transport": "tcp",
            "v6only": false,
          },
          {
            "address": "fd53::3",
            "foreign": false,
            "port": 179,
            "shared": false,
            "sockets": 1,
            "transport": "tcp",
            "v6only": true,
          },
          {
            "address": "10.0.0.3",
            "foreign": false,
            "port": 8406,
            "shared": false,
            "sockets": 1,
            "transport": "udp",
            "v6only": false,
          },
        ],
        "name": "bird",
        "reload": [],
        "restartOn": [],
        "settings": {
          "announcement": "{run}/private/announcement.conf",
          "control": "{run}/private/bird.ctl",
          "pid": "{run}/private/bird.pid",
        },
        "user": "root",
      }
    `);
    expect(
      manifest.compose.filter((each) => each.kind === "service" && each.service === "bird"),
    ).toMatchInlineSnapshot(`
        [
          {
            "kind": "service",
            "path": "bird/router1.conf",
            "secret": "secrets/bird-router1",
            "service": "bird",
            "settings": {
              "define": "PASSWORD_1",
            },
          },
        ]
      `);
    expect(secretFiles.map(({ path }) => path)).toContain("secrets/bird-router1");
    expect(files.find(({ path }) => path === "bird/bird.conf")?.content).toContain(
      `include "router1.conf";\ninclude "${PROFILE.paths.run}/private/announcement.conf";`,
    );
  });

  test("leaves it to the announcer to compare pools with other nodes", () => {
    const { files, manifest } = compileNode(GROUP, lb2, PROFILE);
    const pools = manifest.watch.checks.filter((check) => check.kind === "pool");
    expect(pools.length).toBeGreaterThan(0);
    for (const pool of pools) expect(pool).toMatchObject({ peers: [], compared: false });
    const policy = files.find(({ path }) => path === "dnsdist/policy.lua")?.content ?? "";
    expect(policy).toContain("10.0.0.3/32");
    for (const address of ["10.0.0.2/32", "10.0.0.4/32"]) expect(policy).not.toContain(address);
  });

  test("lets the nodes ask each other by IPv6 where one has nothing else", () => {
    const v6: NodeDescription = { ...lb3, addresses: ["fd53::4"] };
    const { manifest } = compileNode({ ...GROUP, nodes: [lb1, lb2, v6] }, lb2, PROFILE);
    expect(manifest.mobility).toMatchObject({
      words: { address: "fd53::3", port: 8406 },
      peers: [
        { name: "lb1", address: "fd53::2" },
        { name: "lb3", address: "fd53::4" },
      ],
    });
  });
});

test("where nothing moves addresses, a node has no peers and no daemon for it", () => {
  const { daemons, peers, manifest } = mobilityOf({ ...PAIR, nodes: [lb1], mobility: { kind: "fixed" } }, lb1);
  expect([daemons, peers, manifest(PROFILE, [])]).toEqual([[], [], { kind: "fixed" }]);
});

test("says what becomes of other default routes where routers announce theirs", () => {
  const manifest = (mobility: BgpMobility, ownsRoutes?: boolean) =>
    mobilityOf({ ...GROUP, mobility }, lb1).manifest({ ...PROFILE, ...(ownsRoutes ? { ownsRoutes } : {}) }, []);
  const learning: BgpMobility = { ...BGP, defaultRoute: "bgp" };
  expect(manifest(BGP, true)).not.toHaveProperty("otherDefaultRoutes");
  expect(manifest(learning, true)).toHaveProperty("otherDefaultRoutes", "move-back");
  expect(manifest(learning)).toHaveProperty("otherDefaultRoutes", "refuse");
});
