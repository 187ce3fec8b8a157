import { describe, expect, test } from "vitest";
import { luaText } from "../../../lib/config/dnsdist/lua-text.js";
import type { Frontend } from "../../../lib/model/frontend.js";
import { compileDnsdistListeners, dnsdistListeners } from "../../../lib/node/compile/dnsdist.js";
import { dnsdistPorts, toFrontend } from "../../../lib/node/compile/dnsdist-frontend.js";
import { dnsdistRules } from "../../../lib/node/compile/dnsdist-rules.js";
import { compileHaproxy } from "../../../lib/node/compile/haproxy.js";
import { dnsdistAlive } from "../../../lib/node/compile/node-health.js";
import { dnsListener, FRONTEND, PAIR, PROFILE } from "./models.js";
import { ruleLines } from "./render.js";

const at = (name: string, port: number, addresses = ["10.0.0.53"]): Frontend => ({
  ...FRONTEND,
  ...{ name, addresses, listeners: [dnsListener(name, port)] },
});
const HERE = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';

describe("frontends in dnsdist", () => {
  test("are told apart by their addresses alone where all listen on port 53", () => {
    expect(luaText(toFrontend(FRONTEND))).toBe(HERE);
    expect(dnsdistPorts({ ...PAIR, frontends: [FRONTEND, at("public", 53, ["10.0.0.54"])] })).toEqual([]);
  });

  test("are told apart by their ports, too, elsewhere, those of DNS over TLS included", () => {
    const listeners: Frontend["listeners"] = [
      dnsListener("second", 5353),
      {
        ...{ kind: "dot", name: "dot", port: 8853, minimumTlsVersion: "1.2", idleTimeout: "10s" },
        certificate: { kind: "local-file", path: "dot.pem" },
      },
    ];
    expect(luaText(toFrontend({ ...FRONTEND, listeners }))).toBe(
      `AndRule({ OrRule({ DSTPortRule(5353), DSTPortRule(8853) }), ${HERE} })`,
    );
  });

  test("are looked for by port first, and what comes to a port of other addresses is dropped before that", () => {
    const frontends = [at("internal", 53), at("second", 5353), at("public", 53, ["10.0.0.54", "10.0.0.55"])];
    const [node = { name: "", addresses: [], interface: "" }] = PAIR.nodes;
    const rules = dnsdistRules({ loadBalancer: { ...PAIR, frontends }, node, peers: [], profile: PROFILE });
    const leading = rules.flatMap(({ name }) => /^(.*)(?<!node): UDP to resolvers$/.exec(name)?.[1] ?? []);
    expect(leading).toEqual(["second", "internal", "public"]);
    expect(ruleLines(dnsdistPorts({ ...PAIR, frontends }))).toEqual([
      `AndRule({ NotRule(OrRule({ DSTPortRule(53), DSTPortRule(5353) })), ${HERE} }) -> DropAction()`,
      'AndRule({ NotRule(DSTPortRule(53)), NetmaskGroupRule(netmasks({ "10.0.0.54/32", "10.0.0.55/32" }), false) }) -> DropAction()',
    ]);
  });
});

describe("a node without port 53", () => {
  const loadBalancer = { ...PAIR, frontends: [at("internal", 5353), at("second", 5300)] };
  const [node] = loadBalancer.nodes;
  if (node === undefined) throw new Error("no node");

  test("is asked, and hands over, at its lowest port", () => {
    expect(dnsdistAlive(loadBalancer)).toMatchObject({ address: "127.0.0.1", port: 5300 });
    const { sections } = compileHaproxy(loadBalancer, node, PROFILE);
    expect(sections.flatMap(({ directives }) => directives)).toContainEqual([
      ...["server", "dnsdist", "127.0.0.1:5300", "send-proxy-v2"],
    ]);
  });

  test("leaves port 53 to others", () => {
    const { calls } = compileDnsdistListeners({ loadBalancer, node, peers: [], profile: PROFILE });
    const listening = calls.map(luaText).filter((text) => /^addLocals?\(/.test(text));
    expect(listening.map((text) => /"(.*?)"/.exec(text)?.[1])).toEqual([
      ...["0.0.0.0:5300", "[::]:5300", "0.0.0.0:5353", "[::]:5353", "127.0.0.1:5300"],
    ]);
    expect(dnsdistListeners(loadBalancer, node).map(({ port }) => port)).not.toContain(53);
  });
});
