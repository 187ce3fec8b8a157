import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { agentFiles } from "../../../lib/node/agent/files.js";
import { hostFiles } from "../../../lib/platforms/host/host-files.js";

const HOST = join(__dirname, "../../../lib/platforms/host/files");
const files = hostFiles();
const own = files.filter(({ path }) => !path.startsWith("agent/"));
const DAEMONS = ["haproxy", "dnsdist", "keepalived", "bird", "unbound", "nsd"];

/** The lines of a unit or a drop-in that set something, by section. */
function settings(path: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let section = "";
  for (const line of own.find((file) => file.path === path)?.content.split("\n") ?? []) {
    if (/^\[.*\]$/.test(line)) section = line.slice(1, -1);
    else if (line !== "" && !line.startsWith("#")) found.set(section, [...(found.get(section) ?? []), line]);
  }
  return found;
}

const units = own.flatMap(({ path }) => /^units\/(.+\.service)$/.exec(path)?.[1] ?? []);
const service = (name: string) => settings(`units/dns-lb-${name}.service`).get("Service") ?? [];

describe("the files of a host", () => {
  test("are all that is in their folder, and the agent", () => {
    const inFolder = readdirSync(HOST, { recursive: true, encoding: "utf8" }).filter((path) =>
      statSync(join(HOST, path)).isFile(),
    );
    expect(own.map(({ path }) => path)).toEqual(inFolder.sort());
    expect(files.filter(({ path }) => path.startsWith("agent/"))).toEqual(
      agentFiles().map((file) => ({ ...file, path: `agent/${file.path}` })),
    );
    expect(files.map(({ path }) => path)).toEqual(files.map(({ path }) => path).sort());
  });

  test("are texts that end with a line, and programs only where they begin with an interpreter", () => {
    for (const { path, content, executable } of own) {
      expect(executable, path).toBe(content.startsWith("#!"));
      expect(content, path).toBe(readFileSync(join(HOST, path), "utf8"));
      expect(content.endsWith("\n"), path).toBe(true);
      if (executable) {
        expect(content.split("\n")[0], path).toBe("#!/bin/sh");
        expect(statSync(join(HOST, path)).mode & 0o111, path).toBe(0o111);
      }
    }
  });

  test("name no number of a user, and no name of the host", () => {
    for (const { path, content } of own) expect(content, path).not.toMatch(/535[34]|etc\/hosts|--[ug]id [0-9]/);
  });

  test("are clean shell programs", () => {
    const programs = own.filter(({ executable }) => executable).map(({ path }) => path);
    execFileSync("shellcheck", ["--external-sources", ...programs], { cwd: HOST });
  });

  test("leave restarts to the node where needrestart makes them", () => {
    const script = `our %nrconf; do "${join(HOST, "needrestart.conf")}"; die $@ if $@;
      print join " ", map { my $unit = $_; (grep { $unit =~ $_ } keys %{$nrconf{override_rc}}) ? "kept" : "restarted" } @ARGV`;
    const words = ["-e", script, "dns-lb-haproxy.service", "dns-lb-agent.service", "haproxy.service"];
    expect(execFileSync("perl", words, { encoding: "utf8" })).toBe("kept kept restarted");
  });

  test("let the watch pass through directories to the manifest and to its results, and nobody else read", () => {
    expect(
      own
        .find(({ path }) => path === "tmpfiles.conf")
        ?.content.split("\n")
        .filter((line) => /^[^#]/.test(line)),
    ).toEqual([
      "d /run/dns-lb 3771 root dns-lb",
      "d /run/dns-lb-agent 0700 root root",
      "d /var/lib/dns-lb 0751 root dns-lb",
    ]);
  });
});

describe("the units of a host", () => {
  test("are the agent's, and one for each daemon", () => {
    const names = ["agent", "drain", "recover", "watch", ...DAEMONS].sort();
    expect(units).toEqual(names.map((name) => `dns-lb-${name}.service`));
    for (const name of [...DAEMONS, "watch"]) {
      expect(service(name)).toContain(`ExecStart=/usr/libexec/dns-lb/dns-lb-agent run ${name}`);
      expect(service(name)).toContain("Restart=always");
      expect(service(name)).toContain(`SyslogIdentifier=${name}`);
    }
    expect(service("agent")).toContain("ExecStart=/usr/libexec/dns-lb/dns-lb-agent serve");
    for (const unit of units) expect(settings(`units/${unit}`).get("Install")).toEqual(["WantedBy=multi-user.target"]);
  });

  test("hand addresses over before daemons stop, and clear the kernel after that", () => {
    for (const name of [...DAEMONS, "watch", "agent"]) {
      const order = settings(`units/dns-lb-${name}.service`).get("Unit") ?? [];
      expect(order, name).toContain("Before=dns-lb-drain.service");
      expect(
        order.find((line) => line.startsWith("After=")),
        name,
      ).toContain("dns-lb-recover.service");
    }
    expect(service("drain").find((line) => line.startsWith("ExecStop="))).toContain("dns-lb-agent drain --for-now");
    expect(service("recover")).toContain("ExecStart=-/usr/libexec/dns-lb/dns-lb-agent recover --wait 1");
    expect(service("recover")).toContain("ExecStop=-/usr/libexec/dns-lb/dns-lb-agent clear");
  });

  test("let routers leave a node before what answers them ends", () => {
    const [after = ""] = (settings("units/dns-lb-bird.service").get("Unit") ?? []).filter((line) =>
      /^After=/.test(line),
    );
    for (const name of ["haproxy", "dnsdist"]) expect(after).toContain(`dns-lb-${name}.service`);
    expect(service("bird").filter((line) => /^ExecStopPost=/.test(line))).toEqual([
      `ExecStopPost=/bin/sh -c '[ "$SERVICE_RESULT" != success ] || sleep 1'`,
    ]);
  });

  test("give each daemon the rights that it has in a container, and no more", () => {
    const rights = (name: string) =>
      service(name).flatMap((line) => /^CapabilityBoundingSet=(.*)$/.exec(line)?.[1]?.split(" ") ?? []);
    const change = ["CAP_SETUID", "CAP_SETGID"];
    for (const name of ["haproxy", "dnsdist", "unbound", "nsd"]) {
      expect(rights(name)).toEqual([...change, "CAP_NET_BIND_SERVICE"]);
    }
    expect(rights("keepalived")).toEqual([...change, "CAP_NET_ADMIN", "CAP_NET_RAW"]);
    expect(rights("bird")).toEqual([...change, "CAP_NET_BIND_SERVICE", "CAP_NET_ADMIN"]);
    expect(rights("agent")).toEqual([...change, "CAP_NET_BIND_SERVICE", "CAP_NET_ADMIN", "CAP_NET_RAW"]);
    expect(rights("recover")).toEqual([...change, "CAP_NET_ADMIN"]);
    for (const name of ["watch", "drain"]) expect(rights(name)).toEqual(change);
    for (const unit of units) expect(settings(`units/${unit}`).get("Service")?.join(), unit).not.toMatch(/\bUser=/);
  });

  test("do without what breaks daemons", () => {
    const broken = /^(PrivateUsers|RestrictSUIDSGID|PrivateIPC|RemoveIPC|ProcSubset|MemoryDenyWriteExecute)=/;
    expect(
      settings("hardening.conf")
        .get("Service")
        ?.filter((line) => broken.test(line)),
    ).toEqual([]);
    // dnsdist has Lua and HAProxy regular expressions that are compiled while they run.
    for (const name of ["haproxy", "dnsdist", "agent"])
      expect(service(name).filter((line) => broken.test(line))).toEqual([]);
    expect(settings("hardening.conf").get("Unit")).toEqual(["StartLimitIntervalSec=0"]);
  });
});
