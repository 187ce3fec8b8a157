import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import type { Service } from "../../../lib/model/manifest.js";
import { FakeNode, manifest, service, until } from "./fake-node.js";
import { installAgent } from "./install.js";

/* HAProxy and dnsdist as the agent meets them, played by scripts; test/real has the true ones. */

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const haproxy = service({ name: "haproxy", reload: [] });
const dnsdist = service({ name: "dnsdist", reload: [], restartOn: ["listeners"] });

async function running(...services: Service[]): Promise<string> {
  await node.agent("apply", node.bundle(manifest({ services }), { v: "1", listeners: "1" }));
  for (const { name } of services) node.supervise(name);
  await until(() => services.every(({ name }) => node.pid(name) !== undefined));
  return node.current() ?? "";
}

const apply = (services: readonly Service[], files: Readonly<Record<string, string>>, ...words: string[]) =>
  node.agent("apply", node.bundle(manifest({ services }), { listeners: "1", ...files }), ...words);

describe("haproxy's master process, from 2.7 on", () => {
  /** Answers `reload` with the words at hand, once, then with success. */
  function master(answer: string): void {
    writeFileSync(join(node.dir, "answer"), answer);
    node.background("/usr/bin/python3", "-c", MASTER, join(node.run, "haproxy-master.sock"), node.dir);
  }

  test("is believed when it tells success", async () => {
    await running(haproxy);
    master("Success=1\n--\n[NOTICE] fine\n");
    const outcome = await apply([haproxy], { v: "2" });
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(outcome.stdout).toContain("haproxy reloaded\n");
    expect(node.journal()).toEqual(["reload"]);
  });

  test("fails when it tells why it did not reload", async () => {
    const first = await running(haproxy);
    master("Success=0\n--\n[NOTICE] haproxy version\n[ALERT] cannot bind socket\n[ALERT] Exiting.\n");
    expect(await apply([haproxy], { v: "2" })).toMatchObject({
      status: 1,
      stderr: `haproxy did not take the release: [ALERT] cannot bind socket; [ALERT] Exiting.\ndns-lb-agent: rolled back to ${first}\n`,
    });
    expect(node.journal()).toEqual(["reload", "reload"]);
  });
});

