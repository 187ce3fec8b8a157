import { TerraformVariable, Token } from "cdktf";
import { describe, expect, test } from "vitest";
import { Certificate } from "../../lib/dns/certificate.js";
import { Secret } from "../../lib/dns/secret.js";
import { TrustStore } from "../../lib/dns/trust-store.js";
import type { SecretFromVariable } from "../../lib/model/secret.js";
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

  test("fails when the variable is not sensitive, and keeps its value to itself", () => {
    const variable = new TerraformVariable(newStack(), "password", { type: "string", default: "hunter2" });
    expect(refusal(() => Secret.fromVariable(variable))).toMatchInlineSnapshot(
      `"'variable' must be a TerraformVariable with 'sensitive: true', got an object of TerraformVariable [DNSLB103]"`,
    );
  });

  test("fails when a value is given in the place of a variable, and keeps it to itself", () => {
    expect(refusal(() => Secret.fromVariable("hunter2" as never))).toMatchInlineSnapshot(
      `"'variable' must be a TerraformVariable with 'sensitive: true', got a string [DNSLB103]"`,
    );
  });

  test("fails when paths are none", () => {
    expect(refusal(() => Secret.fromLocalFile("a\nb"))).toMatchInlineSnapshot(
      `"'path' must be the path of a file, got "a\\nb" [DNSLB109]"`,
    );
    expect(refusal(() => Secret.fromNodeFile("certs/dns.pem"))).toMatchInlineSnapshot(
      `"'path' must be the absolute path of a file on the node, got "certs/dns.pem" [DNSLB109]"`,
    );
    expect(refusal(() => Secret.fromLocalFile(""))).toMatchInlineSnapshot(
      `"'path' must be the path of a file, got "" [DNSLB109]"`,
    );
  });
});
