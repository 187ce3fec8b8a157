import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { DotListener } from "../../lib/model/dot-listener.js";
import type { Secret } from "../../lib/model/secret.js";
import { type IssuedCertificate, Lab, LabSecret } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { dnsListener, frontend, standalone } from "./models.js";

/* Which certificate a client gets, and which clients are served by theirs (the article's S14). */

const OWN = "10.0.0.2";
const WHOAMI = "whoami.dns-lb.test";
const FIRST = "certs/first.pem";
const file = (path: string): Secret => ({ kind: "local-file", path });
const MORE = ["certs/second.pem", "certs/wild.pem"];
const TRUST = "certs/clients.pem";

const dot = (name: string, port: number, more: Partial<DotListener>): DotListener => ({
  ...{ kind: "dot", name, port, certificate: file(FIRST), minimumTlsVersion: "1.2", idleTimeout: "10s" },
  ...more,
});
const [SEVERAL, STRICT, NAMED] = [853, 8853, 9853];
const moreCertificates = MORE.map(file);
const allowedNames = ["client one", "HOST.example.com"];

const model = standalone({
  frontends: [
    frontend({
      addresses: [OWN],
      listeners: [
        dnsListener("internal"),
        dot("several", SEVERAL, { moreCertificates }),
        dot("strict", STRICT, { moreCertificates, strictSni: true }),
        dot("named", NAMED, { clientAuth: { trust: file(TRUST), mode: "required", allowedNames } }),
      ],
    }),
  ],
});

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    beforeAll(async () => {
      const secrets = {
        [FIRST]: LabSecret.certificate("first.example.com"),
        [MORE[0] as string]: LabSecret.certificate("second.example.com", "third.example.com"),
        [MORE[1] as string]: LabSecret.certificate("*.wild.example.com"),
        [TRUST]: LabSecret.authority(),
      };
      lab = await Lab.start([model], { ...options, name: `dotcert_${name}`, secrets });
    });
    afterAll(() => lab?.stop());

    const ask = (port: number, more: { tlsName?: string; clientCertificate?: IssuedCertificate } = {}) =>
      lab.client("10.0.0.77").query(WHOAMI, "TXT", { server: OWN, port, transport: "dot", ...more });

    /** The first name of the certificate that a client gets who asks for a name, or for none. */
    const subject = async (port: number, asked?: string) => {
      const words = [
        "-connect",
        `${OWN}:${port}`,
        ...(asked === undefined ? ["-noservername"] : ["-servername", asked]),
      ];
      const script = 'openssl s_client "$@" </dev/null 2>&1 | sed -n "s/^subject=CN *= *//p"';
      return (await lab.node("lb1").exec(["sh", "-c", script, "sh", ...words])).stdout.trim();
    };

    test.each([
      ["first.example.com", "first.example.com"],
      ["second.example.com", "second.example.com"],
      ["THIRD.example.com", "second.example.com"],
      ["a.wild.example.com", "*.wild.example.com"],
    ])("a client that asks for %s gets the certificate of %s", async (asked, got) => {
      for (const port of [SEVERAL, STRICT]) {
        expect(await subject(port, asked)).toBe(got);
        expect(await ask(port, { tlsName: asked })).toMatchObject({ status: "NOERROR" });
      }
    });

    test.each([undefined, "unknown.example.com", "a.b.wild.example.com"])(
      "a client that asks for %s gets the first, or nothing where names are strict",
      async (asked) => {
        expect(await subject(SEVERAL, asked)).toBe("first.example.com");
        expect(await subject(STRICT, asked)).toBe("");
      },
    );

    describe("clients by the names of their certificates", () => {
      test.each([
        ["client one", "NOERROR"],
        ["Client ONE", "NOERROR"],
        ["host.example.com", "NOERROR"],
        ["client two", "refused"],
        ["client one more", "refused"],
        ["client", "refused"],
      ])("%s: %s", async (common, outcome) => {
        const { status } = await ask(NAMED, { clientCertificate: await issued(common) });
        if (outcome === "NOERROR") expect(status).toBe("NOERROR");
        else expect(status).not.toBe("NOERROR");
      });

      test("whoever presents none, or has the name among others alone, is not served", async () => {
        expect((await ask(NAMED)).status).not.toBe("NOERROR");
        const other = await issued("someone else", "DNS:host.example.com");
        expect((await ask(NAMED, { clientCertificate: other })).status).not.toBe("NOERROR");
      });

      test.each(["tls1_2", "tls1_3"])(
        "a session that is resumed has the name of its beginning, in %s",
        async (version) => {
          for (const [common, served] of [
            ["client one", true],
            ["client two", false],
          ] as const) {
            const { pem } = await issued(common);
            const directory = mkdtempSync(join(inject("scratch"), "named-"));
            writeFileSync(join(directory, "client.pem"), pem);
            const target = ["-connect", `${OWN}:${NAMED}`, `-${version}`, "-quiet", "-no_ign_eof"];
            const own = ["-cert", join(directory, "client.pem"), "-key", join(directory, "client.pem")];
            // A query for the root's NS, after its length.
            const script = [
              'query() { printf "\\000\\021\\253\\315\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000\\000\\000\\002\\000\\001"; sleep 1; }',
              'kept=$1; shift; query | openssl s_client "$@" -sess_out "$kept" 2>/dev/null | wc -c',
              'query | openssl s_client "$@" -sess_in "$kept" 2>/dev/null | wc -c',
            ].join("\n");
            const words = ["sh", "-c", script, "sh", join(directory, "session"), ...target, ...own];
            const { stdout } = await lab.node("lb1").exec(words);
            const sizes = stdout.trim().split("\n").map(Number);
            expect(sizes.map((size) => size > 0)).toEqual([served, served]);
          }
        },
      );
    });

    /** A certificate of the lab's authority for a client. */
    async function issued(common: string, alternative?: string): Promise<IssuedCertificate> {
      const directory = mkdtempSync(join(inject("scratch"), "client-"));
      const base = join(directory, "client");
      const authority = lab.authority.certificate;
      const made = spawnSync("openssl", [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"],
        ...["-CA", authority, "-CAkey", authority.replace(/\.pem$/, ".key"), "-subj", `/CN=${common}`],
        ...["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=clientAuth"],
        ...(alternative === undefined ? [] : ["-addext", `subjectAltName=${alternative}`]),
        ...["-keyout", `${base}.key`, "-out", `${base}.pem`],
      ]);
      expect(made.status, made.stderr.toString()).toBe(0);
      const pem = spawnSync("cat", [`${base}.pem`, `${base}.key`], { encoding: "utf8" }).stdout;
      return { certificate: `${base}.pem`, key: `${base}.key`, pem };
    }
  },
  { ownIfShort: true },
);
