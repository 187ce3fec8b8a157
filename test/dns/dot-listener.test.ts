import { describe, expect, test } from "vitest";
import { Certificate } from "../../lib/dns/certificate.js";
import { DotListener, type DotListenerProps } from "../../lib/dns/dot-listener.js";
import { TrustStore } from "../../lib/dns/trust-store.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { FakeNode, modelOf, newStack, refusal, resolverPool } from "../constructs.js";

const certificate = Certificate.fromLocalFile("certs/dns.pem");
const trust = TrustStore.fromNodeFile("/etc/ssl/ca.pem");

function givenFrontend() {
  const stack = newStack();
  const lb = new StandaloneLoadBalancer(stack, "Dns", { node: new FakeNode(stack, "Node1", ["10.0.0.2"]) });
  const frontend = lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
  return { stack, lb, frontend };
}

describe("DotListener", () => {
  test("fills in defaults", () => {
    const { stack, lb, frontend } = givenFrontend();
    new DotListener(stack, "Dot", { frontend, certificate });
    expect(modelOf(lb).frontends[0]?.listeners).toEqual([
      { kind: "dns", name: "internal", port: 53, idleTimeout: "10s" },
      { kind: "dot", name: "dot", port: 853, certificate, minimumTlsVersion: "1.2", idleTimeout: "30s" },
    ]);
  });

  test("keeps what it is told, and requires certificates of clients where it trusts somebody", () => {
    const { stack, lb, frontend } = givenFrontend();
    new DotListener(stack, "Second", { frontend, certificate, clientAuth: { trust, mode: "optional" }, port: 8853 });
    new DotListener(stack, "First", {
      frontend,
      certificate,
      clientAuth: { trust },
      minimumTlsVersion: "1.3",
      idleTimeout: "1m",
      closeTimeout: "1m",
    });
    expect(modelOf(lb).frontends[0]?.listeners).toMatchObject([
      { name: "internal" },
      {
        name: "first",
        clientAuth: { trust, mode: "required" },
        minimumTlsVersion: "1.3",
        idleTimeout: "1m",
        closeTimeout: "1m",
      },
      { name: "second", clientAuth: { trust, mode: "optional" }, port: 8853 },
    ]);
  });

  const refused = (props: object) => {
    const { stack, frontend } = givenFrontend();
    return refusal(() => new DotListener(stack, "Dot", { frontend, certificate, ...props } as DotListenerProps));
  };

  test("fails when the certificate is given as text, and keeps it to itself", () => {
    expect(refused({ certificate: "-----BEGIN PRIVATE KEY-----" })).toMatchInlineSnapshot(
      `"[prod/Dot] 'certificate' must be Certificate.fromVariable(), Certificate.fromLocalFile() or Certificate.fromNodeFile(), got a string [DNSLB103]"`,
    );
  });

  test("fails when what it needs is missing", () => {
    expect(refused({ frontend: undefined, certificate: undefined, clientAuth: {} })).toMatchInlineSnapshot(`
      "[prod/Dot] 'certificate' is required: Certificate.fromVariable(), Certificate.fromLocalFile() or Certificate.fromNodeFile() [DNSLB102]
      [prod/Dot] 'clientAuth.trust' is required: TrustStore.fromVariable(), TrustStore.fromLocalFile() or TrustStore.fromNodeFile() [DNSLB102]
      [prod/Dot] 'frontend' is required: a DnsFrontend [DNSLB102]"
    `);
  });

  test("fails when the port is out of range", () => {
    expect(refused({ port: 70_000 })).toMatchInlineSnapshot(
      `"[prod/Dot] 'port' must be a whole number between 1 and 65535, got 70000 [DNSLB104]"`,
    );
  });

  test("fails when TLS is too old", () => {
    expect(refused({ minimumTlsVersion: "1.1" })).toMatchInlineSnapshot(
      `"[prod/Dot] 'minimumTlsVersion' must be "1.2" or "1.3", got "1.1" [DNSLB103]"`,
    );
  });

  test("fails when a client has longer to close than to do nothing", () => {
    expect(refused({ closeTimeout: "2m" })).toMatchInlineSnapshot(
      `"[prod/Dot] 'closeTimeout' must not be longer than the idle timeout of "30s", got "2m"; lower it or raise 'idleTimeout' [DNSLB113]"`,
    );
  });

  test("fails when it is opened to clients of its own", () => {
    expect(refused({ allowFrom: ["0.0.0.0/0"] })).toMatchInlineSnapshot(
      `"[prod/Dot] 'allowFrom' is no property of DotListener, it takes 'frontend', 'certificate', 'clientAuth', 'port', 'minimumTlsVersion', 'idleTimeout', 'closeTimeout' [DNSLB101]"`,
    );
  });

  test("fails when the mode is unknown", () => {
    expect(refused({ clientAuth: { trust, mode: "always" } })).toMatchInlineSnapshot(
      `"[prod/Dot] 'clientAuth.mode' must be "optional" or "required", got "always" [DNSLB103]"`,
    );
  });
});
