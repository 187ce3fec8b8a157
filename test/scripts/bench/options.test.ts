import { describe, expect, test } from "vitest";
import { isWithin, optionsOf } from "../../../scripts/bench/options.js";

const parse = (...words: string[]) => optionsOf(words, ["udp", "tcp", "growth/servers"]);

test("all parts are measured in twenty pairs if nothing else is said", () => {
  expect(parse()).toEqual({ only: [], quick: false, rounds: 20, seconds: 2, transport: "udp" });
});

test("the quick form has shorter runs", () => {
  expect(parse("--quick")).toMatchObject({ quick: true, rounds: 20, seconds: 0.8 });
});

test("words of the command line", () => {
  const words = ["--only", "tcp,udp", "--rounds", "5", "--seconds", "0.5", "--debian", "13", "--json", "a.json"];
  expect(parse(...words, "--pictures", "b", "--profile", "shipped", "--transport", "dot")).toEqual({
    ...{ only: ["tcp", "udp"], quick: false, rounds: 5, seconds: 0.5, debian: "13", json: "a.json", pictures: "b" },
    ...{ profile: "shipped", transport: "dot" },
  });
});

test("a name stands for the parts below it", () => {
  expect(parse("--only", "growth,udp")).toMatchObject({ only: ["growth", "udp"] });
  expect(isWithin("growth", "growth/servers")).toBe(true);
  expect(isWithin("growth/servers", "growth/servers")).toBe(true);
  expect(isWithin("grow", "growth/servers")).toBe(false);
});

describe("fails when", () => {
  test.each([
    ["there is no such part", ["--only", "udp,quic"], "--only: no part quic; there are udp, tcp, growth/servers"],
    ["rounds are too few", ["--rounds", "4"], "--rounds: a number of at least 5, got 4"],
    ["rounds are no number", ["--rounds", "many"], "--rounds: a number of at least 5, got many"],
    ["a release is too old", ["--debian", "11"], "--debian: 12 or 13, got 11"],
    ["a transport is unknown", ["--transport", "doh"], "--transport: udp, tcp, dot, sessions, got doh"],
    ["an option is unknown", ["--fast"], "--fast"],
  ])("%s", (_, words, message) => {
    expect(() => parse(...words)).toThrow(message);
    expect(() => parse(...words)).toThrow("usage: npm run bench");
  });
});
