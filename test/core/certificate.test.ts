import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authorityProblems, serverCertificateProblems } from "../../lib/core/certificate.js";
import { CLIENTS, pemOf, SERVERS, testCertificate } from "../certificates.js";

const root = testCertificate({ subject: "Root", ca: true });
const upper = testCertificate({ subject: "Upper", ca: true, issuer: root });
const lower = testCertificate({ subject: "Lower", ca: true, issuer: upper });
const leaf = testCertificate({
  subject: "dns.example.com",
  issuer: lower,
  names: ["dns.example.com", "*.dot.example.com"],
  purposes: [SERVERS],
});
const stranger = testCertificate({ subject: "Stranger", ca: true });
/** Of the same name as an issuer, with another key. */
const impostor = testCertificate({ subject: "Lower", ca: true, issuer: upper });
const own = testCertificate({ subject: "self", names: ["self.example"], ca: true });
const first = testCertificate({ subject: "old", version1: true });
const clients = testCertificate({ subject: "clients", purposes: [CLIENTS] });
const any = testCertificate({ subject: "any", purposes: ["2.5.29.37.0"] });

const rsa = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits }).privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const encrypted = (type: "pkcs8" | "pkcs1") =>
  generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type, format: "pem", cipher: "aes-256-cbc", passphrase: "hunter2" },
  }).privateKey;

const file = (...parts: readonly string[]) => parts.join("");
const said = (text: string, serverName?: string) =>
  serverCertificateProblems(text, serverName).map(({ code, message }) => `${message} [${code}]`);

