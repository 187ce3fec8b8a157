import { afterAll, describe, expect, test } from "vitest";
import {
  call,
  type DnsdistPolicy,
  isDnsdistCheckOutputClean,
  list,
  printDnsdistPolicy,
} from "../../../lib/config/dnsdist/index.js";
import { sampleListeners, samplePolicy } from "../../config/dnsdist/sample.js";
import { checkConfig, have, Releases } from "./dnsdist-node.js";

describe.runIf(have("dnsdist"))("dnsdist --check-config", () => {
  const releases = new Releases();
  afterAll(() => releases.remove());

  test("takes every function and option, and says nothing else", () => {
    const { status, output } = checkConfig(releases.write(samplePolicy, sampleListeners(releases.keyFile)));
    expect(output).toSatisfy(isDnsdistCheckOutputClean);
    expect(status).toBe(0);
  });

  test("takes a candidate where the console's key is not there yet", () => {
    const { status, output } = checkConfig(releases.write(samplePolicy, sampleListeners("/nonexistent/dnsdist.key")));
    expect(output).toSatisfy(isDnsdistCheckOutputClean);
    expect(status).toBe(0);
  });

  test("takes strings that try to be code", () => {
    const nasty = '"), os.execute("touch /tmp/x") --\n]]\\\0\u{1f600}';
    const policy: DnsdistPolicy = {
      servers: [{ id: nasty, pools: [nasty], options: { address: "192.0.2.1:53", name: nasty } }],
      pools: [{ name: nasty, policy: "roundRobin" }],
      rules: [{ name: nasty, rule: call("AllRule"), action: call("PoolAction", nasty) }],
    };
    expect(checkConfig(releases.write(policy)).output).toSatisfy(isDnsdistCheckOutputClean);
  });

  const text = printDnsdistPolicy(samplePolicy);
  test.each<[string, string, RegExp]>([
    ["the policy is cut off", text.slice(0, -10), /expected/],
    [
      "an address is none",
      text.replace("192.0.2.1:53", "resolver1"),
      /refuses server resolvers\/resolver1 at resolver1/,
    ],
    ["a weight is zero", text.replace("weight = 3", "weight = 0"), /refuses server resolvers\/resolver1/],
    ["a netmask is none", text.replace("10.0.0.0/8", "10.0.0/8"), /./],
    ["a rule is misspelt", text.replace("AllRule()", "AllRules()"), /AllRules/],
    ["an action is a rule", text.replace("DropAction()", "AllRule()"), /Unable to convert/],
    [
      "a pool is not declared",
      text.replace('PoolAction("resolvers")', 'PoolAction("nope")'),
      /pool nope is not among the pools/,
    ],
    [
      "a pool's policy is unknown",
      text.replace('policy = "wrandom"', 'policy = "random"'),
      /pool public has no known policy/,
    ],
    [
      "two servers share an id",
      text.replaceAll("resolvers:tcp/resolver1", "public/quad9"),
      /server public\/quad9 is there twice/,
    ],
    [
      "two servers share a name",
      text.replace('"resolver1:tcp"', '"resolver1"'),
      /servers resolvers\/resolver1 and resolvers:tcp\/resolver1 have one name/,
    ],
    ["the policy runs a program", text.replace("AllRule()", 'os.execute("true")'), /'os' \(a nil value\)/],
    [
      "a limiter is no limiter",
      text.replace("MaxQPSRule, 10000", "AllRule, 10000"),
      /something else than MaxQPSIPRule/,
    ],
  ])("fails when %s", (_, policy, message) => {
    expect(policy).not.toBe(text);
    const { status, output } = checkConfig(releases.write(policy));
    expect(output).toMatch(message);
    expect(output).not.toSatisfy(isDnsdistCheckOutputClean);
    expect(status).toBe(1);
  });

  test("fails when a listener's address is none", () => {
    const listeners = { keyFile: releases.keyFile, calls: [call("setLocal", "nonsense"), call("setACL", list("x"))] };
    const { output } = checkConfig(releases.write(samplePolicy, listeners));
    expect(output).not.toSatisfy(isDnsdistCheckOutputClean);
  });
});
