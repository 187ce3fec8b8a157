import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { WATCH } from "../../../../lib/model/daemon-name.js";
import { DEBIAN_13, type PlatformProfile } from "../../../../lib/model/platform-profile.js";
import { compileNode } from "../../../../lib/node/compile/index.js";
import { DOCKERFILE, imageFiles } from "../../../../lib/platforms/docker/image/files.js";
import { pair } from "../../../lab/models.js";

const LIB = join(__dirname, "../../../../lib");
const IMAGE = join(LIB, "platforms/docker/image");
const files = imageFiles();
const paths = files.map(({ path }) => path);
const programs = files.filter(
  ({ path, executable }) => executable && path.startsWith("platforms/") && path !== "platforms/docker/image/sbom",
);
const dockerfile = readFileSync(join(LIB, DOCKERFILE), "utf8").replaceAll("\\\n", " ");
const instructions = (name: string) =>
  dockerfile.split("\n").flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1).trim()] : []));
const copied = instructions("COPY").map((words) => words.split(/\s+/));

describe("the context of the image", () => {
  test("holds all that is in its folder, and the agent", () => {
    const own = readdirSync(IMAGE).filter((name) => !name.endsWith(".ts"));
    expect(paths.filter((path) => !path.startsWith("node/agent/"))).toEqual(
      own.map((name) => `platforms/docker/image/${name}`).sort(),
    );
    expect(paths).toContain("node/agent/dns-lb-agent");
    expect(paths).toContain("node/agent/dnslb_agent/cli.py");
    expect(paths).toEqual([...paths].sort());
    for (const { path, content, executable } of files) {
      expect(executable, path).toBe(content.startsWith("#!"));
      expect(content, path).toBe(readFileSync(join(LIB, path), "utf8"));
      if (executable) expect(statSync(join(LIB, path)).mode & 0o111, path).toBe(0o111);
    }
  });

  test("is what the Dockerfile copies, and no more", () => {
    const sources = copied.flatMap((words) => words.slice(0, -1));
    const taken = sources.flatMap((source) => paths.filter((path) => path === source || path.startsWith(`${source}/`)));
    for (const source of sources) {
      expect(
        paths.some((path) => path === source || path.startsWith(`${source}/`)),
        source,
      ).toBe(true);
    }
    expect([...taken, DOCKERFILE].sort()).toEqual(paths);
  });

  test("is what Docker is let see of the library's folder", () => {
    const folder = readdirSync(LIB, { recursive: true, encoding: "utf8" });
    const seen = folder.filter((path) => statSync(join(LIB, path)).isFile() && isSeen(path));
    expect(seen.sort()).toEqual(paths);
    expect(["node/agent/files.js", "platforms/docker/image/files.js", "index.js"].filter(isSeen)).toEqual([]);
  });
});

describe("the Dockerfile", () => {
  test("takes Debian 13 if no other base is given", () => {
    expect(instructions("ARG")).toContain("BASE=debian:13-slim");
    expect(instructions("FROM")).toEqual(["${BASE}"]);
  });

  test("runs programs that are there", () => {
    const programs = [...dockerfile.matchAll(/"(\/usr\/libexec[^"]+)"/g)].map(([, path]) => path ?? "");
    expect(programs.length).toBeGreaterThan(3);
    const placed = copied.flatMap((words) =>
      words.slice(0, -1).map((source) => join(words.at(-1) ?? "", source.split("/").at(-1) ?? "")),
    );
    for (const program of programs) expect(placed).toContain(program);
  });

  test("installs the daemons that releases of a pair have", () => {
    const [daemons = ""] = instructions("ARG").flatMap((words) => /^DAEMONS="(.*)"$/.exec(words)?.[1] ?? []);
    const model = pair();
    const [node] = model.nodes;
    if (node === undefined) throw new Error("the pair has no node");
    const { manifest } = compileNode(model, node, profile);
    const services = manifest.services.map(({ name }) => name);
    expect(daemons.split(" ")).toEqual(services.filter((name) => name !== WATCH));
  });
});

describe("the programs of the image", () => {
  test.each(programs.map(({ path }) => path))("%s is clean", (path) => {
    execFileSync("shellcheck", [join(LIB, path)]);
  });

  test("are for the shell that every Debian image has", () => {
    for (const { path, content } of programs) expect(content.split("\n")[0], path).toBe("#!/bin/sh");
  });

  test("call the agent where the image has it, with the node's directories", () => {
    const { state, run, agent } = profile.paths;
    for (const { path, content } of programs.filter(({ path }) => !path.endsWith("/install"))) {
      const calls = content.split("\n").filter((line) => line.includes("dns-lb-agent "));
      expect(calls.length, path).toBe(1);
      expect(calls[0]).toContain(`${agent}/dns-lb-agent --state ${state} --run ${run} `);
    }
  });
});

const profile: PlatformProfile = {
  name: "docker",
  versions: DEBIAN_13,
  paths: {
    state: "/var/lib/dns-lb",
    run: "/run/dns-lb",
    agent: "/usr/libexec/dns-lb",
    trustStore: "/etc/ssl/certs/ca-certificates.crt",
  },
  user: "dns-lb",
  watchUser: "dns-lb-watch",
  keepsAddresses: true,
  log: "stdout",
};

/** Whether .dockerignore leaves a file in the context: the last of its patterns that matches decides. */
function isSeen(path: string): boolean {
  const lines = readFileSync(join(LIB, ".dockerignore"), "utf8").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .reduce((seen, line) => {
      const pattern = line.replace(/^!/, "").replaceAll(".", "\\.").replaceAll("*", "[^/]*");
      return new RegExp(`^${pattern}(/.*)?$`).test(path) ? line.startsWith("!") : seen;
    }, true);
}
