import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { Manifest, WatchScript } from "../../../lib/model/manifest.js";
import { AGENT, FakeNode, manifest, service, until } from "./fake-node.js";

/* Users of every Debian system: that of the daemons, and that of the watch. */
const DAEMONS = "nobody";
const WATCH = "daemon";
const root = userInfo().uid === 0;
const FIRST_USER = 1_900_000_000;

/* The agent with the capabilities that root has in the container of a node; a host gives two of them. */
const CONTAINED = join(inject("scratch"), "contained-agent-for-scripts");
beforeAll(() => {
  const kept = "-all,+net_admin,+net_raw,+setuid,+setgid";
  writeFileSync(CONTAINED, `#!/bin/sh\nexec setpriv --bounding-set ${kept} ${AGENT} "$@"\n`, {
    mode: 0o755,
  });
});

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode(CONTAINED);
});
afterEach(() => node.close());

const PATH = "scripts/resolvers";
const TIMING = { interval: 1_000, timeout: 400, fall: 2, rise: 1 };

function release(names: readonly string[], timing: Partial<WatchScript> = {}): Manifest {
  const command = [AGENT, "--state", "{state}", "--run", "{run}", "watch"];
  const check = [AGENT, "check-scripts", "{release}"];
  return manifest({
    user: DAEMONS,
    services: [service({ name: "watch", user: WATCH, command, check, reload: [], startSettings: "scripts" })],
    pools: [
      {
        name: "resolvers",
        servers: names.map((name, at) => ({ name, address: `192.0.2.${at + 1}`, port: 53, names: {} })),
      },
    ],
    watch: {
      ...{ interval: 50, timeout: 100, fall: 2, rise: 2, checks: [] },
      results: { folder: "results", user: WATCH },
      scripts: [{ pool: "resolvers", path: PATH, ...TIMING, ...timing }],
    },
  });
}

async function apply(part: Manifest, script: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const outcome = await node.agent("apply", node.bundle(part, { [PATH]: script, ...files }));
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  return outcome.stdout;
}

interface Verdict {
  readonly word: string;
  readonly reason: string;
  /** Seconds for which it holds on. */
  readonly left: number;
  /** When it expires: milliseconds of a clock that nobody sets. */
  readonly ending: number;
}

function verdicts(): Readonly<Record<string, Verdict>> {
  const path = join(node.run, "results/verdicts");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", ending = "", word = "", reason = ""] =
        /^resolvers\/(\S+) (\d+) (up|down) ?(.*)$/.exec(line) ?? [];
      const left = (Number(ending) - Number(process.hrtime.bigint() / 1_000_000n)) / 1_000;
      return [name, { word, reason, left, ending: Number(ending) }];
    }),
  );
}
const words = () => Object.fromEntries(Object.entries(verdicts()).map(([name, { word }]) => [name, word]));
const reasons = () => Object.fromEntries(Object.entries(verdicts()).map(([name, { reason }]) => [name, reason]));
const judged = (...names: readonly string[]) => until(() => names.every((name) => name in verdicts()));

/** The processes of scripts, without those that nobody has collected yet. */
function leftOvers(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      if (!/^\d+$/.test(pid) || statSync(`/proc/${pid}`).uid < FIRST_USER) return false;
      return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false;
    }
  });
}

function runner(): number | undefined {
  const found = spawnSync("pgrep", ["-f", `${node.run} run-scripts$`], { encoding: "utf8" }).stdout.trim();
  return found === "" ? undefined : Number(found);
}

/** A script that does one of these, by the name of the server. */
const byName = (cases: Readonly<Record<string, string>>) =>
  `#!/bin/sh\ncase $3 in\n${Object.entries(cases)
    .map(([name, commands]) => `${name}) ${commands} ;;`)
    .join("\n")}\nesac\n`;

