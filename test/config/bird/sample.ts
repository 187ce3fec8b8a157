import type { BirdBlock, BirdExpression, BirdFile } from "../../../lib/config/bird/index.js";

const name = (text: string): BirdExpression => ({ name: text });
const number = (value: number): BirdExpression => ({ number: value });

/** A session of a node with one of its routers. */
function session(title: string, local: string, neighbor: string, family: "ipv4" | "ipv6"): BirdBlock {
  const everywhere = family === "ipv4" ? "0.0.0.0/0" : "::/0";
  return {
    ...{ keyword: "protocol bgp", name: title, from: "upstream" },
    entries: [
      ["local", local, "as", "64512"],
      ["neighbor", neighbor, "as", "64500"],
      ["password", "MD5_R1"],
      {
        keyword: family,
        entries: [
          ["import", "where", { left: name("net"), operator: "=", right: { prefix: everywhere } }],
          ["import limit", "2", "action", "block"],
          ["export", "filter", "announce"],
          ["next hop self"],
        ],
      },
    ],
  };
}

const service = (suffix: "4" | "6"): BirdExpression => ({
  all: [
    { left: name("net.type"), operator: "=", right: name(`NET_IP${suffix}`) },
    { left: name("net"), operator: "~", right: name(`SERVICE${suffix}`) },
  ],
});

/** Everything that a node of a group, or a router before it, may be told. */
export const SAMPLE: BirdFile = {
  statements: [
    ["log", "stderr", "all"],
    ["router id", "10.0.0.2"],
    ["timeformat", "protocol", "iso", "long", "ms"],
    ["include", { text: "secrets.conf" }],
    ["include", { text: "cost.conf" }],
    { define: "SERVICE4", value: { prefixes: ["203.0.113.53/32"] } },
    { define: "SERVICE6", value: { prefixes: ["2001:db8:113::53/128"] } },
    { define: "WITHIN", value: { prefixes: ["10.0.0.0/8+", "172.16.0.0/12-", "192.168.0.0/16{24,32}"] } },
    { define: "PLACE", value: { text: "it's # a {text} /* of */ `one` line; $HOME \\" } },
    {
      filter: "announce",
      statements: [
        { if: { all: [{ not: service("4") }, { not: service("6") }] }, do: ["reject"] },
        { if: { left: name("source"), operator: "!=", right: name("RTS_DEVICE") }, do: ["reject"] },
        { if: { left: name("COST"), operator: ">=", right: number(9) }, do: ["reject"] },
        { call: "bgp_community.add", with: { community: [{ number: 64512 }, { name: "COST" }] } },
        {
          call: "bgp_large_community.add",
          with: { community: [{ number: 4_200_000_000 }, { number: 1 }, { name: "COST" }] },
        },
        {
          if: { left: name("COST"), operator: ">", right: number(0) },
          do: [{ call: "bgp_path.prepend", with: number(64_512) }],
        },
        {
          if: { left: name("DRAIN"), operator: "=", right: number(1) },
          do: [{ call: "bgp_community.add", with: { community: [{ number: 65_535 }, { number: 0 }] } }],
          else: [{ call: "bgp_community.delete", with: { community: [{ number: 65_535 }, { number: 0 }] } }],
        },
        "accept",
      ],
    },
    {
      filter: "hear",
      statements: [
        {
          if: { any: [service("4"), service("6")] },
          do: [
            {
              if: {
                left: { community: [{ number: 65_535 }, { number: 0 }] },
                operator: "~",
                right: name("bgp_community"),
              },
              do: [{ set: "bgp_local_pref", to: number(0) }],
            },
            "accept",
          ],
        },
        "reject",
      ],
    },
    {
      filter: "install",
      statements: [
        { if: { left: name("source"), operator: "!=", right: name("RTS_BGP") }, do: ["reject"] },
        { set: "krt_prefsrc", to: { address: "10.0.0.2" } },
        "accept",
      ],
    },
    { keyword: "protocol device", entries: [["scan time", "10"]] },
    {
      ...{ keyword: "protocol direct", name: "service" },
      entries: [
        ["interface", { text: "lo" }],
        {
          keyword: "ipv4",
          entries: [["import", "where", { left: name("net"), operator: "~", right: name("SERVICE4") }]],
        },
        {
          keyword: "ipv6",
          entries: [["import", "where", { left: name("net"), operator: "~", right: name("SERVICE6") }]],
        },
      ],
    },
    { keyword: "protocol static", entries: [["ipv4"], ["route", "198.51.100.0/24", "unreachable"]] },
    {
      ...{ keyword: "protocol kernel", name: "k4" },
      entries: [
        ["persist"],
        ["merge paths", "on", "limit", "8"],
        {
          keyword: "ipv4",
          entries: [
            ["import", "none"],
            ["export", "filter", "install"],
          ],
        },
      ],
    },
    {
      ...{ keyword: "protocol kernel", name: "k6" },
      entries: [
        ["persist"],
        ["merge paths", "on", "limit", "8"],
        {
          keyword: "ipv6",
          entries: [
            ["import", "none"],
            ["export", "where", { left: name("source"), operator: "=", right: name("RTS_BGP") }],
          ],
        },
      ],
    },
    {
      keyword: "protocol bfd",
      entries: [
        {
          ...{ keyword: "interface", name: "eth0" },
          entries: [
            ["min rx interval", "300", "ms"],
            ["min tx interval", "300", "ms"],
            ["idle tx interval", "1", "s"],
            ["multiplier", "3"],
          ],
        },
        { keyword: "multihop", entries: [["interval", "300", "ms"]] },
      ],
    },
    {
      ...{ keyword: "template bgp", name: "upstream" },
      entries: [
        ["strict bind", "yes"],
        ["ttl security", "on"],
        ["hold time", "9"],
        ["keepalive time", "3"],
        ["connect retry time", "2"],
        ["connect delay time", "1"],
        ["error wait time", "1", "5"],
        ["graceful restart", "off"],
        ["long lived graceful restart", "off"],
        ["bfd", "on"],
      ],
    },
    session("r1v4", "10.0.0.2", "10.0.0.1", "ipv4"),
    session("r1v6", "2001:db8::2", "2001:db8::1", "ipv6"),
    {
      ...{ keyword: "protocol bgp", name: "far" },
      entries: [
        ["local", "as", "64512"],
        ["neighbor", "198.51.100.1", "port", "1179", "as", "4200000001"],
        ["source address", "10.0.0.2"],
        ["multihop", "3"],
        ["strict bind", "no"],
        { keyword: "bfd", entries: [["interval", "300", "ms"]] },
        {
          keyword: "ipv4",
          entries: [
            ["import", "filter", "hear"],
            ["export", "all"],
          ],
        },
      ],
    },
  ],
};
