import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Service } from "../../../lib/model/manifest.js";
import { FakeNode, manifest, service, until } from "./fake-node.js";

/* nft as the agent meets it, played by a script; test/real and test/lab have the true one. */

const FILTER = "keepalived/adverts.nft";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

/** keepalived as far as a reload sees it: it handles SIGHUP, and has its pid files. */
const HANDLES_SIGHUP =
  "trap : HUP; touch $0/private/keepalived-main.pid $0/private/keepalived-vrrp.pid; while :; do sleep 0.05; done";

const plain = service({ name: "keepalived", command: ["bash", "-c", HANDLES_SIGHUP, "{run}"], reload: [] });
const filtered: Service = { ...plain, settings: { ...plain.settings, filter: FILTER } };

/** nft tells its words, and what it loads; it ends as `script` says. */
function nft(script = ""): void {
  const log = join(node.dir, "nft");
  writeFileSync(log, "");
  const tell = [`echo "$*" >>${log}`, `[ "$1" != -f ] || cat "$2" >>${log}`];
  node.program("nft", ["#!/bin/bash", ...tell, script, "exit 0\n"].join("\n"));
}

function seen(): string[] {
  const text = readFileSync(join(node.dir, "nft"), "utf8").replaceAll(node.dir, "");
  return text
    .replace(/\.incoming-\w+|(?<=releases\/)[0-9a-f]{16}/g, "ID")
    .split("\n")
    .filter(Boolean);
}

const apply = (services: readonly Service[], rules: string) =>
  node.agent("apply", node.bundle(manifest({ services }), { [FILTER]: rules }));

async function running(daemon: Service): Promise<void> {
  expect(await apply([daemon], "rules 1")).toMatchObject({ status: 0, stderr: "" });
  node.supervise("keepalived");
  await until(() => existsSync(join(node.run, "private/keepalived-vrrp.pid")));
}

const REMOVED = "add table inet dns_lb_a; delete table inet dns_lb_a";

describe("the packet filter of adverts", () => {
  test("is checked with a release, and loaded before the daemon starts and with each change", async () => {
    nft();
    await running(filtered);
    expect(seen()).toEqual([`-c -f /state/releases/ID/${FILTER}`, `-f /state/current/${FILTER}`, "rules 1"]);
    nft();
    expect(await apply([filtered], "rules 2")).toMatchObject({ status: 0, stderr: "" });
    expect(seen()).toEqual([`-c -f /state/releases/ID/${FILTER}`, `-f /state/releases/ID/${FILTER}`, "rules 2"]);
  });

  test("fails when nft refuses the file, with nft's words", async () => {
    nft('[ "$2" != -f ] || { echo "$3:7:1-3: Error: syntax error, unexpected string"; exit 1; }');
    expect(await apply([filtered], "tll")).toMatchObject({
      status: 1,
      stderr: `keepalived: ${FILTER}:7:1-3: Error: syntax error, unexpected string
dns-lb-agent: refused by keepalived; nothing was changed
`,
    });
  });

  test("is left out, with one warning a change, where the kernel takes none", async () => {
    nft('echo "netlink: Error: cache initialization failed: Operation not permitted"; exit 1');
    await running(filtered);
    expect(await apply([filtered], "rules 2")).toMatchObject({
      status: 0,
      stderr:
        "forged VRRP adverts are not filtered, so that a flood of them may move the addresses: netlink: Error: cache initialization failed: Operation not permitted\n",
    });
  });

  test("goes with a release of an earlier version, which has none", async () => {
    await running(filtered);
    nft();
    expect(await apply([plain], "rules 1")).toMatchObject({ status: 0, stderr: "" });
    expect(seen()).toEqual([REMOVED]);
  });

  test("goes with the daemon", async () => {
    await running(filtered);
    nft();
    expect(await apply([service()], "rules 1")).toMatchObject({ status: 0, stderr: "" });
    expect(seen()).toEqual([REMOVED]);
  });

  test("goes with the node, and is no concern of one that has no release yet", async () => {
    nft();
    expect(await node.agent("clear")).toMatchObject({ status: 0, stderr: "" });
    expect(seen()).toEqual([]);
    await running(filtered);
    nft();
    expect(await node.agent("clear")).toMatchObject({ status: 0, stderr: "" });
    expect(seen()).toEqual([REMOVED]);
  });
});
