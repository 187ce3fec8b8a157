import { join } from "node:path";
import { expect } from "vitest";
import { type KeepalivedFile, parseKeepalived, printKeepalived } from "../../../lib/config/keepalived/index.js";
import { NASTY } from "../../config/nasty.js";
import { type Outcome, runIsolated, testWith, withFiles } from "./daemon.js";

/** Everything that a node of a pair may be told. */
const SAMPLE: KeepalivedFile = {
  blocks: [
    {
      keyword: "global_defs",
      entries: [
        ["router_id", "lb1"],
        ["vrrp_version", "3"],
        ["vrrp_check_unicast_src"],
        ["vrrp_garp_master_delay", "1"],
        ["vrrp_garp_master_repeat", "2"],
        ["vrrp_garp_lower_prio_repeat", "2"],
        ["vrrp_garp_master_refresh", "30"],
        ["max_auto_priority", "50"],
        ["script_user", "root"],
        ["enable_script_security"],
        { keyword: "notification_email", entries: [["ops@example.com"]] },
      ],
    },
    {
      keyword: "vrrp_script",
      name: "dnsdist",
      entries: [
        ["script", "/bin/sh -c 'exit 0'"],
        ["interval", "1"],
        ["timeout", "2"],
        ["fall", "2"],
        ["rise", "2"],
        ["weight", "-60"],
        ["user", "root"],
        ["init_fail"],
      ],
    },
    { keyword: "vrrp_script", name: "reach-resolvers", entries: [["script", "/bin/true"]] },
    {
      keyword: "vrrp_sync_group",
      name: "dns",
      entries: [
        { keyword: "group", entries: [["v4"], ["v6"]] },
        { keyword: "track_script", entries: [["dnsdist"], ["reach-resolvers", "weight", "-20"]] },
      ],
    },
    {
      keyword: "vrrp_instance",
      name: "v4",
      entries: [
        ["state", "BACKUP"],
        ["interface", "eth0"],
        ["virtual_router_id", "53"],
        ["priority", "250"],
        ["advert_int", "0.2"],
        ["unicast_src_ip", "10.0.0.2"],
        ["unicast_ttl", "255"],
        ["dont_track_primary"],
        { keyword: "unicast_peer", entries: [["10.0.0.3", "min_ttl", "255", "max_ttl", "255"]] },
        { keyword: "virtual_ipaddress", entries: [["10.0.0.53/32", "dev", "eth0"]] },
        { keyword: "virtual_ipaddress_excluded", entries: [["10.0.0.54/32", "dev", "eth0"]] },
        {
          keyword: "virtual_routes",
          entries: [["0.0.0.0/0", "via", "10.0.0.1", "dev", "eth0", "src", "10.0.0.53", "table", "100"]],
        },
        { keyword: "virtual_rules", entries: [["from", "10.0.0.53", "table", "100", "priority", "100"]] },
      ],
    },
    {
      keyword: "vrrp_instance",
      name: "v6",
      entries: [
        ["state", "BACKUP"],
        ["interface", "eth0"],
        ["virtual_router_id", "53"],
        ["priority", "250"],
        ["advert_int", "0.2"],
        ["unicast_src_ip", "2001:db8::2"],
        ["unicast_ttl", "255"],
        { keyword: "unicast_peer", entries: [["2001:db8::3", "min_ttl", "255", "max_ttl", "255"]] },
        { keyword: "virtual_ipaddress", entries: [["2001:db8::53/128", "dev", "eth0"]] },
      ],
    },
  ],
};

const withRouterId = (...words: [string, ...string[]]): KeepalivedFile => ({
  blocks: [{ keyword: "global_defs", entries: [["router_id", ...words]] }, ...SAMPLE.blocks],
});

const testKeepalived = testWith("keepalived", "unshare", "ip");

const check = (text: string): Promise<Outcome> =>
  withFiles({ "keepalived.conf": text }, (directory) =>
    runIsolated(`keepalived --config-test --use-file ${join(directory, "keepalived.conf")}`),
  );

testKeepalived("keepalived takes everything that a node of a pair may be told, without a word", async () => {
  expect(await check(printKeepalived(SAMPLE))).toEqual({ status: 0, output: "" });
  expect(parseKeepalived(printKeepalived(SAMPLE))).toEqual(SAMPLE);
});

testKeepalived("fails when keepalived does not know a value", async () => {
  const { status, output } = await check(printKeepalived(SAMPLE).replace("priority 250", "priority 300"));
  expect(status).not.toBe(0);
  expect(output).toContain("Priority not valid!");
});

testKeepalived("keepalived reads a line of 1022 bytes whole and cuts longer ones", async () => {
  const text = printKeepalived(withRouterId("x".repeat(1022 - "  router_id ".length)));
  expect(await check(text)).toEqual({ status: 0, output: "" });
  const { status, output } = await check(text.replace("  router_id x", "  router_id xxx"));
  expect(status).not.toBe(0);
  expect(output).toContain("Unknown keyword 'x'");
});

testKeepalived("keepalived sees each nasty word as it was given, no block and no comment", async () => {
  const words = NASTY.filter((word) => !/["\\$]|^[{}]$/.test(word));
  const text = printKeepalived({
    blocks: [
      {
        keyword: "global_defs",
        entries: [
          ["notification_email_from", "lb1@example.com"],
          { keyword: "notification_email", entries: words.map((word) => [word, "after"] as const) },
        ],
      },
      ...SAMPLE.blocks.slice(1),
    ],
  });
  const { output } = await withFiles({ "keepalived.conf": text }, (directory) =>
    runIsolated(
      [
        "timeout --signal=TERM 2 keepalived --dont-fork --log-console --dump-conf --vrrp",
        `--pid ${directory}/main.pid --vrrp_pid ${directory}/vrrp.pid --use-file ${directory}/keepalived.conf; true`,
      ].join(" "),
    ),
  );
  const [, listed = ""] = /Email notification to:\n([\s\S]*?)Default smtp_alert/.exec(output) ?? [];
  const seen = [...listed.matchAll(/\d: {4}([^\n]*)\n/g)].map(([, word]) => word);
  expect(seen, output).toEqual(words.flatMap((word) => [word, "after"]));
});

testKeepalived("keepalived cannot quote a quote, a lone brace, or a backslash before a quote", async () => {
  const takes = async (quoted: string) => {
    const text = printKeepalived(withRouterId("placeholder")).replace("placeholder", quoted);
    return (await check(text)).status === 0;
  };
  expect(await takes('"a b"')).toBe(true);
  expect(await takes('"a"b"')).toBe(false);
  expect(await takes('"}"')).toBe(false);
  expect(await takes('"a\\"')).toBe(false);
});
