import { describe, expect, test } from "vitest";
import { KeepalivedConfig } from "../../../lib/config/keepalived/index.js";

const config = KeepalivedConfig.parse(`
global_defs {
  router_id lb1
  vrrp_version 3
}
vrrp_script dnsdist {
  script "/usr/lib/dns-lb/check dnsdist"
  interval 1
  timeout 2
  fall 2
  rise 3
  weight -60
  user root
}
vrrp_sync_group dns {
  group {
    v4
    v6
  }
  track_script {
    dnsdist
    haproxy weight -40
  }
}
vrrp_instance v4 {
  state BACKUP
  interface eth0
  virtual_router_id 53
  priority 250
  advert_int 0.2
  unicast_src_ip 10.0.0.2
  unicast_ttl 255
  unicast_peer {
    10.0.0.3
  }
  virtual_ipaddress {
    10.0.0.53/32 dev eth0
    10.0.0.54/32 dev eth0
  }
  virtual_ipaddress_excluded {
    10.0.0.55/32
  }
}
vrrp_instance bare {
}
`);

describe("keepalived.conf", () => {
  test("shows an instance", () => {
    expect(config.instance("v4")).toMatchObject({
      name: "v4",
      state: "BACKUP",
      interface: "eth0",
      virtualRouterId: 53,
      priority: 250,
      advertInterval: 0.2,
      unicastSource: "10.0.0.2",
      unicastTtl: 255,
      unicastPeers: ["10.0.0.3"],
      virtualAddresses: ["10.0.0.53/32", "10.0.0.54/32"],
      excludedAddresses: ["10.0.0.55/32"],
      tracked: [],
    });
    expect(config.instance("v4").linesOf("virtual_ipaddress")[0]).toBe("10.0.0.53/32 dev eth0");
  });

  test("shows what is not said as undefined, never as keepalived's default", () => {
    const bare = config.instance("bare");
    expect([bare.state, bare.interface, bare.priority, bare.virtualRouterId, bare.advertInterval]).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
    expect([bare.unicastSource, bare.unicastPeers, bare.virtualAddresses]).toEqual([undefined, [], []]);
  });

  test("shows a sync group", () => {
    expect(config.syncGroup("dns")).toMatchObject({
      name: "dns",
      instances: ["v4", "v6"],
      tracked: [{ name: "dnsdist" }, { name: "haproxy", weight: -40 }],
    });
  });

  test("shows a script", () => {
    expect(config.script("dnsdist")).toMatchObject({
      name: "dnsdist",
      command: "/usr/lib/dns-lb/check dnsdist",
      interval: 1,
      timeout: 2,
      fall: 2,
      rise: 3,
      weight: -60,
      user: "root",
    });
  });

  test("shows lines as printed, those of inner blocks apart", () => {
    expect(config.global.lines).toEqual(["router_id lb1", "vrrp_version 3"]);
    expect(config.instance("v4").has("priority 250")).toBe(true);
    expect(config.instance("v4").has("10.0.0.3")).toBe(false);
  });

  test("fails when a block is not there, with those that are", () => {
    expect(() => config.instance("v6")).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: keepalived.conf has no block 'vrrp_instance v6', it has: global_defs, vrrp_script dnsdist, vrrp_sync_group dns, vrrp_instance v4, vrrp_instance bare [DNSLB807]]`,
    );
    expect(() => config.syncGroup("v4")).toThrow("no block 'vrrp_sync_group v4'");
    expect(() => KeepalivedConfig.parse("").global).toThrow("no block 'global_defs', it has: none");
  });
});
