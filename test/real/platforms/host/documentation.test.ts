import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Testing } from "cdktf";
import { describe, expect } from "vitest";
import { DNS } from "../../../../examples/machines/dns.js";
import { PROVIDERS } from "../../../../examples/machines/providers/index.js";
import { newStack } from "../../../constructs.js";
import { run, runIsolated, testWith, withFiles } from "../../config/daemon.js";

/* What docs/hosts.md tells to put on a host. */

const PAGE = readFileSync(join(__dirname, "../../../../docs/hosts.md"), "utf8");

/** The one block of text that begins so. */
function block(start: string): string {
  const found = PAGE.split("\n```text\n")
    .slice(1)
    .map((text) => text.split("```")[0] ?? "")
    .filter((text) => text.startsWith(start));
  if (found.length !== 1) throw new RangeError(`docs/hosts.md has ${found.length} blocks that begin with ${start}`);
  return found[0] ?? "";
}

const FIREWALL = block("table inet ");
const RULE = block("debian ALL=");

const testWithNft = testWith("nft", "unshare", "ip");
const testWithSudo = testWith("sudo", "visudo", "unshare", "setpriv");

describe("the firewall", () => {
  testWithNft("is taken by nft, once and again", async () => {
    await withFiles({ "host.nft": FIREWALL }, (folder) => {
      expect(runIsolated(`nft -f ${folder}/host.nft && nft -f ${folder}/host.nft`)).toEqual({ status: 0, output: "" });
    });
  });

  testWithNft("fails when a word is wrong", async () => {
    await withFiles({ "host.nft": FIREWALL.replace("l4proto vrrp", "l4proto vrpp") }, (folder) => {
      expect(runIsolated(`nft -f ${folder}/host.nft`).status).toBe(1);
    });
  });
});

describe("the rule of sudo", () => {
  /** Runs a command as a user who has that rule, on a host with an agent that tells its arguments. */
  const asUser = (command: string, rule = RULE) =>
    withFiles(
      {
        sudoers: `Defaults secure_path="/usr/local/bin:/usr/bin:/bin"\n${rule.replace(/^debian /, "nobody ")}`,
        agent: '#!/bin/sh\necho "$(id -un): $*"\n',
        command,
      },
      (folder) =>
        run(
          "unshare",
          "--mount",
          "sh",
          "-euc",
          [
            `chmod 440 ${folder}/sudoers`,
            `mount --bind ${folder}/sudoers /etc/sudoers`,
            "mount -t tmpfs none /usr/local/bin",
            `install -m 755 ${folder}/agent /usr/local/bin/dns-lb-agent`,
            `command=$(cat ${folder}/command)`,
            'cd / && exec setpriv --reuid nobody --regid nogroup --clear-groups sh -c "$command" 2>&1',
          ].join("\n"),
        ),
    );

  /** What a deployment runs by sudo, as Terraform gets it. */
  function commands(): readonly string[] {
    const stack = newStack("dns");
    PROVIDERS["proxmox"]?.(stack, DNS);
    const text: string = Testing.synth(stack, true);
    return [
      ...new Set([...text.matchAll(/"(sudo -n (?:[^"\\]|\\.)*)"/g)].map(([, found = ""]) => JSON.parse(`"${found}"`))),
    ];
  }

  testWithSudo("is taken by visudo", async () => {
    await withFiles({ sudoers: RULE }, (folder) => {
      const { status, output } = run("visudo", "--check", "--strict", "--owner", `--file=${folder}/sudoers`);
      expect(status, output).toBe(0);
    });
  });

  testWithSudo("lets a deployment hand releases over, and do nothing else", async () => {
    const all = commands();
    const submit = all.filter((command) => command.includes(" submit "));
    expect(submit).toHaveLength(1);
    const { status, output } = await asUser(submit[0] ?? "");
    expect(status, output).toBe(0);
    expect(output).toContain(`root: ${submit[0]?.replace("sudo -n dns-lb-agent ", "")}\n`);

    const others = all.filter((command) => !submit.includes(command));
    expect(others).toEqual([expect.stringMatching(/bootstrap/)]);
    for (const command of [...others, "sudo -n dns-lb-agent uninstall", `${submit[0]} --socket /tmp/x`, "sudo -n id"]) {
      const refused = await asUser(command);
      expect(refused.status, command).toBe(1);
      expect(refused.output).toContain("a password is required");
    }
  });
});
