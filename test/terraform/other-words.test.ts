import { expect, test } from "vitest";
import { HaPair, HealthCheck, ResolverPool, UnboundServer } from "../../lib/index.js";
import { replacementOf } from "../../lib/terraform/other-words.js";
import { newStack, refusal } from "../constructs.js";

test.each(["nopreempt", "priority", "PRIORITY", "advert_int", "unicast-peer", "auth_pass"])(
  "HaPair says what replaces %s",
  (word) => {
    expect(refusal(() => new HaPair(newStack(), "Dns", { [word]: 1 } as never))).toContain(
      `'${word}' is no property of HaPair, ${replacementOf(word, "HaPair")}`,
    );
  },
);

test("fails when a word is another daemon's", () => {
  const stack = newStack();
  const lines = [
    refusal(() => new HaPair(stack, "A", { virtual_router_id: 5 } as never)),
    refusal(() => new ResolverPool(stack, "B", { fall: 3, backup: true } as never)),
    refusal(() => new UnboundServer(stack, "C", { "access-control": [] } as never)),
    refusal(() => HealthCheck.query({ name: ".", type: "NS", maxCheckFailures: 3 } as never)),
  ];
  expect(
    lines
      .join("\n")
      .split("\n")
      .filter((line) => line.includes("DNSLB101"))
      .join("\n"),
  ).toMatchInlineSnapshot(`
    "[prod/A] 'virtual_router_id' is no property of HaPair, did you mean 'virtualRouterId'? [DNSLB101]
    [prod/B] 'backup' is no property of ResolverPool, 'fallback' is the pool that serves while every server is down [DNSLB101]
    [prod/B] 'fall' is no property of ResolverPool, HealthCheck.query() takes it, for 'healthCheck' [DNSLB101]
    [prod/C] 'access-control' is no property of UnboundServer, 'allowFrom' lists the networks of the clients [DNSLB101]
    [HealthCheck.query()] 'maxCheckFailures' is no property of HealthCheck.query(), 'fall' is the number of failed probes [DNSLB101]"
  `);
});

test("a word that an object has by itself is none", () => {
  expect(replacementOf("constructor", "HaPair")).toBeUndefined();
  expect(replacementOf("priority", "constructor")).toBeUndefined();
});
