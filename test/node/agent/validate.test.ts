import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeNode, ME, manifest, service } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const sh = (text: string) => ["sh", "-c", text];

describe("validate", () => {
  test("accepts a release that every daemon accepts, and leaves nothing behind", async () => {
    const outcome = await node.agent("validate", node.bundle(manifest()));
    expect(outcome).toEqual({ status: 0, stdout: expect.stringMatching(/^validated \d+ ms\n$/), stderr: "" });
    expect(node.releases()).toEqual([]);
    expect(node.current()).toBeUndefined();
  });

  test("shows the daemons a complete release and an environment without the caller's secrets", async () => {
    const look = `cd "$DNSLB_RELEASE" && test {release} = "$PWD" && cat haproxy/u.cfg && echo $SECRET`;
    const bundle = node.bundle(
      manifest({
        services: [service({ check: sh(look) })],
        compose: [
          {
            kind: "service",
            service: "haproxy",
            path: "haproxy/u.cfg",
            secret: "pw",
            settings: { userlist: "u", user: "ops" },
          },
        ],
      }),
      { pw: "a b'\n" },
    );
    const outcome = await node.agent("validate", bundle);
    expect(outcome.stderr).toMatchInlineSnapshot(`
      "unbound: userlist u
      unbound:   user ops insecure-password (hidden)
      dns-lb-agent: refused by unbound; nothing was changed
      "
    `);
  });

  test("knows what dnsdist's checker prints for a valid release", async () => {
    const printing = (name: "dnsdist" | "nsd") =>
      service({ name, check: sh("echo \"Configuration 'dnsdist.conf' OK!\"") });
    expect((await node.agent("validate", node.bundle(manifest({ services: [printing("dnsdist")] })))).status).toBe(0);
    expect((await node.agent("validate", node.bundle(manifest({ services: [printing("nsd")] })))).status).toBe(1);
  });

  test.each([
    ["a checker says anything", sh("echo a warning"), "unbound: a warning"],
    ["a checker writes to its standard error", sh("echo a warning >&2"), "unbound: a warning"],
    [
      "a checker names a file",
      sh("echo {release}/haproxy/haproxy.cfg:7: bad"),
      "unbound: haproxy/haproxy.cfg:7: bad\n",
    ],
    ["a checker has a status", sh("exit 3"), "unbound: its checker ended with status 3 and without output"],
    ["a checker is missing", ["no-such-checker"], "unbound: cannot run no-such-checker"],
  ])("fails when %s", async (_, check, words) => {
    const outcome = await node.agent("validate", node.bundle(manifest({ services: [service({ check })] })));
    expect(outcome.status).toBe(1);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toContain(words);
    expect(outcome.stderr).toContain("refused by unbound; nothing was changed");
    expect(node.releases()).toEqual([]);
  });

  test("fails when two daemons refuse, with the words of both", async () => {
    const services = [
      service({ check: sh("echo no") }),
      service({ name: "nsd", check: sh("echo never") }),
      service({ name: "haproxy" }),
    ];
    expect((await node.agent("validate", node.bundle(manifest({ services })))).stderr).toMatchInlineSnapshot(`
      "unbound: no
      nsd: never
      dns-lb-agent: refused by unbound and nsd; nothing was changed
      "
    `);
  });

  test("never prints a secret, as it is or as it was written for a daemon", async () => {
    const bundle = node.bundle(
      manifest({
        services: [service({ check: sh("cd {release} && cat secrets/* u.cfg && cat secrets/pw | tr -d '\\n'") })],
        compose: [
          {
            kind: "service",
            service: "haproxy",
            path: "u.cfg",
            secret: "secrets/pw",
            settings: { userlist: "u", user: "ops" },
          },
        ],
      }),
      {
        "secrets/pw": "s3cret verse\n",
        "secrets/key.pem": "-----BEGIN X-----\nMIIBVwIBADAN\nqwertyuiop==\n-----END X-----\n",
      },
    );
    const outcome = await node.agent("validate", bundle);
    expect(outcome.status).toBe(1);
    for (const secret of ["s3cret", "verse", "MIIB", "qwerty"]) {
      expect(outcome.stdout + outcome.stderr).not.toContain(secret);
    }
  });

  test.each([
    ["is empty", "\n", "pw: the secret is empty"],
    ["has two lines", "a\nb\n", "pw: the secret must be one line without control characters"],
  ])("fails when a password %s", async (_, password, words) => {
    const compose = [
      { kind: "service", service: "haproxy", path: "u", secret: "pw", settings: { userlist: "u", user: "ops" } },
    ] as const;
    const outcome = await node.agent("validate", node.bundle(manifest({ compose }), { pw: password }));
    expect(outcome).toEqual({ status: 1, stdout: "", stderr: `dns-lb-agent: ${words}\n` });
  });

  test("fails when a secret is missing", async () => {
    const compose = [
      { kind: "service", service: "haproxy", path: "u", secret: "pw", settings: { userlist: "u", user: "ops" } },
    ] as const;
    const outcome = await node.agent("validate", node.bundle(manifest({ compose })));
    expect(outcome.stderr).toBe("dns-lb-agent: pw: No such file or directory\n");
  });

  test("fails when a bundle leads out of itself", async () => {
    const linked = node.bundle(manifest());
    symlinkSync("/etc/shadow", join(linked, "shadow"));
    expect((await node.agent("validate", linked)).stderr).toBe("dns-lb-agent: shadow: not a plain file\n");

    const outside = node.bundle(
      manifest({
        compose: [
          {
            kind: "service",
            service: "haproxy",
            path: "../../out",
            secret: "p",
            settings: { userlist: "u", user: "o" },
          },
        ],
      }),
      { p: "x" },
    );
    expect((await node.agent("validate", outside)).stderr).toBe(
      "dns-lb-agent: manifest.json: 'compose[0].path' is not a path inside the release\n",
    );
    expect(existsSync(join(node.state, "releases/out"))).toBe(false);
  });

  test.each([
    ["no manifest", undefined, "manifest.json: No such file or directory"],
    ["broken JSON", "{", "manifest.json: Expecting property name"],
    ["another schema", '{"schema":3}', "manifest.json: this agent reads the schemas 1 and 2 only"],
    ["no object", "[1]", "manifest.json: this agent reads the schemas 1 and 2 only"],
    ["no user", '{"schema":2,"workload":"lb","node":"a"}', "manifest.json: 'user' is not there"],
    [
      "a daemon that it does not know",
      bad("name", "bind9"),
      "this agent knows no daemon bind9, only haproxy, dnsdist,",
    ],
    ["a service named like a path", bad("name", "../x"), "'services[0].name' is not a name"],
  ])("fails when there is %s", async (_, text, words) => {
    const bundle = node.bundle(manifest(), text === undefined ? {} : { "manifest.json": text });
    const folder = text === undefined ? node.dir : bundle;
    const outcome = await node.agent("validate", folder);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(words);
    expect(outcome.stderr).not.toContain("Traceback");
  });

  test("fails when a user is unknown", async () => {
    const outcome = await node.agent("validate", node.bundle(manifest({ user: "no-such-user" })));
    expect(outcome.stderr).toBe("dns-lb-agent: there is no user no-such-user on this node\n");
    expect(ME).not.toBe("no-such-user");
  });
});

test.each([[[]], [["applly", "x"]], [["apply"]], [["drain", "--pool", "p"]], [["apply", "x", "--timeout", "soon"]]])(
  "fails when called as %j",
  async (words) => {
    expect((await node.agent(...words)).status).toBe(2);
  },
);

function bad(key: string, value: unknown): string {
  return JSON.stringify(manifest({ services: [{ ...service(), [key]: value }] }));
}
