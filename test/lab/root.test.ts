import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Lab, LabSecret } from "../../lib/testing/lab/index.js";
import { installedVersions } from "../../lib/testing/lab/versions.js";
import { otherGeneration, otherIsMissing } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { authoritativePool, dnsListener, frontend, pair, resolverPool, servers, standalone } from "./models.js";

const NAME = "t_root";
const SHARED = "10.0.0.53";
const ZONES = "10.0.0.54";
const { root = "" } = otherGeneration.options;

const model = pair({
  frontends: [
    frontend({
      listeners: [
        dnsListener("internal"),
        {
          kind: "dot",
          name: "dot",
          port: 853,
          certificate: { kind: "local-file", path: "certs/dns.example.com.pem" },
          minimumTlsVersion: "1.2",
          idleTimeout: "10s",
        },
      ],
    }),
    frontend({ name: "zones", addresses: [ZONES], pool: authoritativePool(), tcpPath: "inspected" }),
  ],
  virtualAddresses: [
    { address: SHARED, interface: "eth0" },
    { address: ZONES, interface: "eth0" },
  ],
});

describe.skipIf(otherIsMissing !== undefined)("a lab with the daemons of another release", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start([model], {
      name: NAME,
      ...otherGeneration.options,
      secrets: { "certs/dns.example.com.pem": LabSecret.certificate("dns.example.com") },
    });
  });

  afterAll(async () => {
    await lab?.stop();
    expect(leftovers(NAME)).toEqual(NOTHING);
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(root);
  });

  async function leader(): Promise<string> {
    const [name = ""] = await lab.holders(SHARED);
    return name;
  }

  test("runs nodes and servers of it", async () => {
    const { versions } = lab.node("lb1").nodeSpec.profile;
    expect(versions).not.toEqual(await installedVersions());
    const running = ["haproxy", "dnsdist", "keepalived"].map((name) => lab.node("lb1").process(name).pid);
    const nsd = await lab.node("lb1").exec(["nsd", "-v"]);
    expect(nsd.stderr).toContain(`NSD version ${versions.nsd}`);
    for (const pid of running) expect(readFileSync(`/proc/${pid}/mountinfo`, "utf8")).toContain(`${root} / ro,`);
  });

  test.each(["udp", "tcp", "dot"] as const)("answers over %s", async (transport) => {
    const client = lab.client("10.0.0.77");
    const answer = await client.query("www.example.com", "A", {
      server: SHARED,
      transport,
      tlsName: "dns.example.com",
    });
    expect(answer).toMatchObject({ status: "NOERROR", answers: ["192.0.2.80"] });
  });

  test("answers for zones, and takes servers out that are ill", async () => {
    const client = lab.client("10.0.0.77");
    expect((await client.query("www.example.com", "A", { server: ZONES })).status).toBe("NOERROR");
    await lab.server("auth1").ill();
    const node = lab.node(await leader());
    await lab.waitFor(async () => (await node.agent("status")).stdout.includes("dnsdist tcp down"));
    await lab.server("auth1").well();
    await lab.waitFor(async () => !(await node.agent("status")).stdout.includes("down"));
  });

  test("takes over when the leader loses its power, and starts it again", async () => {
    const name = await leader();
    await lab.node(name).kill();
    await lab.takeoverTime();
    expect(await leader()).not.toBe(name);
    await lab.node(name).start();
    await lab.waitFor(async () => (await lab.node(name).agent("ready")).status === 0);
  });

  test("logs what reaches a server, and applies changes", async () => {
    const server = lab.server("resolver1");
    server.clearQueries();
    expect(await server.queries({ name: "health.example.com" })).not.toEqual([]);
    const more = resolverPool({ servers: servers("resolver", "192.168.1.10", 3) });
    const [first, ...others] = model.frontends;
    await lab.apply([{ ...model, frontends: [{ ...frontend(), ...first, pool: more }, ...others] }]);
    expect(lab.server("resolver3").running).toBe(true);
  });

  test("cannot change the root, and leaves nothing of the lab in it", async () => {
    const { status, stderr } = await lab.node("lb1").exec(["touch", "/etc/changed"]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("Read-only file system") });
    expect(existsSync(join(root, `var/lib/dnslb-${NAME}`))).toBe(false);
    expect(existsSync(join(root, `run/dnslb-${NAME}`))).toBe(false);
  });
});

test.each([
  ["relative", "trixie"],
  ["no system", join(inject("scratch"), "nothing")],
  ["this machine", "/"],
])("fails when the root is %s", async (_, given) => {
  await expect(Lab.start([standalone()], { name: NAME, root: given })).rejects.toThrow("the root of a lab must be");
});

test("fails when daemons are missing in the root, all of them at once", async () => {
  const empty = join(inject("scratch"), "empty");
  for (const folder of ["proc", "sys", "dev", "run", "tmp", "usr", "var/lib"]) {
    mkdirSync(join(empty, folder), { recursive: true });
  }
  await expect(Lab.start([standalone()], { name: NAME, root: empty })).rejects.toThrow(
    new RegExp(`the program dnsdist in ${empty} is missing: chroot ${empty} apt-get install dnsdist\n`),
  );
  expect(Lab.missing({ root: empty }).map(({ what }) => what)).toContain(`the user haproxy in ${empty}`);
  expect(leftovers(NAME)).toEqual(NOTHING);
});
