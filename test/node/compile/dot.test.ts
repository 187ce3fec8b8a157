import { describe, expect, test } from "vitest";
import type { DotListener } from "../../../lib/model/dot-listener.js";
import { dotClientNames, dotSecretFiles, dotTls, haproxyDot } from "../../../lib/node/compile/dot.js";
import { FRONTEND, PROFILE } from "./models.js";
import { directiveLines } from "./render.js";

const file = (path: string) => ({ kind: "node-file", path }) as const;
const DOT: DotListener = {
  ...{ kind: "dot", name: "dot", port: 853, certificate: file("/one"), minimumTlsVersion: "1.2", idleTimeout: "30s" },
};
const linesOf = (more: Partial<DotListener>) =>
  directiveLines(haproxyDot(FRONTEND, { ...DOT, ...more }, PROFILE).directives);

describe("a DoT listener", () => {
  test("has its certificates in the order of the list, the first for whom no other is", () => {
    const moreCertificates = [file("/two"), file("/three")];
    const [bind] = linesOf({ moreCertificates, strictSni: true });
    expect(bind).toContain(
      "ssl crt ../secrets/dot.pem crt ../secrets/dot/2.pem crt ../secrets/dot/3.pem strict-sni alpn dot",
    );
    expect(linesOf({})[0]).toContain("ssl crt ../secrets/dot.pem alpn dot");
    const listener = { ...DOT, moreCertificates };
    expect(dotSecretFiles(listener).map(({ path, source }) => [path, source])).toEqual([
      ["secrets/dot.pem", file("/one")],
      ["secrets/dot/2.pem", file("/two")],
      ["secrets/dot/3.pem", file("/three")],
    ]);
    expect(dotTls(listener)).toMatchObject({
      certificate: "secrets/dot.pem",
      moreCertificates: ["secrets/dot/2.pem", "secrets/dot/3.pem"],
    });
    expect(dotTls(DOT)).not.toHaveProperty("moreCertificates");
  });

  test("serves clients by the common names of their certificates, after the handshake and before their messages", () => {
    const allowedNames = ["client one", "*.example.com"];
    const clientAuth = { trust: file("/trust"), mode: "required", allowedNames } as const;
    const lines = linesOf({ clientAuth });
    const named = lines.indexOf(
      "tcp-request session reject unless { ssl_c_s_dn(CN) -m str -i -f lists/dot-names.lst }",
    );
    expect(named).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith("tcp-request connection")));
    expect(named).toBeLessThan(lines.findIndex((line) => line.startsWith("tcp-request content")));
    expect(named).toBeGreaterThan(0);
    expect(dotClientNames({ ...DOT, clientAuth })).toEqual([
      { path: "haproxy/lists/dot-names.lst", content: "client one\n*.example.com\n" },
    ]);
    expect(linesOf({ clientAuth: { trust: file("/trust"), mode: "required" } }).join("\n")).not.toContain("ssl_c_s_dn");
    expect(dotClientNames(DOT)).toEqual([]);
  });
});