describe("dnsdist's console", () => {
  /** An agent that waits for an answer of the console for one second. */
  function hastyAgent(): string {
    const agent = installAgent(mkdtempSync(join(inject("scratch"), "hasty-")));
    const daemons = join(dirname(agent), "dnslb_agent/daemons");
    const path = join(daemons, "dnsdist.py");
    const program = readFileSync(path, "utf8");
    expect(program).toMatch(/^ANSWER_TIMEOUT = 10$/m);
    writeFileSync(path, program.replace("ANSWER_TIMEOUT = 10\n", "ANSWER_TIMEOUT = 1\n"));
    rmSync(join(daemons, "__pycache__"), { recursive: true });
    return agent;
  }

  /** Plays `dnsdist -C CONF -e CODE`; answers are chosen by the function's name. */
  function client(answers: Readonly<Record<string, string>>): void {
    const cases = Object.entries(answers).map(([name, answer]) => `*dnslb.${name}*) echo "${answer}";;`);
    node.program("dnsdist", `#!/bin/bash\necho "$4" >>"${node.dir}/journal"\ncase $4 in ${cases.join("\n")}\nesac\n`);
  }
  const release = '$(basename $(readlink "$STATE/current"))';
  const good = {
    stage: `ok stage ${release} added=1 removed=0 kept=1`,
    pending: `ok pending ${release} 0 `,
    commit: `ok commit ${release}`,
    tidy: `ok tidy ${release} removed=1`,
    abort: `ok abort ${release}`,
  };
  const withState = (answers: Record<string, string>) =>
    Object.fromEntries(Object.entries(answers).map(([name, text]) => [name, text.replace("$STATE", node.state)]));
  const phases = () => node.journal().map((line) => /dnslb\.(\w+)/.exec(line)?.[1]);

  test("stages, waits, commits", async () => {
    await running(dnsdist);
    client(withState(good));
    const outcome = await apply([dnsdist], { v: "2" });
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(outcome.stdout).toContain("dnsdist policy swapped\n");
    expect(phases()).toEqual(["stage", "pending", "commit"]);
    expect(node.journal()[0]).toBe(`return dnslb.stage("${node.state}/releases/${node.current()}")`);
  });

  test("is asked again while dnsdist does not listen yet", async () => {
    await running(dnsdist);
    const refusal = "Fatal error: connecting socket to 127.0.0.1:5199: Connection refused";
    const early = `$(test $(wc -l <"${node.dir}/journal") -gt 2 && echo ok || echo "${refusal}")`;
    client(withState({ ...good, stage: good.stage.replace("ok", early) }));
    expect(await apply([dnsdist], { v: "2" })).toMatchObject({ status: 0, stderr: "" });
    expect(phases()).toEqual(["stage", "stage", "stage", "pending", "commit"]);
  });

  test("has longer for a phase, in which it makes and ends servers, than for other answers", async () => {
    node.close();
    node = new FakeNode(hastyAgent());
    await running(dnsdist);
    client(withState({ ...good, stage: good.stage.replace("ok", "$(sleep 2; echo ok)") }));
    expect(await apply([dnsdist], { v: "2" })).toMatchObject({
      status: 0,
      stderr: "",
    });
    const slow = good.pending.replace("ok", "$(sleep 2; echo ok)");
    client(withState({ ...good, pending: slow }));
    expect(await apply([dnsdist], { v: "3" })).toMatchObject({ status: 1 });
  });

  test("tidies what was replaced, when answers have come back", async () => {
    await running(dnsdist);
    client(withState({ ...good, stage: `ok stage ${release} added=1 removed=2 kept=0` }));
    const start = Date.now();
    await apply([dnsdist], { v: "2" });
    expect(phases()).toEqual(["stage", "pending", "commit", "tidy"]);
    expect(Date.now() - start).toBeGreaterThan(2_400);
  });

  test("tidies what was replaced on the way to a release that another daemon does not take", async () => {
    const first = await running(dnsdist, service({ name: "nsd" }));
    const removed = `$(test $(grep -c stage "${node.dir}/journal") -gt 1 && echo 0 || echo 2)`;
    client(withState({ ...good, stage: `ok stage ${release} added=0 removed=${removed} kept=1` }));
    const broken = service({ name: "nsd", reload: ["false"] });
    expect((await apply([dnsdist, broken], { v: "2" })).stderr).toContain(`rolled back to ${first}\n`);
    expect(phases()).toEqual(["stage", "pending", "commit", "stage", "pending", "commit", "tidy"]);
  });

  test.each([
    [
      "stage refuses",
      { stage: "error stage: policy.lua:3: bad" },
      "dnsdist refused stage: error stage: policy.lua:3: bad",
    ],
    ["commit refuses", { commit: "error commit: no" }, "dnsdist refused commit: error commit: no"],
    ["it answers anything else", { stage: "Exception: unknown" }, "dnsdist refused stage: Exception: unknown"],
    ["it says nothing", { stage: "" }, "dnsdist refused stage: it said nothing"],
    ["it has another release", { commit: "ok commit other" }, "dnsdist has release other after the swap"],
    ["it does not count", { pending: "ok pending x many" }, "dnsdist did not count the servers"],
  ])("fails when %s", async (_, answers, words) => {
    const first = await running(dnsdist);
    client(withState({ ...good, ...answers }));
    const outcome = await apply([dnsdist], { v: "2" });
    expect(outcome.status).toBe(1);
    expect(outcome.stderr.split("\n")[0]).toContain(words);
    expect(node.current()).toBe(first);
  });

  test("is not asked when what dnsdist reads only once has changed", async () => {
    await running(dnsdist);
    client(good);
    const before = node.pid("dnsdist");
    const outcome = await apply([dnsdist], { listeners: "2" });
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(outcome.stdout).toContain("dnsdist restarted\n");
    expect(node.pid("dnsdist")).not.toBe(before);
    expect(phases()).toEqual([]);
  });
});

describe("draining", () => {
  const server = (name: string) => ({ name, address: "192.0.2.1", port: 53, names: {} });
  const pools = [
    { name: "a", servers: [server("s1"), server("s2")] },
    { name: "b", servers: [server("s1")] },
  ];

  test.each([
    [["s3"], "there is no server s3; there are a/s1, a/s2, b/s1"],
    [["s1"], "server s1 is in the pools a, b; choose one with --pool"],
    [["s2", "--pool", "b"], "there is no server s2 in a pool b; there are a/s1, a/s2, b/s1"],
    [["a/s1"], "no running daemon of this node has the server s1"],
  ])("fails when asked for %j", async (words, text) => {
    await node.agent("apply", node.bundle(manifest({ services: [], pools })));
    node.program("dnsdist", "#!/bin/sh\n");
    expect(await node.agent("drain", ...words)).toEqual({
      status: 1,
      stdout: "",
      stderr: `dns-lb-agent: ${text}\n`,
    });
  });
});

/* Speaks as HAProxy 3.0 does: an answer to a reload comes when it is over. */
const MASTER = `
import os, socket, sys
path, folder = sys.argv[1:]
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen()
while True:
    connection, _ = server.accept()
    command = connection.makefile().readline().strip()
    if command == "reload":
        with open(folder + "/journal", "a") as journal:
            journal.write("reload\\n")
        with open(folder + "/answer") as file:
            connection.sendall(file.read().encode())
        with open(folder + "/answer", "w") as file:
            file.write("Success=1\\n")
    else:
        connection.sendall(b"#<PID> <type> <reloads> <uptime> <version>\\n17 master 4 [failed: 0] 0d 3.0.11\\n")
    connection.close()
`;
