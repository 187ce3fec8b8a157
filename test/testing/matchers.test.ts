import { describe, expect, test } from "vitest";
import { dnsLbMatchers } from "../../lib/testing/matchers.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { appWithPair } from "./app.js";

expect.extend(dnsLbMatchers);

const [lb1] = nodesOf(appWithPair());

describe("toHaveHaproxyLine", () => {
  test("finds a line of a section", () => {
    expect(lb1).toHaveHaproxyLine("backend resolvers", "balance leastconn");
    expect(lb1).toHaveHaproxyLine("global", "default-path config");
    expect(lb1).not.toHaveHaproxyLine("backend resolvers", "balance roundrobin");
  });

  test("fails when the line is not there", () => {
    expect(() => expect(lb1).toHaveHaproxyLine("userlist nobody", "user ops")).toThrowErrorMatchingInlineSnapshot(`
      [Error: haproxy.cfg of node "lb1" has no section "userlist nobody", it has:
        global
        defaults
        frontend internal
        frontend dot
        backend resolvers
        backend dnsdist:tcp
        frontend statistics:node
        backend dnsdist:metrics
        frontend health:node]
    `);
    expect(() => expect(lb1).toHaveHaproxyLine("frontend health:node", "balance")).toThrowErrorMatchingInlineSnapshot(`
      [Error: section "frontend health:node" of node "lb1" has no line "balance", it has:
        mode http
        maxconn 100
        bind 127.0.0.1:8405
        timeout client 2s
        http-request return status 200 if { path /alive }
        http-request return status 404]
    `);
  });

  test("fails when the line is there and must not be", () => {
    expect(() =>
      expect(lb1).not.toHaveHaproxyLine("backend resolvers", "balance leastconn"),
    ).toThrowErrorMatchingInlineSnapshot(
      `[Error: section "backend resolvers" of node "lb1" has the line "balance leastconn"]`,
    );
  });

  test("fails when it is given something else than a node", () => {
    expect(() => expect("lb1").toHaveHaproxyLine("global", "a")).toThrowErrorMatchingInlineSnapshot(
      `[TestingError: toHaveHaproxyLine() must get a node that nodesOf() returned, got string]`,
    );
  });
});

describe("toHaveFile", () => {
  test("finds a file and compares its content", () => {
    expect(lb1).toHaveFile("manifest.json");
    expect(lb1).toHaveFile("haproxy/lists/internal-allow.lst", "10.0.0.0/8\n");
    expect(lb1).not.toHaveFile("haproxy.cfg");
    expect(lb1).not.toHaveFile("haproxy/lists/internal-allow.lst", "");
  });

  test("fails when the file is not there", () => {
    expect(() => expect(lb1).toHaveFile("haproxy.cfg")).toThrowErrorMatchingInlineSnapshot(`
      [Error: node "lb1" has no file haproxy.cfg, it has:
        dnsdist/dnsdist.conf
        dnsdist/policy.lua
        dnsdist/runtime.lua
        haproxy/haproxy.cfg
        haproxy/lists/internal-allow.lst
        keepalived/adverts.nft
        keepalived/keepalived.conf
        manifest.json]
    `);
  });

  test("fails when the content is another", () => {
    const path = "haproxy/lists/internal-allow.lst";
    expect(() => expect(lb1).toHaveFile(path, "10.0.0.0/8\n10.0.0.0/9\n")).toThrowErrorMatchingInlineSnapshot(`
      [Error: file haproxy/lists/internal-allow.lst of node "lb1" has other content:
        line 2, expected: "10.0.0.0/9"
        line 2, found:    ""]
    `);
    expect(() => expect(lb1).toHaveFile(path, "10.0.0.0/8")).toThrowErrorMatchingInlineSnapshot(`
      [Error: file haproxy/lists/internal-allow.lst of node "lb1" has other content:
        line 2, expected: the end
        line 2, found:    ""]
    `);
  });

  test("fails when the file is there and must not be", () => {
    expect(() => expect(lb1).not.toHaveFile("manifest.json")).toThrowErrorMatchingInlineSnapshot(
      `[Error: node "lb1" has the file manifest.json]`,
    );
  });
});