describe.runIf(root)("a script that judges servers", () => {
  beforeEach(() => node.supervise("watch"));

  test("gets where the server answers, its name and the name of its pool, and its exit status decides", async () => {
    await apply(release(["r1", "r2"]), '#!/bin/sh\necho "$*"\n[ "$3" = r1 ]\n');
    await judged("r1", "r2");
    expect(words()).toEqual({ r1: "up", r2: "down" });
    expect(reasons()).toEqual({ r1: "", r2: "ended with 1: 192.0.2.2 53 r2 resolvers" });
  });

  test("is run by its own interpreter, also where the file system has no programs", async () => {
    const script = "#!/usr/bin/python3 -IS\nimport sys\nprint(sys.flags.isolated, len(sys.argv))\nsys.exit(7)\n";
    await apply(release(["r1"]), script);
    await judged("r1");
    expect(reasons()).toEqual({ r1: "ended with 7: 1 5" });
    expect(statSync(join(node.state, "current", PATH)).mode & 0o7777).toBe(0o755);
  });

  test("has no rights, a user that owns nothing, and narrow limits", async () => {
    const secret = join(node.state, "current/secrets/key");
    const facts: Readonly<Record<string, readonly [command: string, said: string | RegExp]>> = {
      groups: ["id -G", /^19\d{8}$/],
      effective: ["grep CapEff /proc/self/status", /^CapEff:\?0{16}$/],
      permitted: ["grep CapPrm /proc/self/status", /^CapPrm:\?0{16}$/],
      privileges: ["grep NoNewPrivs /proc/self/status", "NoNewPrivs:?1"],
      environment: ["env | grep -v ^PWD= | cut -d= -f1 | sort | xargs", "HOME LANG PATH"],
      input: ["cat; echo none", "none"],
      descriptors: ["ls /proc/self/fd | xargs", "0 1 2 3"],
      folder: ["ls -A | wc -l; touch x", "0"],
      addition: ["touch x 2>&1", /Permission denied/],
      files: ["ulimit -f", "0"],
      open: ["ulimit -n", "64"],
      data: ["ulimit -d", "262144"],
      time: ["ulimit -t", "2"],
      cores: ["ulimit -c", "0"],
      processes: ["grep 'Max processes' /proc/self/limits | xargs", "Max processes 32 32 processes"],
      memory: ["cat /proc/self/oom_score_adj", "1000"],
      secret: [`cat ${secret} >/dev/null 2>&1 && echo read || echo refused`, "refused"],
      results: [`(echo >${node.run}/results/verdicts) 2>/dev/null && echo written || echo refused`, "refused"],
      run: [`touch ${node.run}/x 2>/dev/null && echo written || echo refused`, "refused"],
      watch: [`kill -0 $(head -1 ${node.run}/watch.pid) 2>&1 | sed 's/.*: //'`, "Operation not permitted"],
    };
    const script = byName(
      Object.fromEntries(Object.entries(facts).map(([name, [command]]) => [name, `${command}; exit 9`])),
    );
    await apply(release(Object.keys(facts)), script, { "secrets/key": "key" });
    await judged(...Object.keys(facts));
    const said = reasons();
    for (const [name, [, wanted]] of Object.entries(facts)) {
      const given = said[name]?.replace("ended with 9: ", "");
      if (typeof wanted === "string") expect({ [name]: given }).toEqual({ [name]: wanted });
      else expect(given, name).toMatch(wanted);
    }
    // The process that starts them can change its user, and nothing else; the watch has no rights.
    const status = readFileSync(`/proc/${runner()}/status`, "utf8");
    expect(status).toMatch(/^CapEff:\t00000000000000c0$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(readFileSync(`/proc/${node.pid("watch")}/status`, "utf8")).toMatch(/^CapPrm:\t0{16}$/m);
  });

  test("is ended with all that it has started, and keeps nobody else waiting", async ({ onTestFinished }) => {
    const file = `/tmp/dns-lb-script-${process.pid}`;
    onTestFinished(() => rmSync(file, { force: true }));
    const attacks: Readonly<Record<string, readonly [commands: string, reason: string | RegExp]>> = {
      healthy: ["exit 0", ""],
      sleeps: ["sleep 100", "did not end within 0.4 s"],
      ignores: ['trap "" TERM INT HUP; while :; do :; done', "did not end within 0.4 s"],
      prints: ["yes", "did not end within 0.4 s: y"],
      forks: ["b() { b | b & }; b; sleep 1", /^did not end|^ended with/],
      hides: ['setsid sh -c "trap \\"\\" TERM; sleep 100 & sleep 100" & exit 4', "ended with 4"],
      daemon: ["(setsid sleep 100 >/dev/null 2>&1 &); exit 0", ""],
      signal: ["kill -9 $$", "was ended by SIGKILL"],
      everybody: ["kill -9 -1; exit 5", "ended with 5"],
      // The file stays behind, empty, and the user of the next check may not write to it.
      writes: [`echo x >${file} || exit 9; exit 0`, /SIGXFSZ|^ended with/],
      colours: ['printf "\\n\\033[31mred\\303\\251\\n"; exit 1', "ended with 1: ?[31mred??"],
      lost: ["nonexistent-program", "ended with 127"],
      long: ["head -c 9000 /dev/zero | tr '\\0' x; exit 1", `ended with 1: ${"x".repeat(66)}`],
    };
    const names = Object.keys(attacks);
    const script = byName(Object.fromEntries(Object.entries(attacks).map(([name, [commands]]) => [name, commands])));
    await apply(release(names), script);
    await judged(...names);
    const said = reasons();
    for (const [name, [, wanted]] of Object.entries(attacks)) {
      if (typeof wanted === "string") expect({ [name]: said[name] }).toEqual({ [name]: wanted });
      else expect(said[name], name).toMatch(wanted);
    }
    expect(words()).toMatchObject({ healthy: "up", daemon: "up", everybody: "down" });
    // Each result counts for two intervals and timeouts and three seconds: the last one is no older than an interval.
    for (const _ of [1, 2, 3, 4]) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      for (const [name, { left }] of Object.entries(verdicts())) expect(left, name).toBeGreaterThan(5.8 - 2.6);
    }
    // Nothing runs on after the watch, either.
    const processes = leftOvers().length;
    expect(processes).toBeLessThan(100);
    process.kill(node.pid("watch") ?? 0, "SIGSTOP");
    await until(() => leftOvers().length === 0);
    process.kill(node.pid("watch") ?? 0, "SIGCONT");
  });

  test("may be slow with a hundred servers, without delay for the watch itself", { timeout: 30_000 }, async () => {
    const names = Array.from({ length: 100 }, (_, at) => `r${at}`);
    await apply(release(names, { interval: 4_000, timeout: 1_200 }), "#!/bin/sh\nsleep 0.9\n");
    let stalest = 0;
    const heartbeat = () => {
      const path = join(node.run, "results/watch");
      const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
      if (existsSync(path)) stalest = Math.max(stalest, uptime - Number(readFileSync(path, "utf8")));
      return Object.keys(verdicts()).length === 100;
    };
    await until(heartbeat, 12_000);
    const end = Date.now() + 6_000;
    await until(() => {
      heartbeat();
      return Date.now() > end;
    });
    expect(new Set(Object.values(words()))).toEqual(new Set(["up"]));
    expect(stalest).toBeLessThan(3);
    for (const [name, { left }] of Object.entries(verdicts())) expect(left, name).toBeGreaterThan(13.4 - 2 * 4);
  });

  test("holds against single failures, and waits where a script does not end at all", async () => {
    const marker = join(node.dir, "sick");
    chmodSync(node.dir, 0o755);
    await apply(release(["r1"], { fall: 3, rise: 2 }), `#!/bin/sh\n[ ! -e ${marker} ]\n`);
    await until(() => words()["r1"] === "up");
    const sick = Date.now();
    writeFileSync(marker, "");
    await until(() => words()["r1"] === "down");
    expect(Date.now() - sick).toBeGreaterThan(1_900);
    expect(reasons()["r1"]).toBe("ended with 1");
    spawnSync("rm", [marker]);
    const well = Date.now();
    await until(() => words()["r1"] === "up");
    expect(Date.now() - well).toBeGreaterThan(900);
    await apply(release(["r2"], { fall: 3 }), "#!/bin/sh\nsleep 9\n");
    await until(() => "r2" in verdicts());
    expect(Date.now() - well).toBeGreaterThan(2_900);
  });

  test("can be replaced by a release without a restart, and goes with one", async () => {
    await apply(release(["r1"]), "#!/bin/sh\nexit 0\n");
    await until(() => words()["r1"] === "up");
    const before = node.pid("watch");
    expect(await apply(release(["r1"]), "#!/bin/sh\necho changed\nexit 1\n")).toContain("watch reloaded\n");
    expect(words()["r1"]).toBe("up");
    await until(() => words()["r1"] === "down");
    expect(node.pid("watch")).toBe(before);
    const { startSettings: _, ...bare } = service({ name: "watch", user: WATCH, check: [], reload: [] });
    const { scripts: __, ...watch } = release([]).watch;
    const command = [AGENT, "--state", "{state}", "--run", "{run}", "watch"];
    expect(await apply({ ...release([]), services: [{ ...bare, command }], watch }, "")).toContain("watch restarted\n");
    await until(() => runner() === undefined);
    expect(await node.agent("rollback")).toMatchObject({ stdout: expect.stringContaining("watch restarted\n") });
    await until(() => runner() !== undefined);
  });

  test("keeps its verdicts while the watch is started again, and none when the process for scripts is gone", async () => {
    await apply(release(["r1", "r2"]), '#!/bin/sh\n[ "$3" = r1 ] || sleep 50\n');
    await until(() => Object.keys(words()).length === 2);
    expect(words()).toEqual({ r1: "up", r2: "down" });
    const before = runner();
    process.kill(node.pid("watch") ?? 0, "SIGKILL");
    expect(words()).toEqual({ r1: "up", r2: "down" });
    await until(() => runner() !== undefined && runner() !== before && !existsSync(`/proc/${before}`));
    expect(words()).toEqual({ r1: "up", r2: "down" });
    const first = verdicts()["r1"]?.ending ?? 0;
    await until(() => (verdicts()["r1"]?.ending ?? 0) > first);

    process.kill(runner() ?? 0, "SIGKILL");
    const watch = node.pid("watch");
    await until(() => (verdicts()["r1"]?.left ?? 9) < 0, 12_000);
    expect(node.pid("watch")).toBe(watch);
    expect(Number(readFileSync(join(node.run, "results/watch"), "utf8"))).toBeGreaterThan(
      Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) - 3,
    );
  });

  test("has its last verdicts where they cannot be written, and others again when they can", async () => {
    await apply(release(["r1"]), "#!/bin/sh\nexit 0\n");
    await until(() => words()["r1"] === "up");
    chmodSync(join(node.run, "results"), 0o551);
    const before = verdicts()["r1"]?.left ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(verdicts()["r1"]?.left).toBeLessThan(before - 2);
    chmodSync(join(node.run, "results"), 0o771);
    await until(() => (verdicts()["r1"]?.left ?? 0) > before - 1.5);
    expect(readdirSync(join(node.run, "results")).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe.runIf(root)("a release with a script", () => {
  test.each([
    ["#!/opt/none/sh\n", "scripts/resolvers: this node has no /opt/none/sh"],
    ["#!/usr/bin/env none-such\n", "scripts/resolvers: this node has no none-such"],
    ["echo\n", "scripts/resolvers: resolvers does not begin with #! and the absolute path of an interpreter"],
  ])("is refused where %j cannot run", async (script, reason) => {
    const outcome = await node.agent("apply", node.bundle(release(["r1"]), { [PATH]: script }));
    expect(outcome).toMatchObject({
      status: 1,
      stderr: `watch: dns-lb-agent: ${reason}\ndns-lb-agent: refused by watch; nothing was changed\n`,
    });
    expect(node.current()).toBeUndefined();
  });

  test("is refused where the file is missing", async () => {
    const outcome = await node.agent("apply", node.bundle(release(["r1"])));
    expect(outcome.stderr).toContain("scripts/resolvers: No such file or directory");
  });
});
