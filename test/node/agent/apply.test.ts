import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Manifest } from "../../../lib/model/manifest.js";
import { FakeNode, manifest, service, until } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

/** A service that notes every release that it is told to take, and refuses those that hold a file `refuse`. */
const told = (name: "unbound" | "nsd") =>
  service({
    name,
    reload: ["sh", "-c", `echo ${name} $(cat {release}/v) >>$1`, "sh", "{state}/../journal"],
  });
const NEVER_READY: Partial<Manifest> = { ready: [{ kind: "http", service: "haproxy", port: 1, path: "/" }] };

/** Applies a release that must be accepted and returns its name. */
async function applied(version: string, part: Partial<Manifest> = {}): Promise<string> {
  const outcome = await node.agent(
    "apply",
    node.bundle(manifest({ services: [told("unbound")], ...part }), { v: version }),
  );
  expect(outcome.stderr).toBe("");
  expect(outcome.status).toBe(0);
  return node.current() ?? "";
}

/** Answers HTTP like a service that is up as soon as it wrote the file `up`. */
async function answering(): Promise<{ port: number; close(): void }> {
  const server = createServer((_, response) => {
    response.statusCode = existsSync(join(node.dir, "up")) ? 200 : 503;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: Object(server.address()).port, close: () => server.close() };
}

async function running(...services: string[]): Promise<void> {
  for (const name of services) node.supervise(name);
  await until(() => services.every((name) => node.pid(name) !== undefined));
  await until(() => services.every((name) => readFileSync(`/proc/${node.pid(name)}/comm`, "utf8") === "sleep\n"));
}

describe("apply", () => {
  test("makes the first release live before anything runs", async () => {
    const outcome = await node.agent("apply", node.bundle(manifest(), { "haproxy/haproxy.cfg": "x" }));
    expect(outcome.stderr).toBe("");
    expect(outcome.stdout).toMatch(/^validated \d+ ms\nready [0-9a-f]{16}\n$/);
    expect(outcome.stdout).toContain(node.current());
    expect(readFileSync(join(node.state, "current/haproxy/haproxy.cfg"), "utf8")).toBe("x");
    expect(node.previous()).toBeUndefined();
    expect(readdirSync(node.run).sort()).toEqual(["agent.lock", "private"]);
  });

  test("tells running daemons, and those alone", async () => {
    const services = [told("unbound"), told("nsd")];
    const first = await applied("1", { services });
    await running("nsd");
    const second = await applied("2", { services });
    expect(node.journal()).toEqual(["nsd 2"]);
    expect(node.previous()).toBe(first);
    expect(second).not.toBe(first);
  });

  test("does nothing for the release that is live", async () => {
    const first = await applied("1");
    await running("unbound");
    const before = statSync(join(node.state, "releases", first)).mtimeMs;
    const outcome = await node.agent("apply", node.bundle(manifest({ services: [told("unbound")] }), { v: "1" }));
    expect(outcome).toEqual({ status: 0, stdout: `unchanged ${first}\n`, stderr: "" });
    expect(node.journal()).toEqual([]);
    expect(statSync(join(node.state, "releases", first)).mtimeMs).toBe(before);
  });

  test("waits for daemons that have not started yet before it calls the live release unchanged", async () => {
    const first = await applied("1");
    const again = node.agent("apply", node.bundle(manifest({ services: [told("unbound")] }), { v: "1" }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    node.supervise("unbound");
    expect(await again).toEqual({ status: 0, stdout: `unchanged ${first}\n`, stderr: "" });
  });

  test("fails when a daemon of the release that is live does not run, which stays live", async () => {
    const services = [told("unbound"), told("nsd")];
    const first = await applied("1", { services });
    await running("unbound");
    const bundle = node.bundle(manifest({ services }), { v: "1" });
    expect(await node.agent("apply", bundle, "--timeout", "1")).toEqual({
      status: 1,
      stdout: "",
      stderr: `dns-lb-agent: release ${first} is live already, but the node is not ready within 1 s: nsd does not run\n`,
    });
    expect(node.current()).toBe(first);
    expect(node.journal()).toEqual([]);
    expect(existsSync(join(node.state, "changing"))).toBe(false);
  });

  test("fails when a check of the release that is live does not pass, and passes as soon as it does", async () => {
    const health = await answering();
    writeFileSync(join(node.dir, "up"), "");
    const part: Partial<Manifest> = { ready: [{ kind: "http", service: "unbound", port: health.port, path: "/" }] };
    const first = await applied("1", part);
    await running("unbound");
    rmSync(join(node.dir, "up"));
    const bundle = node.bundle(manifest({ services: [told("unbound")], ...part }), { v: "1" });
    expect((await node.agent("apply", bundle, "--timeout", "0.5")).stderr).toBe(
      `dns-lb-agent: release ${first} is live already, but the node is not ready within 0.5 s: unbound at port ${health.port}: / has status 503\n`,
    );
    writeFileSync(join(node.dir, "up"), "");
    expect(await node.agent("apply", bundle)).toEqual({ status: 0, stdout: `unchanged ${first}\n`, stderr: "" });
    health.close();
  });

  test("names a release by paths and bytes, secrets included", async () => {
    const names = [];
    for (const files of [{ a: "1" }, { b: "1" }, { b: "2" }, { b: "2", "secrets/x": "" }, { a: "1" }]) {
      await node.agent("apply", node.bundle(manifest(), files));
      names.push(node.current());
    }
    expect(new Set(names).size).toBe(4);
    expect(names[4]).toBe(names[0]);
  });

  test("applies the live release again after an agent was killed on the way, or a file was edited", async () => {
    const first = await applied("1");
    await running("unbound");
    writeFileSync(join(node.state, "changing"), "");
    await applied("1");
    expect(node.journal()).toEqual(["unbound 1"]);
    expect(existsSync(join(node.state, "changing"))).toBe(false);

    writeFileSync(join(node.state, "releases", first, "v"), "by hand");
    await applied("1");
    expect(node.journal()).toEqual(["unbound 1", "unbound 1"]);
  });

  test("leaves reading to the daemons' group and nothing to others", async () => {
    const other = "nobody";
    if (userInfo().uid !== 0) return;
    const look = [
      "sh",
      "-c",
      "test $(id -un) = nobody && cat {release}/secrets/x >/dev/null && ! touch {release}/y 2>/dev/null",
    ];
    const bundle = node.bundle(manifest({ user: other, services: [service({ user: other, check: look })] }), {
      "secrets/x": "s",
    });
    chmodSync(join(bundle, "secrets/x"), 0o600);
    expect(await node.agent("apply", bundle)).toMatchObject({ status: 0, stderr: "" });
    const { gid } = statSync(join(node.state, "current/secrets/x"));
    const modes = ["", "releases", "current", "current/secrets", "current/secrets/x", "current/manifest.json"].map(
      (path) => {
        const status = statSync(join(node.state, path));
        expect(status.uid).toBe(0);
        expect(status.gid).toBe(gid);
        return (status.mode & 0o7777).toString(8);
      },
    );
    expect(modes).toEqual(["750", "750", "750", "750", "640", "640"]);
    expect(gid).not.toBe(0);
    expect((statSync(node.run).mode & 0o7777).toString(8)).toBe("3770");
  });

  test("keeps the last three releases", async () => {
    const names: string[] = [];
    for (const version of ["1", "2", "3", "4", "5"]) names.push(await applied(version));
    expect(node.releases()).toEqual(names.slice(2).sort());
  });

  test("fails when a daemon refuses, and touches none", async () => {
    const first = await applied("1");
    await running("unbound");
    const refusing = { ...told("unbound"), check: ["sh", "-c", "echo line 7: bad"] };
    const outcome = await node.agent("apply", node.bundle(manifest({ services: [refusing] }), { v: "2" }));
    expect(outcome).toEqual({
      status: 1,
      stdout: "",
      stderr: "unbound: line 7: bad\ndns-lb-agent: refused by unbound; nothing was changed\n",
    });
    expect(node.current()).toBe(first);
    expect(node.journal()).toEqual([]);
    expect(node.releases()).toEqual([first]);
  });

  test("fails when the node does not answer in time, and goes back", async () => {
    const zero = await applied("0");
    const first = await applied("1");
    await running("unbound");
    const bundle = node.bundle(manifest({ services: [told("unbound")], ...NEVER_READY }), { v: "2" });
    const outcome = await node.agent("apply", bundle, "--timeout", "0.3");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toBe(
      `not ready within 0.3 s: haproxy at port 1: Connection refused\ndns-lb-agent: rolled back to ${first}\n`,
    );
    expect(outcome.stdout).toMatch(/^validated \d+ ms\nunbound reloaded\nunbound reloaded\n$/);
    expect(node.journal()).toEqual(["unbound 2", "unbound 1"]);
    expect([node.current(), node.previous()]).toEqual([first, zero]);
    expect(node.releases()).toEqual([zero, first].sort());
    expect(existsSync(join(node.state, "changing"))).toBe(false);
  });

  test("fails when a daemon does not take it, and goes back with those that did", async () => {
    const broken = service({
      name: "nsd",
      reload: ["sh", "-c", "echo nsd $(cat {release}/v) >>{state}/../journal; echo too bad; exit 4"],
    });
    const services = [told("unbound"), told("nsd"), service({ name: "watch" })];
    const first = await applied("1", { services });
    await running("unbound", "nsd", "watch");
    const bundle = node.bundle(manifest({ services: services.with(1, broken) }), { v: "2" });
    const outcome = await node.agent("apply", bundle);
    expect(outcome.stderr).toBe(`nsd did not take the release: too bad\ndns-lb-agent: rolled back to ${first}\n`);
    expect(node.journal()).toEqual(["unbound 2", "nsd 2", "unbound 1", "nsd 1"]);
  });

  test("restarts on the way back what does not take the earlier release", async () => {
    const services = [service({ reload: ["sh", "-c", "echo $0; exit 4", "{release}"] })];
    const first = await applied("1", { services });
    await running("unbound");
    const before = node.pid("unbound");
    const outcome = await node.agent("apply", node.bundle(manifest({ services }), { v: "2" }));
    const words = "unbound did not take the release: ";
    expect(outcome).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^validated \d+ ms\nunbound restarted\n$/),
      stderr: expect.stringMatching(`^${words}.*\n${words}.*${first}\ndns-lb-agent: rolled back to ${first}\n$`),
    });
    expect(node.pid("unbound")).not.toBe(before);
    await running("unbound");
  });

  test("takes its time on the way back, until all is as it was", async () => {
    const { port, close } = await answering();
    const slow = service({ command: ["sh", "-c", "sleep 2.4; echo >{state}/../up; exec sleep 1000"] });
    const never = service({ command: ["sh", "-c", "rm {state}/../up; exec sleep 1000"] });
    const ready = [{ kind: "http", service: "unbound", port, path: "/up" }] as const;
    node.supervise("unbound");
    const first = await applied("1", { services: [slow], ready });
    const outcome = await node.agent("apply", node.bundle(manifest({ services: [never], ready })), "--timeout", "1.6");
    close();
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toBe(
      `not ready within 1.6 s: unbound at port ${port}: /up has status 503\ndns-lb-agent: rolled back to ${first}\n`,
    );
    expect(readFileSync(`/proc/${node.pid("unbound")}/comm`, "utf8")).toBe("sleep\n");
  });

  test("fails when a daemon is started and dies, again and again, and goes back", async () => {
    const first = await applied("1");
    await running("unbound");
    const dying = manifest({ services: [service({ command: ["sh", "-c", "sleep 0.06; exit 3"] })] });
    const outcome = await node.agent("apply", node.bundle(dying), "--timeout", "2");
    expect(outcome.stderr).toBe(`not ready within 2 s: unbound does not run\ndns-lb-agent: rolled back to ${first}\n`);
    expect(readFileSync(`/proc/${node.pid("unbound")}/comm`, "utf8")).toBe("sleep\n");
  });

  test("tells a daemon nothing that began with the release by itself", async () => {
    const meanwhile = "echo unbound $(cat {release}/v) >>$1; kill $(head -1 {run}/nsd.pid); sleep 0.8";
    const command = ["sh", "-c", meanwhile, "sh", "{state}/../journal"];
    const services = [service({ reload: command }), told("nsd")];
    await applied("1", { services });
    await running("unbound", "nsd");
    await applied("2", { services });
    expect(node.journal()).toEqual(["unbound 2"]);
  });

  test("fails when the way back fails too, and says so", async () => {
    const services = (ruin: string) => [service({ reload: ["sh", "-c", ruin] })];
    const first = await applied("1", { services: services("true") });
    await running("unbound");
    const ruin = services(`rm {state}/releases/${first}/manifest.json; exit 1`);
    const outcome = await node.agent("apply", node.bundle(manifest({ services: ruin }), { v: "2" }));
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(`the rollback to ${first} failed too: manifest.json: No such file`);
  });

  test("fails when the first release does not answer, and tries it again next time", async () => {
    const bundle = node.bundle(manifest(NEVER_READY));
    for (let time = 0; time < 2; time++) {
      const outcome = await node.agent("apply", bundle, "--timeout", "0.2");
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toContain("dns-lb-agent: there is no earlier release to return to");
    }
    expect(node.current()).toBeDefined();
  });

  test("fails when it is interrupted, and goes back", async () => {
    const first = await applied("1");
    const bundle = node.bundle(manifest(NEVER_READY), { v: "2" });
    const { process, outcome } = node.start("apply", bundle);
    await until(() => node.current() !== first);
    process.kill("SIGTERM");
    expect(await outcome).toMatchObject({
      status: 1,
      stderr: `interrupted\ndns-lb-agent: rolled back to ${first}\n`,
    });
    expect(node.current()).toBe(first);
  });

  test("waits for another agent, a while", async () => {
    await applied("1");
    const slow = node.start("apply", node.bundle(manifest(NEVER_READY), { v: "2" }), "--timeout", "2");
    await until(() => existsSync(join(node.state, "changing")));
    const bundle = node.bundle(manifest(), { v: "3" });
    expect(await node.agent("apply", bundle, "--wait", "0.2")).toEqual({
      status: 1,
      stdout: "",
      stderr: "dns-lb-agent: another agent has been changing this node for 0.2 s\n",
    });
    expect(await node.agent("apply", bundle)).toMatchObject({ status: 0, stderr: "" });
    expect((await slow.outcome).status).toBe(1);
  });
});

