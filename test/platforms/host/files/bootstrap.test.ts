import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeHost } from "./fake-host.js";

const PAIR = ["--debian", "13", "--daemons", "haproxy dnsdist keepalived"];
const ANYCAST = ["--debian", "13", "--daemons", "haproxy dnsdist bird"];
const UNITS = "/etc/systemd/system";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

/** Bootstraps and gives what was called. */
function bootstrapped(words: readonly string[] = PAIR): string[] {
  const { status, stderr } = host.bootstrap(words);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return host.journal();
}

/** Gives the host a release, which daemons of a node that runs have. */
function live(): void {
  host.write("var/lib/dns-lb/current/manifest.json", "{}");
}

const systemctl = (journal: readonly string[]) =>
  journal.filter((line) => /^(systemctl|dns-lb-agent) /.test(line)).map((line) => line.replace(/^systemctl /, ""));

describe("bootstrap", () => {
  test("masks Debian's units before their packages come, and starts only units of what the host runs", () => {
    const journal = bootstrapped();
    const order = ["mask -q keepalived", "apt-get -q", "useradd", "enable -q dns-lb-recover", "start dns-lb-recover"];
    const places = order.map((words) => journal.findIndex((line) => line.includes(words)));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(journal.find((line) => line.includes(" install "))).toContain(
      "install -y --no-install-recommends haproxy dnsdist keepalived python3 iproute2 ca-certificates nftables",
    );
    const services = "recover agent watch drain haproxy dnsdist keepalived".split(" ").map((name) => `dns-lb-${name}`);
    expect(systemctl(journal)).toEqual([
      ...["haproxy", "dnsdist", "keepalived"].map((name) => `mask -q ${name}.service`),
      "daemon-reload",
      `enable -q ${services.join(" ")}`,
      `start ${services.join(" ")}`,
    ]);
    expect([...host.files().keys()].filter((path) => path.startsWith("etc/systemd/system/dns-lb-"))).toEqual(
      [
        "etc/systemd/system/dns-lb-.service.d/hardening.conf",
        ...services.map((name) => `etc/systemd/system/${name}.service`),
      ].sort(),
    );
    expect(host.read("etc/needrestart/conf.d/dns-lb.conf")).toContain("qr(^dns-lb-)");
    expect(host.target("usr/libexec/dns-lb")).toMatch(/^dns-lb-[0-9a-f]{12}$/);
    expect(host.target("usr/local/bin/dns-lb-agent")).toMatch(/\/usr\/libexec\/dns-lb\/dns-lb-agent$/);
    expect(host.has("usr/libexec/dns-lb/remove")).toBe(true);
  });

  test("installs BIRD by the name of its package, and knows its unit by the name of the daemon", () => {
    const journal = bootstrapped(ANYCAST);
    expect(journal.find((line) => line.includes(" install "))).toMatch(
      /install -y --no-install-recommends haproxy dnsdist bird2 python3 iproute2 ca-certificates$/,
    );
    expect(systemctl(journal)[2]).toBe("mask -q bird.service");
    expect(systemctl(journal)[4]).toMatch(/^enable -q .* dns-lb-bird$/);
    expect(host.has("etc/systemd/system/dns-lb-bird.service")).toBe(true);
    expect(installs(bootstrapped(ANYCAST))).toEqual([]);
    expect(installs(bootstrapped([...ANYCAST, "--upgrade"]))[0]).toMatch(/--only-upgrade .* haproxy dnsdist bird2$/);
  });

  test("brings a node of a pair into a group: keepalived goes on until the first release of the group", () => {
    bootstrapped();
    host.write("var/lib/dns-lb/current/manifest.json", '{ "services": [{ "name": "keepalived" }] }');
    const journal = systemctl(bootstrapped(ANYCAST));
    expect(journal).toContain("mask -q bird.service");
    expect(journal).toContain("disable -q dns-lb-keepalived.service");
    expect(journal).not.toContain("stop dns-lb-keepalived.service");
    expect(host.has("etc/sysctl.d/60-dns-lb.conf")).toBe(true);
  });

  test("makes two users, each of a group of its own", () => {
    const journal = bootstrapped().filter((line) => /^(user|group)add /.test(line));
    const words = "--no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin";
    expect(journal).toEqual(
      [
        `useradd --system --gid dns-lb ${words} dns-lb`,
        `useradd --system --gid dns-lb-watch ${words} dns-lb-watch`,
      ].flatMap((line) => [`groupadd --system ${line.split(" ").at(-1)}`, line]),
    );
  });

  test("says that sudo waits where the name of the host does not resolve, and goes on", () => {
    host.write("nameless", "");
    const { status, stderr } = host.bootstrap(PAIR);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /^the name of this host, \S+, does not resolve: each sudo may wait for DNS; put it/,
      ),
    });
  });

  test("changes nothing and restarts nothing when it runs again", () => {
    bootstrapped();
    live();
    const before = host.files();
    expect(systemctl(bootstrapped()).filter((line) => !/^(enable|start) /.test(line))).toEqual([
      "daemon-reload",
      "dns-lb-agent ready",
    ]);
    expect(host.files()).toEqual(before);
  });

  test("restarts the agent and its watch when the agent changed, and no daemon; the old one goes", () => {
    bootstrapped();
    live();
    const old = host.target("usr/libexec/dns-lb");
    host.write("boot/agent/dnslb_agent/der.py", "# another\n");
    expect(systemctl(bootstrapped()).slice(3)).toEqual([
      ...["restart dns-lb-watch.service", "dns-lb-agent ready"],
      ...["restart dns-lb-agent.service", "dns-lb-agent ready"],
      "dns-lb-agent ready",
    ]);
    expect(host.target("usr/libexec/dns-lb")).not.toBe(old);
    expect(host.has(`usr/libexec/${old}`)).toBe(false);
    expect(host.read("usr/libexec/dns-lb/dnslb_agent/der.py")).toBe("# another\n");
  });

  test("restarts the agent alone when its unit changed", () => {
    bootstrapped();
    host.write("boot/units/dns-lb-agent.service", "[Service]\n");
    expect(systemctl(bootstrapped()).slice(3)).toEqual(["restart dns-lb-agent.service"]);
  });

  test("restarts daemons whose units changed one by one, while another node has the addresses, keepalived last", () => {
    bootstrapped(["--debian", "13", "--daemons", "keepalived haproxy"]);
    live();
    for (const name of ["haproxy", "keepalived"]) host.write(`boot/units/dns-lb-${name}.service`, "[Service]\n");
    expect(systemctl(bootstrapped(["--debian", "13", "--daemons", "keepalived haproxy"])).slice(3)).toEqual([
      "dns-lb-agent drain --for-now",
      ...["restart dns-lb-haproxy.service", "dns-lb-agent ready"],
      ...["restart dns-lb-keepalived.service", "dns-lb-agent ready"],
      ...["restart dns-lb-agent.service", "dns-lb-agent ready"],
      "dns-lb-agent status",
      "dns-lb-agent ready",
    ]);
  });

  test("restarts later what it could not restart before it was interrupted", () => {
    bootstrapped();
    host.write("boot/units/dns-lb-agent.service", "[Service]\n");
    const working = host.read("bin/systemctl");
    host.fake("systemctl", `[ $1 != daemon-reload ] || exit 1\n${working}`);
    expect(host.bootstrap(PAIR).status).toBe(1);
    host.fake("systemctl", working, false);
    host.journal();
    expect(systemctl(bootstrapped())).toContain("restart dns-lb-agent.service");
  });

  const installs = (journal: readonly string[]) => journal.filter((line) => / install /.test(line));
  const NEWEST = /--only-upgrade --no-remove -o \S+confdef -o \S+confold haproxy dnsdist keepalived$/;

  test("leaves packages as they are unless it is told to upgrade them", () => {
    bootstrapped();
    expect(installs(bootstrapped())).toEqual([]);
    expect(host.bootstrap([...PAIR, "--upgrade"]).stdout).toMatch(/^brings up to date: haproxy dnsdist keepalived\n/);
    expect(installs(host.journal())).toEqual([expect.stringMatching(NEWEST)]);
  });

  test.each([[[]], [["--force"]]])("upgrades a node that serves by its agent, when all else is done: %j", (more) => {
    bootstrapped();
    live();
    const journal = bootstrapped([...PAIR, "--upgrade", ...more]);
    expect(installs(journal)).toEqual([]);
    expect(journal.slice(-2)).toEqual([
      "dns-lb-agent ready",
      ["dns-lb-agent upgrade", ...more, ""].join(" ").trimEnd(),
    ]);
  });

  test("leaves daemons alone whose release is of a newer version, until they get another one", () => {
    bootstrapped();
    live();
    const old = host.target("usr/libexec/dns-lb");
    host.write("boot/agent/dns-lb-agent", `${host.read("boot/agent/dns-lb-agent")}[ $1 != ready ] || exit 3\n`);
    host.write("boot/units/dns-lb-haproxy.service", "[Service]\n");
    expect(systemctl(bootstrapped()).slice(3)).toEqual(["restart dns-lb-agent.service"]);
    // The watch still runs by it.
    expect(host.has(`usr/libexec/${old}`)).toBe(true);
    host.write("boot/agent/dns-lb-agent", host.read("boot/agent/dns-lb-agent").replace("exit 3", "exit 0"));
    expect(systemctl(bootstrapped())).toContain("restart dns-lb-haproxy.service");
    expect(host.has(`usr/libexec/${old}`)).toBe(false);
  });

  test("stops the unit of a daemon that the host does not run any more", () => {
    bootstrapped();
    const journal = systemctl(bootstrapped(["--debian", "13", "--daemons", "haproxy dnsdist"]));
    expect(journal).toContain("disable -q dns-lb-keepalived.service");
    expect(journal).toContain("stop dns-lb-keepalived.service");
    expect(host.has("etc/systemd/system/dns-lb-keepalived.service")).toBe(false);
    expect(host.has("etc/systemd/system/dns-lb-haproxy.service")).toBe(true);
  });

  test("leaves a daemon of the live release running until the next release comes", () => {
    bootstrapped();
    host.write("var/lib/dns-lb/current/manifest.json", '{ "services": [{ "name": "keepalived" }] }');
    const journal = systemctl(bootstrapped(["--debian", "13", "--daemons", "haproxy dnsdist"]));
    expect(journal).toContain("disable -q dns-lb-keepalived.service");
    expect(journal).not.toContain("stop dns-lb-keepalived.service");
    expect(host.has("etc/systemd/system/dns-lb-keepalived.service")).toBe(true);
  });

  test("leaves units alone that are not its own", () => {
    host.write("etc/systemd/system/dns-lb-report.service", "[Service]\n");
    bootstrapped();
    bootstrapped();
    expect(host.has("etc/systemd/system/dns-lb-report.service")).toBe(true);
  });

  test.each([
    ["sets", "a load balancer shares addresses", PAIR, true],
    ["sets", "a node has the addresses of its group", ANYCAST, true],
    ["leaves", "it is told so", [...PAIR, "--no-keep-addresses"], false],
    ["leaves", "there are no addresses to share", ["--debian", "13", "--daemons", "unbound"], false],
  ])("%s the kernel's ARP settings when %s", (_, __, words, isSet) => {
    const journal = bootstrapped(words);
    expect(host.has("etc/sysctl.d/60-dns-lb.conf")).toBe(isSet);
    expect(journal.includes("systemd-sysctl /etc/sysctl.d/60-dns-lb.conf")).toBe(isSet);
    if (isSet) bootstrapped([...words, "--no-keep-addresses"]);
    expect(host.has("etc/sysctl.d/60-dns-lb.conf")).toBe(false);
  });

  test("turns the stub of systemd-resolved off, after names are resolved without it", () => {
    host.write("etc/active", "systemd-resolved.service\n");
    host.write("run/systemd/resolve/stub-resolv.conf", "nameserver 127.0.0.53\n");
    host.link("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
    expect(systemctl(bootstrapped())).toContain("restart systemd-resolved.service");
    expect(host.target("etc/resolv.conf")).toBe("../run/systemd/resolve/resolv.conf");
    expect(host.read("etc/systemd/resolved.conf.d/dns-lb.conf")).toContain("DNSStubListener=no\n");
    expect(systemctl(bootstrapped())).not.toContain("restart systemd-resolved.service");
  });

  test("lets unbound read releases under AppArmor, and keeps the administrator's lines", () => {
    host.write("etc/apparmor.d/usr.sbin.unbound", "");
    host.write("etc/apparmor.d/local/usr.sbin.unbound", "/srv/zones/** r,\n");
    host.write("sys/module/apparmor/parameters/enabled", "Y\n");
    host.fake("apparmor_parser", "");
    const words = ["--debian", "13", "--daemons", "unbound"];
    expect(bootstrapped(words)).toContain("apparmor_parser --replace /etc/apparmor.d/usr.sbin.unbound");
    bootstrapped(words);
    expect(host.read("etc/apparmor.d/local/usr.sbin.unbound")).toBe(
      "/srv/zones/** r,\n#include <local/dns-lb-unbound>\n",
    );
    expect(host.read("etc/apparmor.d/local/dns-lb-unbound")).toContain("/var/lib/dns-lb/** r,\n");
  });

  test("adopts a host: stops and masks what serves there when all else is done", () => {
    host.write("etc/active", "haproxy.service\nunbound.service\n");
    const journal = systemctl(bootstrapped([...PAIR, "--adopt"]));
    const stop = journal.indexOf("stop haproxy.service");
    expect(journal.slice(stop - 1, stop + 5)).toEqual([
      "daemon-reload",
      ...["stop haproxy.service", "mask -q haproxy.service"],
      ...["stop unbound.service", "mask -q unbound.service"],
      expect.stringMatching(/^enable /),
    ]);
    expect(journal.slice(0, stop)).not.toContain("mask -q haproxy.service");
    bootstrapped();
  });

  test("waits while another program holds apt's lock", () => {
    host.fake("sleep", "");
    const attempt = `[ -e ${host.root}/tried ] || { touch ${host.root}/tried; echo 'E: Could not get lock' >&2; exit 100; }`;
    host.fake("apt-get", attempt);
    const calls = bootstrapped().filter((line) => line.startsWith("apt-get ") || line.startsWith("sleep "));
    expect(
      calls.map((line) =>
        line
          .replace(/ -o \S+/g, "")
          .split(" ")
          .slice(0, 3)
          .join(" "),
      ),
    ).toEqual([...["apt-get -q update", "sleep 5", "apt-get -q update", "apt-get -q install"]]);
  });

  test("says what it waits for while another one runs", () => {
    host.fake("flock", "[ $1 != -n ]");
    const { status, stdout } = host.bootstrap(PAIR);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^waits for another bootstrap or upgrade of this host, at most 600 s\ninstalls /);
    expect(host.journal().filter((line) => line.startsWith("flock "))).toEqual(["flock -n 9", "flock -w 600 9"]);
  });

  test("fails with apt's words when packages cannot be installed", () => {
    host.fake("apt-get", "echo 'E: Unable to locate package haproxy' >&2; exit 100");
    expect(host.bootstrap(PAIR)).toEqual({
      status: 1,
      stdout: "installs haproxy dnsdist keepalived python3 iproute2 ca-certificates nftables\n",
      stderr: "E: Unable to locate package haproxy\nbootstrap: apt-get update failed\n",
    });
  });

  test("fails when a host with a release is not ready in the end", () => {
    bootstrapped();
    live();
    host.write("boot/agent/dns-lb-agent", "#!/bin/sh\necho 'not ready within 15 s: watch does not run' >&2\nexit 1\n");
    const { status, stderr } = host.bootstrap(PAIR);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "not ready within 15 s: watch does not run\n" });
    host.journal();
    // The agent in use was not replaced before the watch was ready.
    expect(host.bootstrap(PAIR).status).toBe(1);
    expect(systemctl(host.journal())).not.toContain("restart dns-lb-agent.service");
  });
});

