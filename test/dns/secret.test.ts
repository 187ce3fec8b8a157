import { Lazy, TerraformVariable, Token } from "cdktf";
import { describe, expect, test } from "vitest";
import { Certificate } from "../../lib/dns/certificate.js";
import { Secret } from "../../lib/dns/secret.js";
import { TrustStore } from "../../lib/dns/trust-store.js";
import type { SecretFromVariable } from "../../lib/model/secret.js";
import { Tsig } from "../../lib/servers/tsig.js";
import { newStack, refusal } from "../constructs.js";

describe("Secret", () => {
  test("refers to a sensitive variable by its token", () => {
    const variable = new TerraformVariable(newStack(), "password", { type: "string", sensitive: true });
    const { value, ...rest } = Secret.fromVariable(variable) as SecretFromVariable;
    expect(rest).toEqual({ kind: "variable", name: "password" });
    expect(Token.isUnresolved(value)).toBe(true);
  });

  test("refers to files by their path", () => {
    expect(Certificate.fromLocalFile("certs/dns.pem")).toEqual({ kind: "local-file", path: "certs/dns.pem" });
    expect(TrustStore.fromNodeFile("/etc/ssl/ca.pem")).toEqual({ kind: "node-file", path: "/etc/ssl/ca.pem" });
  });

  test("refers to a certificate on the node, and to its key if that is another file", () => {
    const path = "/etc/lego/dns.pem";
    expect(Certificate.fromNodeFile(path)).toEqual({ kind: "node-file", path });
    const key = "/etc/lego/dns.key";
    expect(Certificate.fromNodeFile(path, { key })).toEqual({ kind: "node-file", path, key });
    expect(refusal(() => Certificate.fromNodeFile(path, { key: "dns.key" }))).toMatchInlineSnapshot(
      `"[Certificate.fromNodeFile()] 'key' must be the absolute path of a file on the node, got "dns.key" [DNSLB109]"`,
    );
    expect(refusal(() => Certificate.fromNodeFile(path, { Key: key } as never))).toMatchInlineSnapshot(
      `"[Certificate.fromNodeFile()] 'Key' is no property of Certificate.fromNodeFile(), did you mean 'key'? [DNSLB101]"`,
    );
  });

  test("fails when what has no key of its own is given one", () => {
    const secret = Certificate.fromNodeFile("/etc/lego/dns.pem", { key: "/etc/lego/dns.key" });
    expect(refusal(() => Tsig.key({ name: "key.example.com", secret }))).toMatchInlineSnapshot(
      `"[Tsig.key()] 'secret' must be one file, got Certificate.fromNodeFile() with a 'key'; only certificates have one [DNSLB103]"`,
    );
  });

  test("fails when the variable is not sensitive, and keeps its value to itself", () => {
    const variable = new TerraformVariable(newStack(), "password", { type: "string", default: "hunter2" });
    expect(refusal(() => Secret.fromVariable(variable))).toMatchInlineSnapshot(
      `"[Secret.fromVariable()] 'variable' must be a TerraformVariable with 'sensitive: true', got an object of TerraformVariable [DNSLB103]"`,
    );
  });

  test("fails when a variable has a default, which is never told", () => {
    for (const value of ["hunter2", "", null, 0]) {
      const variable = new TerraformVariable(newStack(), "password", { sensitive: true, default: value });
      expect(refusal(() => Secret.fromVariable(variable))).toMatchInlineSnapshot(
        `"[Secret.fromVariable()] 'variable' must be a TerraformVariable without 'default', which would stand in the synthesized JSON; leave it out, and give the value at the deployment, as by TF_VAR_<name> [DNSLB103]"`,
      );
    }
    const nullable = new TerraformVariable(newStack(), "password", { sensitive: true, nullable: false });
    expect(refusal(() => Secret.fromVariable(nullable))).toBe("nothing was refused");
  });

  test("fails when a variable is no text", () => {
    const variable = new TerraformVariable(newStack(), "password", { sensitive: true, type: "list(string)" });
    expect(refusal(() => Certificate.fromVariable(variable))).toMatchInlineSnapshot(
      `"[Certificate.fromVariable()] 'variable' must be a TerraformVariable of type "string", got one of type "list(string)" [DNSLB103]"`,
    );
  });

  test("fails when a value is given in the place of a variable, and keeps it to itself", () => {
    expect(refusal(() => Secret.fromVariable("hunter2" as never))).toMatchInlineSnapshot(
      `"[Secret.fromVariable()] 'variable' must be a TerraformVariable with 'sensitive: true', got a string [DNSLB103]"`,
    );
  });

  test("fromEphemeral() takes a reference, and a version by which a change is known", () => {
    const reference = Lazy.stringValue({ produce: () => "${ephemeral.vault.password}" });
    expect(Secret.fromEphemeral(reference, { version: "7" })).toEqual({
      kind: "ephemeral",
      version: "7",
      value: reference,
    });
    expect(refusal(() => Secret.fromEphemeral("hunter2", { version: "7" }))).toMatchInlineSnapshot(
      `"[Secret.fromEphemeral()] 'reference' must be a reference to an ephemeral value, as a cdktf token, got a string [DNSLB103]"`,
    );
    expect(refusal(() => Secret.fromEphemeral(reference, { version: "" }))).toMatchInlineSnapshot(
      `"[Secret.fromEphemeral()] 'version' must be a text of 1 to 128 printable ASCII characters, got "" [DNSLB109]"`,
    );
  });

  test("fails when paths are none", () => {
    expect(refusal(() => Secret.fromLocalFile("a\nb"))).toMatchInlineSnapshot(
      `"[Secret.fromLocalFile()] 'path' must be the path of a file, got "a\\nb" [DNSLB109]"`,
    );
    expect(refusal(() => Secret.fromNodeFile("certs/dns.pem"))).toMatchInlineSnapshot(
      `"[Secret.fromNodeFile()] 'path' must be the absolute path of a file on the node, got "certs/dns.pem" [DNSLB109]"`,
    );
    expect(refusal(() => Secret.fromLocalFile(""))).toMatchInlineSnapshot(
      `"[Secret.fromLocalFile()] 'path' must be the path of a file, got "" [DNSLB109]"`,
    );
  });
});
