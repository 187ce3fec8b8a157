import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectStatus } from "./expect.js";
import { startTwoNodes, type TwoNodes, until } from "./two-nodes.js";

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await startTwoNodes();
});
afterAll(() => nodes?.close());

describe("the agent", () => {
  test("drains a node and takes it back", async () => {
    const node = nodes.master();
    expect(await nodes.agent(node, "drain")).toEqual({ status: 0, stdout: "node drained\n", stderr: "" });
    expect(nodes.master()).not.toBe(node);
    expect(JSON.parse((await nodes.agent(node, "status", "--json")).stdout)).toMatchObject({
      drained: true,
      addresses: [],
    });
    expect(await nodes.agent(node, "undrain")).toEqual({ status: 0, stdout: "node undrained\n", stderr: "" });
  });

  test("drains a server in every daemon, keeps it drained over a change, and takes it back", async () => {
    const node = nodes.master();
    const states = async () => {
      const status = JSON.parse((await nodes.agent(node, "status", "--json")).stdout);
      return status.pools[0].servers[0];
    };
    const drained = {
      name: "s1",
      drained: true,
      haproxy: { resolvers: "DRAIN" },
      dnsdist: { udp: "drained", tcp: "drained" },
    };
    const up = { name: "s1", drained: false, haproxy: { resolvers: "UP" }, dnsdist: { udp: "up", tcp: "up" } };
    expect(await states()).toEqual(up);
    expect(await nodes.agent(node, "drain", "s1")).toEqual({ status: 0, stdout: "resolvers/s1 drained\n", stderr: "" });
    expect(await states()).toEqual(drained);
    expectStatus(await nodes.apply(node, { note: "while drained" }), 0);
    expect(await states()).toEqual(drained);
    expect((await nodes.agent(node, "undrain", "resolvers/s1")).stdout).toBe("resolvers/s1 undrained\n");
    await until(async () => JSON.stringify(await states()) === JSON.stringify(up));
    expect((await nodes.agent(node, "status")).stdout).toContain(
      "resolvers/s1: haproxy resolvers UP, dnsdist tcp up, dnsdist udp up",
    );
    expect((await nodes.agent(node, "drain", "s9")).stderr).toBe(
      "dns-lb-agent: there is no server s9; there are resolvers/s1, resolvers/s2\n",
    );
  });

  test("keeps the console's key and the daemons' rights small", async () => {
    const node = nodes.master();
    const key = statSync(join(nodes.run(node), "dnsdist.key"));
    expect([(key.mode & 0o7777).toString(8), key.uid]).toEqual(["640", 0]);
    expect(readFileSync(join(nodes.run(node), "dnsdist.key"), "utf8")).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    for (const service of ["haproxy", "dnsdist"]) {
      const status = readFileSync(`/proc/${nodes.pid(node, service)}/status`, "utf8");
      expect(status).toMatch(/^Uid:\s+(?!0\b)/m);
      expect(status).toMatch(/^CapEff:\s+0{16}$/m);
    }
  });

  test.each([
    "with space",
    `quotes " and '`,
    "# not a comment",
    "$HOME $DNSLB_RELEASE $" + "{HOME}",
    "back\\slash \\n \\",
    "{ } [ ] ( ) | & ; < > * ? ~ `",
    "%[src] %{x}",
    "ü 密 🔑",
    'x" insecure-password y',
  ])("writes the password %s for HAProxy so that it is the password", async (password) => {
    expectStatus(await nodes.apply("a", { password }), 0);
    const status = async (user: string) => {
      const words = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", user, "http://127.0.0.1:8405/page"];
      return (await nodes.call("a", "curl", ...words)).stdout;
    };
    expect(await status(`ops:${password}`)).toBe("204");
    expect(await status("ops:x")).toBe("401");
  });
});

describe("addresses on lo", () => {
  test.each([
    ["arp_ignore", "0", "1", "1 or 2"],
    ["arp_announce", "1", "2", "2"],
  ])("are refused while the kernel tells neighbours of them, %s %s", async (name, bad, good, allowed) => {
    const key = `net.ipv4.conf.all.${name}`;
    const set = (value: string) => nodes.call("a", "sysctl", "-qw", `${key}=${value}`);
    await set(bad);
    const refused = await nodes.apply("a", { note: `${name} ${bad}` });
    await set(good);
    expect(refused).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `keepalived: ${key} must be ${allowed} for addresses on lo, is ${bad}\n` +
        "dns-lb-agent: refused by keepalived; nothing was changed\n",
    });
    expectStatus(await nodes.apply("a", { note: `${name} ${good}` }), 0);
  });
});

describe("keepalived", () => {
  test("does not start where the kernel tells neighbours of addresses on lo", async () => {
    const key = "net.ipv4.conf.all.arp_ignore";
    const runs = async () => (await nodes.agent("a", "status")).stdout.includes("\nkeepalived: process");
    expect(await runs()).toBe(true);
    await nodes.call("a", "sysctl", "-qw", `${key}=0`);
    try {
      process.kill(nodes.pid("a", "keepalived"), "SIGTERM");
      await until(async () => !(await runs()));
      // Its supervisor tries again and again.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await runs()).toBe(false);
      expect(await nodes.agent("a", "run", "keepalived")).toEqual({
        status: 1,
        stdout: "",
        stderr: `dns-lb-agent: ${key} must be 1 or 2 for addresses on lo, is 0\n`,
      });
    } finally {
      await nodes.call("a", "sysctl", "-qw", `${key}=1`);
    }
    await until(runs);
  });
});

describe("keepalived's check", () => {
  test.each([
    [0, "a watch that wrote just now", "$(cut -d. -f1 /proc/uptime)"],
    [1, "a watch that wrote long ago", "$(($(cut -d. -f1 /proc/uptime) - 6))"],
    [1, "a watch that wrote nonsense", "soon"],
    [1, "a watch that wrote nothing", ""],
    [0, "one of a machine that was started just now, with zeros in front", "000$(cut -d. -f1 /proc/uptime)"],
  ])("ends with %i for %s", async (status, _, written) => {
    const file = join(nodes.dir, "pulse");
    await nodes.call("a", "sh", "-c", `echo "${written}" >${file}`);
    expect((await nodes.check("a", file)).status).toBe(status);
  });

  test("runs nothing that the daemons' user writes where it looks for a number", async () => {
    const [file, proof] = [join(nodes.dir, "pulse"), join(nodes.dir, "proof")];
    writeFileSync(file, `a[$(touch ${proof})]\n`);
    expect(await nodes.check("a", file)).toEqual({ status: 1, stdout: "", stderr: "" });
    expect(existsSync(proof)).toBe(false);
  });

  test("ends with 1 for a watch that never was", async () => {
    expect((await nodes.check("a", join(nodes.dir, "no-pulse"))).status).toBe(1);
  });
});
