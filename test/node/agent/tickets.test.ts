import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ticketKeysProblem } from "../../../lib/dns/ticket-keys.js";
import type { TlsListener } from "../../../lib/model/manifest.js";
import { testCertificate } from "../../certificates.js";
import { AGENT, FakeNode, manifest } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
  mkdirSync(node.run, { recursive: true });
});
afterEach(() => node.close());

const LISTENER: TlsListener = { name: "dot", service: "haproxy", certificate: "secrets/dot.pem" };
const own = () => join(node.run, "tls-tickets");
const keys = () => readFileSync(own(), "utf8").trim().split("\n").slice(1);

function python(program: string): string {
  const imports =
    "import os, sys\nfrom dnslb_agent import tickets\nfrom dnslb_agent.manifest import TlsClients, TlsListener\nfrom dnslb_agent.node import Node\n";
  const text = `${imports}node = Node(${JSON.stringify(node.state)}, ${JSON.stringify(node.run)})\n${program}`;
  return execFileSync("/usr/bin/python3", ["-B", "-c", text], { cwd: dirname(AGENT), encoding: "utf8" }).trim();
}

/** Lets hours pass since the last change. */
function wait(hours: number): void {
  const [since, ...rest] = readFileSync(own(), "utf8").split("\n");
  writeFileSync(own(), [Number(since) - hours * 3_600, ...rest].join("\n"));
}

const rotate = () => python("print(tickets.rotate_if_due(node))");

describe("keys of session tickets that a node makes", () => {
  test.each([
    [0, 3],
    [7.9, 3],
    [8.1, 2],
    [16.1, 1],
    [24.1, 0],
    [1_000, 0],
    // A clock that was set back.
    [-1, 2],
  ])("after %d hours: %d of 3 are left", (hours, left) => {
    expect(rotate()).toBe("False");
    const before = keys();
    wait(hours);
    expect(rotate()).toBe(left < 3 ? "True" : "False");
    expect(keys()).toHaveLength(3);
    expect(new Set(keys()).size).toBe(3);
    expect(keys().slice(0, left)).toEqual(before.slice(3 - left));
    expect(rotate()).toBe("False");
  });

  test("are made anew where others could have written them", () => {
    rotate();
    const before = keys();
    execFileSync("chmod", ["644", own()]);
    rotate();
    expect(keys()).not.toEqual(before);
    const elsewhere = join(node.dir, "elsewhere");
    writeFileSync(elsewhere, readFileSync(own()), { mode: 0o600 });
    execFileSync("rm", [own()]);
    symlinkSync(elsewhere, own());
    rotate();
    expect(keys()).not.toEqual(readFileSync(elsewhere, "utf8").trim().split("\n").slice(1));
    writeFileSync(own(), "cut");
    rotate();
    expect(keys()).toHaveLength(3);
  });

  test("differ for each listener and for what clients must present, and are the same again", () => {
    writeFileSync(join(node.dir, "one"), "one");
    writeFileSync(join(node.dir, "two"), "two");
    const clients = (trust: string, mode: string) => `, TlsClients(${JSON.stringify(trust)}, ${JSON.stringify(mode)})`;
    const cases = [
      ['"a"', ""],
      ['"b"', ""],
      ['"a"', clients("one", "required")],
      ['"a"', clients("two", "required")],
      ['"a"', clients("one", "optional")],
    ].map(([name, more]) => `TlsListener(${name}, "haproxy", "cert", None${more || ", None"})`);
    const program = `for each in (${cases.join(", ")}): print(*map(tickets.encode, tickets.keys_of(node, each, ${JSON.stringify(node.dir)})))`;
    const found = python(program).split(/\s/);
    expect(new Set(found).size).toBe(15);
    expect(found.every((each) => Buffer.from(each, "base64").length === 80)).toBe(true);
    expect(python(program).split(/\s/)).toEqual(found);
  });
});

const { pem, keyPem } = testCertificate({ subject: "dns", from: new Date("2020-01-01"), to: new Date("2099-01-01") });
const PEM = pem + keyPem;
const bytes = (size: number) => Buffer.alloc(size, size).toString("base64");

describe("keys of session tickets that a user gives", () => {
  const validate = (text: string) => {
    const listener = { ...LISTENER, ticketKeys: "secrets/dot-ticket-keys" };
    return node.agent(
      "validate",
      node.bundle(manifest({ tls: [listener] }), { "secrets/dot-ticket-keys": text, "secrets/dot.pem": PEM }),
    );
  };

  test.each([
    ["too few", [bytes(32), bytes(48)]],
    ["too short", [bytes(32), bytes(48), bytes(31)]],
    ["twice", [bytes(32), bytes(48), bytes(32), bytes(80)]],
    ["no Base64", [bytes(32), bytes(48), "%%%%secret%%%%"]],
    ["in Base64 without its end", [bytes(32), bytes(48), bytes(80).slice(0, -1)]],
    ["none", []],
    ["right", [bytes(32), bytes(48), bytes(80)]],
  ])("are judged as at synthesis, and not said: %s", async (name, lines) => {
    const text = `${lines.join("\r\n")}\n`;
    const { status, stderr } = await validate(text);
    expect(status).toBe(name === "right" ? 0 : 1);
    expect(ticketKeysProblem(text) === undefined).toBe(name === "right");
    if (name !== "right")
      expect(stderr).toMatch(/^secrets\/dot-ticket-keys: .*\ndns-lb-agent: refused .*; nothing was changed\n$/);
    expect(lines.filter((line) => stderr.includes(line))).toEqual([]);
  });
});
