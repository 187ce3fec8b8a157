import { describe, expect, test } from "vitest";
import { optionsOf } from "../../../scripts/bench/options.js";

const parse = (...words: string[]) => optionsOf(words, ["udp", "tcp"]);

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

describe("fails when", () => {
  test.each([
    ["there is no such part", ["--only", "udp,quic"], "--only: no part quic; there are udp, tcp"],
    ["rounds are too few", ["--rounds", "4"], "--rounds: a number of at least 5, got 4"],
    ["rounds are no number", ["--rounds", "many"], "--rounds: a number of at least 5, got many"],
    ["a release is too old", ["--debian", "11"], "--debian: 12 or 13, got 11"],
    ["a transport is unknown", ["--transport", "doh"], "--transport: udp, tcp, dot, got doh"],
    ["an option is unknown", ["--fast"], "--fast"],
  ])("%s", (_, words, message) => {
    expect(() => parse(...words)).toThrow(message);
    expect(() => parse(...words)).toThrow("usage: npm run bench");
  });
});
