import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cycloneDx } from "../../../cyclonedx.js";

const PROGRAM = join(__dirname, "../../../../lib/platforms/docker/image/sbom");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dns-lb-sbom-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The bill of a system whose dpkg lists these packages. */
function billOf(...packages: readonly (readonly string[])[]) {
  writeFileSync(join(folder, "list"), packages.map((words) => `${words.join("\t")}\n`).join(""));
  writeFileSync(join(folder, "dpkg-query"), `#!/bin/sh\n[ "$1 $2" = '-W -f' ] && cat ${folder}/list\n`);
  chmodSync(join(folder, "dpkg-query"), 0o755);
  return run({ PATH: `${folder}:/usr/bin:/bin` });
}

function run(env = {}) {
  const text = execFileSync("/usr/bin/python3", ["-IBS", PROGRAM], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return cycloneDx.parse(JSON.parse(text));
}

const [, id = ""] = /^ID=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8")) ?? [];
const [, release = ""] = /^VERSION_ID="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8")) ?? [];

describe("the bill of materials of an image", () => {
  test("has name, version and package URL of what is installed, sorted, with the source that advisories name", () => {
    const { components, metadata } = billOf(
      ["installed", "zlib1g", "1:1.2.13.dfsg-1", "amd64", "zlib", "1:1.2.13.dfsg-1"],
      ["installed", "libstdc++6", "12.2.0-14+deb12u1", "amd64", "gcc-12", "12.2.0-14"],
      ["config-files", "vim", "2:9", "amd64", "vim", "2:9"],
      ["installed", "dnsdist", "1.9.10-1~deb13u1", "arm64", "dnsdist", "1.9.10-1~deb13u1"],
    );
    expect(metadata.component).toEqual({ type: "operating-system", name: id, version: release });
    const distro = `distro=${id}-${release}`;
    expect(components.map(({ name, version, purl }) => [name, version, purl])).toEqual([
      ["dnsdist", "1.9.10-1~deb13u1", `pkg:deb/${id}/dnsdist@1.9.10-1~deb13u1?arch=arm64&${distro}`],
      [
        ...["libstdc++6", "12.2.0-14+deb12u1"],
        `pkg:deb/${id}/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&${distro}&upstream=gcc-12%4012.2.0-14`,
      ],
      [...["zlib1g", "1:1.2.13.dfsg-1"], `pkg:deb/${id}/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&${distro}&upstream=zlib`],
    ]);
  });

  test("has every package of a real system", () => {
    const listed = execFileSync("dpkg-query", ["-W", "-f", "${db:Status-Status}\t${Package}\t${Version}\n"], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const installed = listed.split("\n").flatMap((line) => {
      const [status, name, version] = line.split("\t");
      return status === "installed" ? [`${name} ${version}`] : [];
    });
    expect(
      run()
        .components.map(({ name, version }) => `${name} ${version}`)
        .sort(),
    ).toEqual(installed.sort());
  });

  test("fails when dpkg does", () => {
    writeFileSync(join(folder, "dpkg-query"), "#!/bin/sh\nexit 2\n", { mode: 0o755 });
    expect(() => execFileSync(PROGRAM, { env: { PATH: folder }, stdio: "pipe" })).toThrow(/non-zero exit status 2/);
  });
});
