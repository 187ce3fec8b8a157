import { describe, expect, test } from "vitest";
import { DnsdistConfig, printDnsdistPolicy } from "../../../lib/config/dnsdist/index.js";
import { samplePolicy } from "./sample.js";

const config = DnsdistConfig.parse(printDnsdistPolicy(samplePolicy));

describe("DnsdistConfig", () => {
  test("shows servers, pools with their servers, and rules as text", () => {
    expect(config.servers.map(({ id }) => id)).toEqual([
      "resolvers/resolver1",
      "resolvers:tcp/resolver1",
      "judged:tcp/r1",
      "judged/r1",
      "public/quad9",
    ]);
    expect(config.server("public/quad9").options.tls).toBe("openssl");
    expect(config.pool("resolvers:all").policy).toBe("sendAnyway");
    expect(config.pool("resolvers:all").servers.map(({ id }) => id)).toEqual(["resolvers/resolver1"]);
    expect(config.rule("from outside").action).toBe("RCodeAction(DNSRCode.REFUSED)");
    expect(config.rules.at(-1)).toEqual({ name: "rest", rule: "AllRule()", action: "DropAction()" });
  });

  test("fails when something is not there", () => {
    expect(() => config.server("resolver1")).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: policy.lua has no server 'resolver1', it has: 'resolvers/resolver1', 'resolvers:tcp/resolver1', 'judged:tcp/r1', 'judged/r1', 'public/quad9' [DNSLB807]]`,
    );
    expect(() => config.pool("nope")).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: policy.lua has no pool 'nope', it has: 'resolvers', 'resolvers:tcp', 'judged', 'resolvers:all', 'public', 'sources', 'ordered' [DNSLB807]]`,
    );
    expect(() => config.rule("nope")).toThrow(
      /policy.lua has no rule 'nope', it has: 'serving', 'alive', 'from outside'/,
    );
  });
});
