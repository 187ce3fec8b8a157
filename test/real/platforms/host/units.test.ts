import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostFiles } from "../../../../lib/platforms/host/host-files.js";

const units = hostFiles().filter(({ path }) => path.startsWith("units/"));
const names = units.map(({ path }) => path.replace("units/", ""));

/* systemd judges files; that the daemons do what they must within these limits, machines show: `test/hosts/`. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dns-lb-units-"));
  mkdirSync(join(folder, "dns-lb-.service.d"));
  const hardening = hostFiles().find(({ path }) => path === "hardening.conf")?.content ?? "";
  writeFileSync(join(folder, "dns-lb-.service.d/hardening.conf"), hardening);
  for (const { path, content } of units) {
    // A program that is there.
    const runnable = content.replaceAll("/usr/libexec/dns-lb/dns-lb-agent", "/bin/true");
    writeFileSync(join(folder, path.replace("units/", "")), runnable);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function analyze(...words: string[]) {
  // The colon adds the folders of the system, whose targets the units name.
  const env = { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:`, SYSTEMD_PAGER: "" };
  return spawnSync("systemd-analyze", words, { encoding: "utf8", env });
}

describe("systemd", () => {
  test("has nothing to say of the units", () => {
    const { status, stdout, stderr } = analyze("verify", ...names.map((name) => join(folder, name)));
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("complains when a unit is wrong", () => {
    const bad = join(folder, "dns-lb-bad.service");
    writeFileSync(bad, "[Service]\nExecStart=/bin/true\nNoSuchSetting=yes\n");
    expect(analyze("verify", bad).stderr).toContain("NoSuchSetting");
    rmSync(bad);
  });

  test.each(names)("finds %s exposed by 3.0 of 10 at most", (name) => {
    const { status, stdout } = analyze("security", "--offline=true", "--threshold=30", join(folder, name));
    const [, level = "none"] = /Overall exposure level for \S+ ([0-9.]+)/.exec(stdout) ?? [];
    expect({ status, level: Number(level) <= 3 }, level).toEqual({ status: 0, level: true });
  });

  test("finds a unit exposed that has no drop-in", () => {
    const bare = join(folder, "bare.service");
    execFileSync("cp", [join(folder, "dns-lb-haproxy.service"), bare]);
    expect(analyze("security", "--offline=true", "--threshold=30", bare).status).toBe(1);
  });
});
