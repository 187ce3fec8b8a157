import { expect, test } from "vitest";
import { haproxyClientTimeouts } from "../../../lib/node/compile/client-timeouts.js";
import { dnsListener } from "./models.js";
import { directiveLines } from "./render.js";

test("has a time for closing only where one is given, since HAProxy takes the other one then", () => {
  const listener = dnsListener("internal");
  expect(directiveLines(haproxyClientTimeouts(listener))).toEqual(["timeout client 10s"]);
  expect(directiveLines(haproxyClientTimeouts({ ...listener, closeTimeout: "2s" }))).toEqual([
    "timeout client 10s",
    "timeout client-fin 2s",
  ]);
});
