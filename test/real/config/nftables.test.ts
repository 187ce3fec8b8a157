import { expect } from "vitest";
import type { NftablesTable } from "../../../lib/config/nftables/model.js";
import { printNftables } from "../../../lib/config/nftables/print.js";
import { type Outcome, runIsolated, testWith, withFiles } from "./daemon.js";

/** Everything that a node may be told. */
const SAMPLE: NftablesTable = {
  name: "dns_lb_lb-1",
  chain: "adverts",
  priority: -300,
  rules: (["ip", "ip6"] as const).flatMap((header) => {
    const [own, peers, hops] =
      header === "ip" ? ["10.0.0.2", "10.0.0.3", "ttl"] : ["fd00::2", "fd00::3,fd00::4", "hoplimit"];
    const advert = ["meta", "l4proto", "112", header, "daddr", own] as const;
    return [
      [...advert, header, "saddr", "!=", "{", peers, "}", "counter", "drop"],
      [...advert, header, hops, "!=", "255", "counter", "drop"],
    ] as const;
  }),
};

const testNft = testWith("nft", "unshare", "ip");

/** Runs shell commands with files of nft, in a network namespace of their own. */
const isolated = (files: Readonly<Record<string, string>>, commands: string): Promise<Outcome> =>
  withFiles(files, (directory) => runIsolated(`cd ${directory} && ${commands}`));

testNft("nft takes everything that a node may be told, without a word, and changes nothing by a check", async () => {
  const checked = await isolated({ "adverts.nft": printNftables(SAMPLE) }, "nft -c -f adverts.nft && nft list ruleset");
  expect(checked).toEqual({ status: 0, output: "" });
});

testNft("fails when nft does not know a word, with its place", async () => {
  const text = printNftables(SAMPLE).replace(" ttl ", " tll ");
  const { status, output } = await isolated({ "adverts.nft": text }, "nft -c -f adverts.nft");
  expect(status).not.toBe(0);
  expect(output).toContain("adverts.nft:7:43-45: Error: syntax error");
});

testNft("a file replaces its own table, and no other, however often it is loaded", async () => {
  const other = "table inet other { chain c { type filter hook input priority 0; policy accept; }; }";
  const fewer = { ...SAMPLE, rules: SAMPLE.rules.slice(0, 1) };
  const { status, output } = await isolated(
    { "one.nft": printNftables(SAMPLE), "two.nft": printNftables(fewer) },
    `nft '${other}' && nft -f one.nft && nft -f one.nft && nft -f two.nft && nft list ruleset`,
  );
  expect(status, output).toBe(0);
  expect(output.match(/table .*/g)).toEqual(["table inet other {", "table inet dns_lb_lb-1 {"]);
  expect(output.match(/ drop$/gm)).toHaveLength(1);
});

testNft("a file that nft refuses leaves the table as it was", async () => {
  const { output } = await isolated(
    { "one.nft": printNftables(SAMPLE), "two.nft": printNftables(SAMPLE).replace(" ttl ", " tll ") },
    "nft -f one.nft && ! nft -f two.nft 2>/dev/null && nft list ruleset",
  );
  expect(output.match(/ drop$/gm)).toHaveLength(4);
});

testNft("the names of nodes are names of tables", async () => {
  for (const node of ["a", "LB_1-x", `l${"b".repeat(62)}`]) {
    const text = printNftables({ ...SAMPLE, name: `dns_lb_${node}` });
    const { output } = await isolated({ "adverts.nft": text }, "nft -f adverts.nft && nft list tables");
    expect(output).toBe(`table inet dns_lb_${node}\n`);
  }
});
