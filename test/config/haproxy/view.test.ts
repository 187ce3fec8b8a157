import { describe, expect, test } from "vitest";
import { HaproxyConfig } from "../../../lib/config/haproxy/index.js";

const config = HaproxyConfig.parse(`
global
  maxconn 4000
  nbthread 2
defaults
  mode tcp
defaults web
  mode http
peers lb
  bind 10.0.0.2:10000
  server lb1
  server lb2 10.0.0.3:10000
frontend internal-tcp
  bind 10.0.0.53:53,[2001:db8::53]:53 transparent
  bind :853 ssl crt tls/dot.pem
  bind unix@/run/x.sock
  default_backend resolvers
backend resolvers
  balance leastconn
  server r1 192.0.2.1:53 check inter 1s
  server r2 [2001:db8::1]:5353
  server r3 2001:db8::2:53 backup
  server r4 resolver.example check
`);

describe("a section", () => {
  test("shows its lines as printed", () => {
    expect(config.global.lines).toEqual(["maxconn 4000", "nbthread 2"]);
    expect(config.backend("resolvers").has("balance leastconn")).toBe(true);
    expect(config.backend("resolvers").has("balance")).toBe(false);
    expect(config.frontend("internal-tcp").directives.at(-1)).toEqual(["default_backend", "resolvers"]);
  });

  test("is found by kind and name", () => {
    expect(config.defaults().lines).toEqual(["mode tcp"]);
    expect(config.defaults("web").lines).toEqual(["mode http"]);
    expect([config.global.name, config.defaults().name, config.peers("lb").name]).toEqual(["global", "defaults", "lb"]);
  });

  test("takes its servers apart", () => {
    expect(config.backend("resolvers").servers).toEqual([
      { name: "r1", address: "192.0.2.1", port: 53, options: ["check", "inter", "1s"] },
      { name: "r2", address: "2001:db8::1", port: 5353, options: [] },
      { name: "r3", address: "2001:db8::2", port: 53, options: ["backup"] },
      { name: "r4", address: "resolver.example", options: ["check"] },
    ]);
    expect(config.peers("lb").servers).toEqual([
      { name: "lb1", options: [] },
      { name: "lb2", address: "10.0.0.3", port: 10000, options: [] },
    ]);
  });

  test("takes its binds apart, one for each address", () => {
    expect(config.frontend("internal-tcp").binds).toEqual([
      { address: "10.0.0.53", port: 53, options: ["transparent"] },
      { address: "2001:db8::53", port: 53, options: ["transparent"] },
      { address: "*", port: 853, options: ["ssl", "crt", "tls/dot.pem"] },
      { address: "unix@/run/x.sock", options: [] },
    ]);
  });

  test("fails when it is not there, with those that are", () => {
    expect(() => config.backend("resolver")).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: haproxy.cfg has no section 'backend resolver', it has: global, defaults, defaults web, peers lb, frontend internal-tcp, backend resolvers [DNSLB807]]`,
    );
    expect(() => config.listen("x")).toThrow("no section 'listen x'");
    expect(() => config.userlist("x")).toThrow("no section 'userlist x'");
    expect(() => HaproxyConfig.parse("").global).toThrow("no section 'global', it has: none");
  });
});
