import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dnsLbMatchers } from "../../../lib/testing/matchers.js";
import { nodeOf } from "../../../lib/testing/nodes-of.js";
import { scratch } from "../../constructs.js";
import { appForMatchers } from "./app.js";
import { message } from "./uses.js";

expect.extend(dnsLbMatchers);

/** An app whose password comes from a local file with this text. */
function appWithPassword(text: string) {
  const path = join(scratch, "password");
  writeFileSync(path, text);
  return appForMatchers(path);
}

const withoutPath = (text: string) => text.replaceAll(scratch, "SCRATCH");

describe("toKeepSecrets", () => {
  test("passes where the content of local files is nowhere", () => {
    const app = appWithPassword("hunter2-of-nobody\n");
    expect(app).toKeepSecrets();
    expect(app.node.findChild("prod")).toKeepSecrets();
    expect(nodeOf(app, "lb1")).toKeepSecrets();
  });

  test("fails when a line of a local file is in a file of a node, without its text", () => {
    const app = appWithPassword("-----BEGIN-----\nbalance leastconn\n");
    expect(withoutPath(message(() => expect(nodeOf(app, "lb1")).toKeepSecrets()))).toMatchInlineSnapshot(`
      "Error: secret text is where everybody can read it:
        a line of SCRATCH/password in haproxy/haproxy.cfg of node "lb1""
    `);
    expect(nodeOf(app, "r1").files.size).toBeGreaterThan(0);
    expect(message(() => expect(nodeOf(app, "r1")).toKeepSecrets())).toMatch(
      /^TestingError: .* has nothing to look for/,
    );
  });

  test("fails when a text is in what Terraform gets", () => {
    expect(message(() => expect(appForMatchers()).toKeepSecrets("debian:12"))).toMatchInlineSnapshot(
      `
      "Error: secret text is where everybody can read it:
        text 1 in the Terraform configuration of stack "prod""
    `,
    );
    expect(message(() => expect(appForMatchers()).not.toKeepSecrets("hunter2"))).toMatchInlineSnapshot(
      `"Error: no secret text is in the files of the nodes, nor in what Terraform gets"`,
    );
  });

  test.each([
    ["plain", (text: string) => text],
    ["in Base64", (text: string) => Buffer.from(text).toString("base64")],
    ["in Base64, with a newline", (text: string) => Buffer.from(`${text}\n`).toString("base64")],
    ["in hexadecimal", (text: string) => Buffer.from(text).toString("hex")],
    ["as JSON", (text: string) => JSON.stringify(text)],
  ])("fails when a secret stands there %s", (_how, encoded) => {
    const secret = 'hunter2 "quoted" äöü ${not} %{a}';
    const app = appForMatchers();
    const [container] = app.node.findAll().filter(({ node }) => node.id === "One");
    (container as unknown as { addOverride(path: string, value: string): void }).addOverride("env", encoded(secret));
    expect(app).not.toKeepSecrets(secret);
    expect(app).toKeepSecrets(`${secret}!`);
  });
});
