import { describe, expect, test } from "vitest";
import { BirdConfig, printBird } from "../../../lib/config/bird/index.js";
import { SAMPLE } from "./sample.js";

const config = BirdConfig.parse(printBird(SAMPLE));

describe("bird.conf", () => {
  test("shows a session", () => {
    expect(config.bgp("r1v4")).toMatchObject({
      name: "r1v4",
      template: "upstream",
      localAddress: "10.0.0.2",
      localAsn: 64_512,
      neighbor: "10.0.0.1",
      neighborAsn: 64_500,
      password: "MD5_R1",
    });
    expect(config.bgp("r1v4").linesOf("ipv4")).toEqual([
      "import where net = 0.0.0.0/0;",
      "import limit 2 action block;",
      "export filter announce;",
      "next hop self;",
    ]);
  });

  test("shows what is not said as undefined, also if its template says it", () => {
    const { holdTime, multihop, bfd } = config.bgp("r1v4");
    expect([holdTime, multihop, bfd]).toEqual([undefined, undefined, undefined]);
    const far = config.bgp("far");
    expect([far.localAddress, far.localAsn, far.template, far.password]).toEqual([
      undefined,
      64_512,
      undefined,
      undefined,
    ]);
    expect([far.neighbor, far.neighborAsn, far.multihop]).toEqual(["198.51.100.1", 4_200_000_001, 3]);
  });

  test("shows a template", () => {
    expect(config.template("upstream")).toMatchObject({ holdTime: 9, bfd: "on", neighbor: undefined });
    expect(config.template("upstream").has("error wait time 1, 5;")).toBe(true);
  });

  test("shows definitions, filters, other blocks, and the lines of the daemon", () => {
    expect(config.definition("SERVICE4")).toEqual({ prefixes: ["203.0.113.53/32"] });
    expect(config.filter("install")).toEqual([
      "if source != RTS_BGP then reject;",
      "krt_prefsrc = 10.0.0.2;",
      "accept;",
    ]);
    expect(config.block("protocol direct", "service").lines).toEqual(['interface "lo";']);
    expect(config.block("protocol bfd").linesOf("interface")).toContain("min rx interval 300 ms;");
    expect(config.block("protocol device").has("scan time 10;")).toBe(true);
    expect(config.lines).toContain('include "secrets.conf";');
  });

  test.each([
    ["a session", () => config.bgp("r2"), "protocol bgp r2"],
    ["a template", () => config.template("r1v4"), "template bgp r1v4"],
    ["a definition", () => config.definition("COST"), "define COST"],
    ["a filter", () => config.filter("SERVICE4"), "filter SERVICE4"],
    ["a block", () => config.block("protocol static", "x"), "protocol static x"],
  ])("fails when it is asked for %s that is not there", (_, ask, title) => {
    expect(ask).toThrow(`bird.conf has no statement '${title}', it has: define SERVICE4, `);
  });
});