describe("the certificate of a server", () => {
  test.each([
    ["with its chain and key", file(leaf.pem, lower.pem, upper.pem, leaf.keyPem)],
    ["with the key first", file(leaf.keyPem, leaf.pem, lower.pem, upper.pem)],
    ["with the root", file(leaf.pem, lower.pem, upper.pem, root.pem, leaf.keyPem)],
    ["without its issuer", file(leaf.pem, leaf.keyPem)],
    ["that signed itself", file(own.pem, own.keyPem)],
    ["for any purpose", file(any.pem, any.keyPem)],
    ["of the first version", file(first.pem, first.keyPem)],
    [
      "with text between and the line ends of Windows",
      `# dns\n${file(leaf.pem, lower.pem, leaf.keyPem)}`.replace(/\n/g, "\r\n"),
    ],
    [
      "with parameters of a curve",
      file(pemOf("EC PARAMETERS", Buffer.from("06082a8648ce3d030107", "hex")), leaf.pem, leaf.keyPem),
    ],
  ])("is accepted %s", (_, text) => {
    expect(said(text)).toEqual([]);
  });

  test("is accepted for each of its names", () => {
    const text = file(leaf.pem, lower.pem, leaf.keyPem);
    for (const name of ["dns.example.com", "DNS.Example.com", "dns.example.com.", "a.dot.example.com"]) {
      expect(said(text, name)).toEqual([]);
    }
  });

  test.each([
    ["an empty file", ""],
    ["a key alone", leaf.keyPem],
    [
      "a request in the place of the certificate",
      file(pemOf("CERTIFICATE REQUEST", Buffer.from("3000", "hex")), leaf.keyPem),
    ],
    ["a certificate alone", leaf.pem],
    ["two keys", file(leaf.pem, leaf.keyPem, own.keyPem)],
    ["an encrypted key of PKCS#8", file(leaf.pem, encrypted("pkcs8"))],
    ["an encrypted key of PKCS#1", file(leaf.pem, encrypted("pkcs1"))],
    ["a key that is too short", file(leaf.pem, rsa(1_024))],
    ["a key that cannot be read", file(leaf.pem, pemOf("PRIVATE KEY", Buffer.from("secret")))],
    ["a key of OpenSSH", file(leaf.pem, pemOf("OPENSSH PRIVATE KEY", Buffer.from("secret")))],
    ["a certificate that cannot be read", file(pemOf("CERTIFICATE", Buffer.from("secret")), leaf.keyPem)],
    ["a file that is cut", file(leaf.pem, leaf.keyPem.slice(0, -20))],
    ["a byte order mark", `\u00ef\u00bb\u00bf${file(leaf.pem, leaf.keyPem)}`],
    ["indented blocks", file(leaf.pem, leaf.keyPem).replace(/^/gm, "  ")],
    ["another key", file(leaf.pem, lower.pem, own.keyPem)],
    ["the chain before the certificate", file(lower.pem, leaf.pem, leaf.keyPem)],
    ["the issuers in another order", file(leaf.pem, upper.pem, lower.pem, leaf.keyPem)],
    ["a stranger", file(leaf.pem, lower.pem, stranger.pem, leaf.keyPem)],
    ["a gap", file(leaf.pem, upper.pem, leaf.keyPem)],
    ["an issuer of the right name and another key", file(leaf.pem, impostor.pem, leaf.keyPem)],
    ["the certificate twice", file(leaf.pem, leaf.pem, lower.pem, leaf.keyPem)],
    ["another leaf", file(leaf.pem, clients.pem, leaf.keyPem)],
    ["a certificate of clients", file(clients.pem, clients.keyPem)],
  ])("fails when the file holds %s", (_, text) => {
    expect(said(text)).toMatchSnapshot();
  });

  test("fails when it is for other names, whatever its subject says", () => {
    const text = file(leaf.pem, lower.pem, leaf.keyPem);
    expect(said(text, "dns.example.net")).toMatchInlineSnapshot(`
      [
        "must be for "dns.example.net", the 'serverName', got one for "dns.example.com", "*.dot.example.com"; clients that expect the name refuse it [DNSLB161]",
      ]
    `);
    for (const name of ["dot.example.com", "a.b.dot.example.com", "example.com", "192.0.2.1", "."]) {
      expect(said(text, name)).toHaveLength(1);
    }
    expect(said(file(own.pem, own.keyPem), "self")).toHaveLength(1);
    expect(said(file(any.pem, any.keyPem), "any")).toMatchInlineSnapshot(`
      [
        "must be for "any", the 'serverName', got one for no name; clients that expect the name refuse it [DNSLB161]",
      ]
    `);
  });

  test("property: any order but the right one of a chain is refused, and strangers always", () => {
    const chain = [leaf, lower, upper, root];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
        fc.constantFrom(-1, 0, 1, 2, 3, 4),
        (order, strangerAt) => {
          const parts = order.map((index) => chain[index]?.pem ?? "");
          const isRight = order.every((each, index) => each === index);
          const withStranger = strangerAt >= 0 && strangerAt <= parts.length;
          if (withStranger) parts.splice(strangerAt, 0, stranger.pem);
          expect(said(file(...parts, leaf.keyPem)).length === 0).toBe(isRight && !withStranger);
        },
      ),
    );
  });

  test("property: no message has a line of a key, and nothing throws", () => {
    const lines = leaf.keyPem.split("\n").filter((line) => line.length >= 16 && !line.includes("-----"));
    expect(lines).not.toEqual([]);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(leaf.pem, leaf.keyPem, own.keyPem, "\0", "-----BEGIN ")),
        fc.nat(600),
        (parts, cut) => {
          const text = parts.join("").slice(cut);
          const words = [...serverCertificateProblems(text, "a.example"), ...authorityProblems(text)];
          for (const { message } of words) {
            expect(lines.filter((line) => message.includes(line))).toEqual([]);
            expect(message).not.toMatch(/\n/);
          }
        },
      ),
    );
  });

  test("property: what a certificate is called cannot break a message", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: "grapheme-composite" }), (subject) => {
        const odd = testCertificate({ subject, names: ["a\nb.example"] });
        const text = file(leaf.pem, odd.pem, leaf.keyPem);
        for (const line of [...said(text), ...said(file(odd.pem, odd.keyPem), "a.example")]) {
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("certificates of authorities", () => {
  const problems = (text: string) => authorityProblems(text).map(({ code, message }) => `${message} [${code}]`);

  test.each([
    ["one", root.pem],
    ["several of different chains", file(root.pem, stranger.pem, lower.pem)],
    ["one of the first version", first.pem],
    ["a client's own", testCertificate({ subject: "client" }).pem],
  ])("are accepted: %s", (_, text) => {
    expect(problems(text)).toEqual([]);
  });

  test.each([
    ["an empty file", ""],
    ["a key", file(root.pem, root.keyPem)],
    ["a key alone", root.keyPem],
    ["a certificate that may sign none", file(root.pem, leaf.pem)],
    ["what cannot be read", pemOf("CERTIFICATE", Buffer.from("secret"))],
    ["a file that is cut", root.pem.slice(0, -10)],
  ])("fails when they are %s", (_, text) => {
    expect(problems(text)).toMatchSnapshot();
  });
});