describe("recover", () => {
  test("returns to the release before a change that was cut short, and lets the other prove itself again", async () => {
    const first = await applied("1");
    const bundle = node.bundle(manifest(NEVER_READY), { v: "2" });
    const { process, outcome } = node.start("apply", bundle);
    await until(() => node.current() !== first);
    process.kill("SIGKILL");
    await outcome;
    expect(await node.agent("recover")).toEqual({
      status: 0,
      stdout: `back to ${first}, because a change was cut short\n`,
      stderr: "",
    });
    expect(node.current()).toBe(first);
    expect((await node.agent("apply", bundle, "--timeout", "0.2")).stderr).toContain(`rolled back to ${first}\n`);
    expect((await node.agent("recover")).stdout).toBe("");
  });

  test("changes nothing where no change was cut short, or none came before it", async () => {
    expect(await node.agent("recover")).toEqual({ status: 0, stdout: "", stderr: "" });
    const first = await applied("1");
    writeFileSync(join(node.state, "changing"), "");
    expect(await node.agent("recover")).toEqual({ status: 0, stdout: "", stderr: "" });
    writeFileSync(join(node.state, "changing"), "0123456789abcdef");
    expect(await node.agent("recover")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(node.current()).toBe(first);
    expect(existsSync(join(node.state, "changing"))).toBe(true);
  });
});

describe("rollback", () => {
  test("returns to the release before a change that was cut short, whatever came before", async () => {
    const first = await applied("1");
    const second = await applied("2");
    const { process, outcome } = node.start("apply", node.bundle(manifest(NEVER_READY), { v: "3" }));
    await until(() => node.current() !== second);
    process.kill("SIGKILL");
    await outcome;
    expect(await node.agent("rollback")).toMatchObject({ status: 0, stderr: "" });
    expect([node.current(), node.previous()]).toEqual([second, first]);
    expect(existsSync(join(node.state, "changing"))).toBe(false);
  });

  test("makes the previous release live, and back again", async () => {
    const first = await applied("1");
    const second = await applied("2");
    await running("unbound");
    const outcome = await node.agent("rollback");
    expect(outcome).toEqual({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`^validated \\d+ ms\\nunbound reloaded\\nready ${first}\\n$`)),
      stderr: "",
    });
    expect([node.current(), node.previous()]).toEqual([first, second]);
    await node.agent("rollback");
    expect([node.current(), node.previous()]).toEqual([second, first]);
    expect(node.journal()).toEqual(["unbound 1", "unbound 2"]);
  });

  test("fails when there is none", async () => {
    await applied("1");
    expect((await node.agent("rollback")).stderr).toBe("dns-lb-agent: there is no previous release\n");
  });
});

describe("ready", () => {
  test("fails when there is no release, a service does not run or a check does not pass", async () => {
    expect((await node.agent("ready")).stderr).toBe("dns-lb-agent: this node has no release yet\n");
    await applied("1");
    expect((await node.agent("ready", "--timeout", "0.2")).stderr).toBe(
      "dns-lb-agent: not ready within 0.2 s: unbound does not run\n",
    );
    await running("unbound");
    expect((await node.agent("ready")).stdout).toBe(`ready ${node.current()}\n`);
  });
});

describe("the lock", () => {
  test("fails when the run directory is a file", async () => {
    mkdirSync(node.state);
    writeFileSync(node.run, "");
    const outcome = await node.agent("apply", node.bundle(manifest()));
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).not.toContain("Traceback");
  });
});