describe("bootstrap changes nothing and", () => {
  const UNIT = "etc/systemd/system/haproxy.service";
  const cases: readonly (readonly [string, () => void, readonly string[], string])[] = [
    [
      "the host is another Debian",
      () => {},
      ["--debian", "12", "--daemons", "nsd"],
      "this host is Debian 13, and was said to be Debian 12",
    ],
    [
      "the host is no Debian",
      () => host.write("etc/os-release", "ID=ubuntu\nVERSION_ID=24.04\nID_LIKE=debian\n"),
      PAIR,
      "this host is no Debian, but ubuntu 24.04",
    ],
    [
      "the Debian has no version",
      () => host.write("etc/os-release", "ID=debian\n"),
      PAIR,
      "this host is Debian of no version, and was said to be Debian 13",
    ],
    ["nobody says what the host is", () => rmSync(join(host.root, "etc/os-release")), PAIR, "this host is no Debian"],
    [
      "systemd does not run",
      () => rmSync(join(host.root, "run/systemd/system"), { recursive: true }),
      PAIR,
      "systemd does not run on this host",
    ],
    [
      "the folder of the agent is another's",
      () => host.write("usr/libexec/dns-lb/image/start", ""),
      PAIR,
      "/usr/libexec/dns-lb is there, and was not made by this program",
    ],
    [
      "a user is in another group",
      () => host.write("groups-dns-lb-watch", "dns-lb-watch dns-lb\n"),
      PAIR,
      "the user dns-lb-watch is there, in other groups than one of its name: dns-lb-watch dns-lb",
    ],
    [
      "Debian's own units serve",
      () => host.write("etc/active", "unbound.service\ndnsdist@a.service\nnginx.service\n"),
      PAIR,
      "Debian's own units serve here: unbound dnsdist@a; stop and disable them, or take this host over (adopt: true, or --adopt)",
    ],
    [
      "a BIRD of the administrator serves, whatever the node runs",
      () => host.write("etc/active", "bird.service\n"),
      ["--debian", "13", "--daemons", "nsd"],
      "Debian's own units serve here: bird; stop and disable them, or take this host over (adopt: true, or --adopt)",
    ],
    [
      "a unit of the administrator would start a daemon",
      () => host.write(UNIT, "[Service]\n"),
      PAIR,
      `${UNITS}/haproxy.service is a unit of your own, and would start a second haproxy; remove it`,
    ],
    [
      "such a unit serves, also when it adopts",
      () => {
        host.write(UNIT, "[Service]\n");
        host.write("etc/active", "haproxy.service\n");
      },
      ["--debian", "13", "--daemons", "nsd", "--adopt"],
      `${UNITS}/haproxy.service is a unit of your own, and would start a second haproxy; remove it`,
    ],
    [
      "names are resolved by a stub that must go",
      () => {
        host.write("etc/active", "systemd-resolved.service\n");
        host.write("etc/resolv.conf", "nameserver 127.0.0.53\n");
      },
      PAIR,
      "/etc/resolv.conf names the stub of systemd-resolved, which holds port 53; make it a link to /run/systemd/resolve/resolv.conf",
    ],
    [
      "a daemon is unknown",
      () => {},
      ["--debian", "13", "--daemons", "haproxy bind9"],
      "a node has no daemon bind9, only: haproxy dnsdist unbound nsd keepalived bird",
    ],
  ];

  test.each(cases)("fails when %s", (_, make, words, text) => {
    make();
    const before = host.files();
    const outcome = host.bootstrap(words);
    expect(outcome).toEqual({ status: 1, stdout: "", stderr: `bootstrap: ${text}\n` });
    expect(host.journal()).toEqual([]);
    expect(host.files()).toEqual(before);
  });

  test("fails when another user runs it", () => {
    expect(host.bootstrap(PAIR, { FAKE_UID: "1000" })).toEqual({
      status: 1,
      stdout: "",
      stderr: "bootstrap: only root can make a host a node\n",
    });
    expect(host.journal()).toEqual([]);
  });

  test.each([
    [[]],
    [["--debian", "13"]],
    [[...PAIR, "--keep"]],
    [["--debian"]],
    [["--debian", "13", "--daemons", " "]],
  ])("fails with its usage when it is given %j", (words) => {
    const { status, stdout, stderr } = host.bootstrap(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^bootstrap \[--debian VERSION\] --daemons "NAME\.\.\." \[--adopt\]/);
    expect(stderr).toContain("--no-keep-addresses ");
    expect(stderr).not.toContain("set -eu");
  });
});

