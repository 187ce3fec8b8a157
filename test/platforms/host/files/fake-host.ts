import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hostFiles } from "../../../../lib/platforms/host/host-files.js";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PROGRAMS = ["bootstrap", "checks", "remove"];
/** A path of the system in a program, which is moved below the root. */
const SYSTEM_PATH = /(?<![\w.$}:])\/(etc|usr|var|run|proc|sys|lib)\//g;

const QUESTION = /^(systemctl (is-active|list-units)|dns-lb-agent ready --timeout 0$)/;

/** A folder that stands for a Debian 13 host, with programs that note how they were called and change nothing. */
export class FakeHost {
  readonly root = mkdtempSync(join(tmpdir(), "dns-lb-host-"));

  constructor() {
    for (const { path, content, executable } of hostFiles()) {
      this.write(`boot/${path}`, PROGRAMS.includes(path) ? this.moved(content) : content);
      chmodSync(join(this.root, "boot", path), executable ? 0o755 : 0o644);
    }
    // In place of the real agent, which would look for daemons.
    this.write("boot/agent/dns-lb-agent", this.program(`[ "$*" != status ] || echo 'failed checks: none'`));
    this.write("etc/os-release", 'ID=debian\nVERSION_ID="13"\n');
    for (const name of ["arp_ignore", "arp_announce"]) this.write(`proc/sys/net/ipv4/conf/all/${name}`, "0\n");
    for (const folder of ["run/systemd/system", "etc/systemd/system", "var/lib"]) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    this.fake("id", `case $1 in -u) echo \${FAKE_UID:-0} ;; *) cat ${this.root}/groups-$2 ;; esac`, false);
    this.fake(
      "getent",
      `if [ $1 = ahosts ]; then [ ! -e ${this.root}/nameless ]; else [ -e ${this.root}/groups-$2 ]; fi`,
      false,
    );
    this.fake("groupadd", "");
    this.fake("useradd", `for name; do :; done; echo $name >${this.root}/groups-$name`);
    this.fake("dpkg-query", `if grep -qx "$4" ${this.root}/installed 2>/dev/null; then echo installed; fi`, false);
    this.fake("apt-get", `for name; do echo $name >>${this.root}/installed; done`);
    this.fake("python3", "[ $1 != -V ] || echo Python 3.13.5", false);
    this.fake("systemd-tmpfiles", "");
    this.fake("systemctl", this.moved(SYSTEMCTL));
    this.write("lib/systemd/systemd-sysctl", this.program(""));
    chmodSync(join(this.root, "lib/systemd/systemd-sysctl"), 0o755);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    rmSync(join(this.root, path), { force: true });
    symlinkSync(target, join(this.root, path));
  }

  target(path: string): string | undefined {
    const status = lstatSync(join(this.root, path), { throwIfNoEntry: false });
    return status?.isSymbolicLink() ? readlinkSync(join(this.root, path)) : undefined;
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** Replaces a program by one that does something else. */
  fake(name: string, script: string, isNoted = true): void {
    this.write(`bin/${name}`, isNoted ? this.program(script) : `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.root, "bin", name), 0o755);
  }

  bootstrap(words: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
    return this.run("boot/bootstrap", words, env);
  }

  /** Runs a program; its words are those of a host. */
  run(program: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Outcome {
    const { status, stdout, stderr } = spawnSync("/bin/sh", [join(this.root, program), ...words], {
      encoding: "utf8",
      env: { PATH: `${this.root}/bin:${process.env["PATH"]}`, ...env },
    });
    return { status, stdout: this.shown(stdout), stderr: this.shown(stderr) };
  }

  /** How programs were called since this was asked last, but for questions. */
  journal(): string[] {
    if (!this.has("journal")) return [];
    const lines = this.shown(this.read("journal")).split("\n");
    rmSync(join(this.root, "journal"));
    return lines.filter((line) => line !== "" && !QUESTION.test(line));
  }

  /** All files with their contents, and all links; without what stands for systemd. */
  files(): ReadonlyMap<string, string> {
    const paths = readdirSync(this.root, { recursive: true, encoding: "utf8" }).sort();
    return new Map(
      paths.flatMap((path) => {
        const status = lstatSync(join(this.root, path));
        if (["journal", "etc/active"].includes(path) || path.startsWith("boot/") || status.isDirectory()) return [];
        return [[path, status.isSymbolicLink() ? `-> ${this.target(path)}` : this.read(path)] as const];
      }),
    );
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private moved(script: string): string {
    return script.replaceAll(SYSTEM_PATH, `${this.root}/$1/`);
  }

  private program(script: string): string {
    return `#!/bin/sh\necho "$(basename "$0") $*" >>${this.root}/journal\n${script}\n`;
  }

  private shown(text: string): string {
    return text.replaceAll(this.root, "");
  }
}

/** What of systemctl has a result; `/etc/active` has the units that run. */
const SYSTEMCTL = `
active=/etc/active
touch $active
case $1 in
  is-active) grep -qx "$3" $active ;;
  list-units) grep -E "^(haproxy|dnsdist|keepalived|bird|unbound|nsd)(@.*)?[.]service$" $active | sed 's/$/ loaded active running A daemon/' ;;
  mask) ln -s /dev/null /etc/systemd/system/$3 ;;
  unmask) shift 2; for unit; do rm -f /etc/systemd/system/$unit; done ;;
  start) shift; for unit; do case $unit in *.service) ;; *) unit=$unit.service ;; esac; grep -qx $unit $active || echo $unit >>$active; done ;;
  stop) sed -i "/^$2$/d" $active ;;
  disable) for unit; do sed -i "/^$unit$/d" $active; done ;;
esac`;
