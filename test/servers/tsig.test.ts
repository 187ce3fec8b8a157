import { expect, test } from "vitest";
import { Secret } from "../../lib/dns/secret.js";
import { Tsig } from "../../lib/servers/tsig.js";
import { refusal } from "../constructs.js";

test("a key has a name, an algorithm and a secret by reference", () => {
  expect(Tsig.key({ name: "Transfer.example", secret: Secret.fromNodeFile("/etc/transfer.key") })).toEqual({
    kind: "tsig",
    name: "transfer.example.",
    algorithm: "hmac-sha256",
    secret: { kind: "node-file", path: "/etc/transfer.key" },
  });
});

test("fails when its secret is given as it is, and keeps it to itself", () => {
  const text = refusal(() => Tsig.key({ name: "transfer.example", secret: "aHVudGVyMg==" as never }));
  expect(text).toMatchInlineSnapshot(
    `"[Tsig.key()] 'secret' must be Secret.fromVariable(), Secret.fromEphemeral(), Secret.fromLocalFile() or Secret.fromNodeFile(), got a string [DNSLB103]"`,
  );
  expect(text).not.toContain("aHVudGVyMg");
});

test("fails when its name or algorithm is none", () => {
  const secret = Secret.fromNodeFile("/k");
  expect(refusal(() => Tsig.key({ name: 'a"b', secret, algorithm: "hmac-md5" as never }))).toMatchInlineSnapshot(`
    "[Tsig.key()] 'algorithm' must be "hmac-sha256" or "hmac-sha384" or "hmac-sha512", got "hmac-md5" [DNSLB103]
    [Tsig.key()] 'name' must be a domain name in ASCII, such as "example.com", got "a\\"b" [DNSLB109]"
  `);
  expect(refusal(() => Tsig.key({ name: ".", secret }))).toMatchInlineSnapshot(
    `"[Tsig.key()] 'name' must be the name of a key, got "." [DNSLB109]"`,
  );
});