describe("remove", () => {
  const asBefore = () => [...host.files()].filter(([path]) => !/^(bin|lib)\/|^(groups-|installed$)/.test(path));

  test("leaves the host as it was before, but for packages and users", () => {
    host.write("etc/active", "systemd-resolved.service\n");
    host.write("run/systemd/resolve/stub-resolv.conf", "");
    host.link("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
    host.link("etc/systemd/system/dnsdist.service", "/dev/null");
    host.write("installed", "haproxy\n");
    const before = asBefore();
    bootstrapped();
    host.write("var/lib/dns-lb/releases/a/secrets/key", "s");
    expect(host.run("usr/libexec/dns-lb/remove")).toEqual({
      status: 0,
      stdout: "this host is no node any more; its packages are left\n",
      stderr: "",
    });
    expect(asBefore()).toEqual(before);
    const journal = systemctl(host.journal());
    expect(journal[0]).toBe(
      "disable -q --now dns-lb-recover.service dns-lb-agent.service dns-lb-watch.service dns-lb-drain.service dns-lb-haproxy.service dns-lb-dnsdist.service dns-lb-keepalived.service",
    );
    // What was masked before stays so, and what was installed before may start with the next boot again.
    expect(journal).toContain("unmask -q haproxy.service keepalived.service");
    expect(journal).toContain("disable -q keepalived.service");
    expect(host.read("groups-dns-lb")).toBe("dns-lb\n");
  });

  test("leaves BIRD stopped that came with the node", () => {
    bootstrapped(ANYCAST);
    host.run("usr/libexec/dns-lb/remove");
    const journal = systemctl(host.journal());
    expect(journal[0]).toMatch(/^disable -q --now .* dns-lb-bird\.service$/);
    expect(journal).toContain("unmask -q haproxy.service dnsdist.service bird.service");
    expect(journal).toContain("disable -q haproxy.service dnsdist.service bird.service");
  });

  test("sets the kernel back", () => {
    host.write("proc/sys/net/ipv4/conf/all/arp_ignore", "2\n");
    bootstrapped();
    host.write("lib/systemd/systemd-sysctl", `#!/bin/sh\ncp $1 ${host.root}/set-back\n`);
    host.run("usr/libexec/dns-lb/remove");
    expect(host.read("set-back")).toBe("net.ipv4.conf.all.arp_ignore = 2\nnet.ipv4.conf.all.arp_announce = 0\n");
  });

  test("takes back what unbound was let read", () => {
    host.write("etc/apparmor.d/usr.sbin.unbound", "");
    host.write("etc/apparmor.d/local/usr.sbin.unbound", "/srv/zones/** r,\n");
    bootstrapped(["--debian", "13", "--daemons", "unbound"]);
    host.run("usr/libexec/dns-lb/remove");
    expect(host.read("etc/apparmor.d/local/usr.sbin.unbound")).toBe("/srv/zones/** r,\n");
    expect(host.has("etc/apparmor.d/local/dns-lb-unbound")).toBe(false);
  });

  test("fails when another user runs it", () => {
    bootstrapped();
    expect(host.run("usr/libexec/dns-lb/remove", [], { FAKE_UID: "1000" })).toEqual({
      status: 1,
      stdout: "",
      stderr: "remove: only root can take a node off its host\n",
    });
    expect(host.journal()).toEqual([]);
  });
});
