import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NodeDescription } from "../../../lib/model/node.js";
import type { PlatformProfile } from "../../../lib/model/platform-profile.js";
import type { DeployedUnboundServer } from "../../../lib/model/unbound.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { compileServerNode } from "../../../lib/node/compile/server-node.js";
import { daemonWatches } from "../../../lib/node/compile/watch.js";
import type { Daemon } from "../../../lib/node/daemons/daemon.js";
import { BALANCER_DAEMONS, SERVER_DAEMONS } from "../../../lib/node/daemons/index.js";
import { PAIR, PROFILE } from "../compile/models.js";

const LIB = join(__dirname, "../../../lib/node");
const [lb1] = PAIR.nodes as [NodeDescription, NodeDescription];

/** A daemon that there is not: all that it takes to have it on a node. */
const imaginary: Daemon<{ readonly profile: PlatformProfile }> = ({ profile }) => {
  const ready = [{ kind: "http", service: "imaginary", port: 8999, path: "/" } as const];
  return {
    service: {
      ...{ name: "imaginary", command: ["imaginary"], user: profile.user, check: ["imaginary", "-t"], reload: [] },
      ...{ settings: { socket: "{run}/imaginary" }, restartOn: ["imaginary/conf"], keepsData: false, listeners: [] },
    },
    files: [{ path: "imaginary/conf", content: "imagine\n" }],
    secretFiles: [{ path: "secrets/imaginary", source: { kind: "node-file", path: "/imaginary" } }],
    composedFiles: [
      ...[{ kind: "service", service: "imaginary", path: "imaginary/key", secret: "secrets/imaginary" } as const].map(
        (file) => ({ ...file, settings: {} }),
      ),
    ],
    ready,
    checks: daemonWatches(ready),
    namesOf: (pool) => (server) => ({ all: `${pool.name}.${server.name}` }),
  };
};

describe("a server", () => {
  test("is watched by a name that it answers before, while and after it takes a release", () => {
    const other: DeployedUnboundServer = { ...SERVER, allowFrom: ["10.9.0.0/16"] };
    const specs = [SERVER, other].map((server) => compileServerNode(server, PROFILE));
    const [first, second] = specs.map(({ manifest }) => manifest);
    expect(first?.ready).not.toEqual(second?.ready);
    expect(first?.watch).toEqual(second?.watch);
    for (const { files, manifest } of specs) {
      const conf = files.find(({ path }) => path === "unbound/unbound.conf")?.content;
      for (const check of [
        ...manifest.ready,
        ...manifest.watch.checks.map((each) => each.kind === "daemon" && each.check),
      ]) {
        if (check === false || check.kind !== "dns") throw new Error("a server is asked by DNS");
        expect(conf).toContain(`local-data: "${check.name} 0 IN A 127.0.0.1"`);
      }
    }
  });
});

describe("keepalived", () => {
  test("writes each line to the log of its node once", () => {
    const commands = (["stdout", "syslog"] as const).map((log) => {
      const { services } = compileNode(PAIR, lb1, { ...PROFILE, log }).manifest;
      return services.find(({ name }) => name === "keepalived")?.command.slice(0, 4);
    });
    expect(commands).toEqual([
      ["keepalived", "--dont-fork", "--log-console", "--vrrp"],
      ["keepalived", "--dont-fork", "--vrrp", "--pid"],
    ]);
  });
});

describe("a daemon", () => {
  test("is added to load balancers by one line in a list", () => {
    const plain = compileNode(PAIR, lb1, PROFILE);
    const spec = compileNode(PAIR, lb1, PROFILE, [...BALANCER_DAEMONS, imaginary]);
    const { manifest } = spec;
    expect(manifest.services.map(({ name }) => name)).toEqual([
      "haproxy",
      "dnsdist",
      "watch",
      "imaginary",
      "keepalived",
    ]);
    expect(spec.files.filter(({ path }) => !plain.files.some((file) => file.path === path))).toEqual([
      { path: "imaginary/conf", content: "imagine\n" },
    ]);
    expect(spec.secretFiles.map(({ path }) => path)).toEqual(["secrets/imaginary"]);
    expect(manifest.compose).toContainEqual(expect.objectContaining({ service: "imaginary", path: "imaginary/key" }));
    expect(manifest.ready.map(({ service }) => service)).toContain("imaginary");
    expect(manifest.watch.checks.map(({ name }) => name)).toEqual([
      ...["dnsdist", "haproxy", "pool-resolvers", "imaginary"],
    ]);
    expect(manifest.pools[0]?.servers[0]?.names).toMatchObject({ imaginary: { all: "resolvers.r1" } });
    // Whatever brings addresses takes its failure into account.
    const conf = spec.files.find(({ path }) => path === "keepalived/keepalived.conf")?.content;
    expect(conf).toContain("track_file imaginary {");
  });

  test("is added to servers by one line in a list", () => {
    const { manifest } = compileServerNode(SERVER, PROFILE, [imaginary, ...SERVER_DAEMONS]);
    expect(manifest.services.map(({ name }) => name)).toEqual(["imaginary", "unbound", "watch"]);
    expect(manifest.watch.checks.map(({ name }) => name)).toEqual(["imaginary", "unbound", "unbound-2"]);
  });

  test.each(["compile/index.ts", "compile/manifest.ts", "compile/server-node.ts", "daemons/daemon.ts", "work.ts"])(
    "is not known by its name to %s",
    (path) => {
      const text = readFileSync(join(LIB, path), "utf8");
      for (const name of ["haproxy", "dnsdist", "keepalived", "unbound", "nsd"]) {
        expect(text.toLowerCase()).not.toContain(name);
      }
    },
  );
});

const SERVER: DeployedUnboundServer = {
  kind: "unbound",
  name: "r1",
  node: { name: "r1", addresses: ["192.0.2.1", "2001:db8::1"], interface: "eth0" },
  port: 53,
  clientAddress: "hidden",
  allowFrom: ["10.0.0.0/8"],
  ...{ forwardTo: [], forwardZones: [], localZones: [], localData: [], insecureZones: [] },
  dnssecValidation: true,
  qnameMinimisation: true,
  threads: 2,
  cacheSize: "64m",
};
