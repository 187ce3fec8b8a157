import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Certificate } from "../../lib/dns/certificate.js";
import { DotListener, type DotListenerProps } from "../../lib/dns/dot-listener.js";
import { Secret } from "../../lib/dns/secret.js";
import { TrustStore } from "../../lib/dns/trust-store.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { testCertificate } from "../certificates.js";
import { FakeNode, modelOf, newStack, refusal, resolverPool, scratch } from "../constructs.js";

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
      serverName: "dns.example.com",
      minimumTlsVersion: "1.3",
      idleTimeout: "1m",
      closeTimeout: "1m",
    });
    expect(modelOf(lb).frontends[0]?.listeners).toMatchObject([
      { name: "internal" },
      {
        name: "first",
        clientAuth: { trust, mode: "required" },
        serverName: "dns.example.com",
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
      `"[prod/Dot] 'certificate' must be Certificate.fromVariable(), Certificate.fromEphemeral(), Certificate.fromLocalFile() or Certificate.fromNodeFile(), got a string [DNSLB103]"`,
    );
  });

  test("fails when what it needs is missing", () => {
    expect(refused({ frontend: undefined, certificate: undefined, clientAuth: {} })).toMatchInlineSnapshot(`
      "[prod/Dot] 'certificate' is required: Certificate.fromVariable(), Certificate.fromEphemeral(), Certificate.fromLocalFile() or Certificate.fromNodeFile() [DNSLB102]
      [prod/Dot] 'clientAuth.trust' is required: TrustStore.fromVariable(), TrustStore.fromEphemeral(), TrustStore.fromLocalFile() or TrustStore.fromNodeFile() [DNSLB102]
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

  describe("with files of the deploying machine", () => {
    const authority = testCertificate({ subject: "CA", ca: true });
    const leaf = testCertificate({ subject: "dns", issuer: authority, names: ["dns.example.com"] });
    const good = leaf.pem + authority.pem + leaf.keyPem;
    const saved = (name: string, text: string) => {
      const path = join(scratch, name);
      writeFileSync(path, text);
      return path;
    };
    /** Without the folder of the test. */
    const inFolder = (text: string) => text.replaceAll(scratch, "certs");
    const warningsOf = (props: object) => {
      const { stack, frontend } = givenFrontend();
      const listener = new DotListener(stack, "Dot", { frontend, certificate, ...props } as DotListenerProps);
      return listener.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => inFolder(`${data}`));
    };
    const given = (text: string, trusted = authority.pem) => ({
      certificate: Certificate.fromLocalFile(saved("dns.pem", text)),
      clientAuth: { trust: TrustStore.fromLocalFile(saved("ca.pem", trusted)) },
    });

    afterEach(() => vi.useRealTimers());

    test("accepts what fits, and has no warning", () => {
      vi.useFakeTimers({ now: new Date("2026-06-01"), toFake: ["Date"] });
      expect(warningsOf({ ...given(good), serverName: "dns.example.com" })).toEqual([]);
    });

    test("warns, and no more, of what the time makes of them", () => {
      vi.useFakeTimers({ now: new Date("2027-02-01"), toFake: ["Date"] });
      expect(warningsOf(given(good))).toMatchInlineSnapshot(`
        [
          "'certificate' has EXPIRED: certificate 1 (CN=dns) ended at 2027-01-01T00:00:00Z; clients refuse it, renew it ("certs/dns.pem") [DNSLB162]",
          "'certificate' has EXPIRED: certificate 2 (CN=CA) ended at 2027-01-01T00:00:00Z; clients refuse it, renew it ("certs/dns.pem") [DNSLB162]",
          "'clientAuth.trust' has EXPIRED: certificate 1 (CN=CA) ended at 2027-01-01T00:00:00Z; clients refuse it, renew it ("certs/ca.pem") [DNSLB162]",
        ]
      `);
    });

    test("fails when they are wrong, with all at once", () => {
      const wrong = refused({ ...given(leaf.pem, leaf.pem + leaf.keyPem), serverName: "dns.example.net", port: 0 });
      expect(inFolder(wrong)).toMatchInlineSnapshot(`
        "[prod/Dot] 'certificate' must be for "dns.example.net", the 'serverName', got one for "dns.example.com"; clients that expect the name refuse it ("certs/dns.pem") [DNSLB161]
        [prod/Dot] 'certificate' must hold the private key of its certificate, got none; append the key ("certs/dns.pem") [DNSLB158]
        [prod/Dot] 'clientAuth.trust' must hold certificates of authorities, got certificate 1 (CN=dns), which may sign no other; give the one that signs those of the clients ("certs/ca.pem") [DNSLB163]
        [prod/Dot] 'clientAuth.trust' must hold certificates only, got a private key as well; a key of an authority must not reach a node ("certs/ca.pem") [DNSLB163]
        [prod/Dot] 'port' must be a whole number between 1 and 65535, got 0 [DNSLB104]"
      `);
    });

    test.each([
      ["are too few", [32, 48]],
      ["are too short", [32, 48, 31]],
      ["stand there twice", [32, 48, 80, 32]],
      ["are no Base64", [32, 48, 80, "-----BEGIN PRIVATE KEY-----"]],
      ["are none", []],
    ] as const)("fails when keys of session tickets %s, and keeps them to itself", (_, sizes) => {
      const lines = sizes.map((size) =>
        typeof size === "string" ? size : Buffer.alloc(size, size).toString("base64"),
      );
      const text = refused({ ticketKeys: Secret.fromLocalFile(saved("keys", lines.join("\n"))) });
      expect(inFolder(text)).toMatchSnapshot();
      expect(lines.filter((line) => text.includes(line))).toEqual([]);
    });

    test("takes keys of session tickets, also of other lengths and line ends", () => {
      const lines = [32, 48, 80, 64].map((size) => Buffer.alloc(size, size).toString("base64"));
      const ticketKeys = Secret.fromLocalFile(saved("keys", `${lines.join("\r\n\r\n")}\r\n`));
      expect(refused({ ticketKeys })).toBe("nothing was refused");
    });

    test("fails when the path leads to no file", () => {
      mkdirSync(join(scratch, "folder"), { recursive: true });
      const [folder, large] = [join(scratch, "folder"), saved("large.pem", " ".repeat(1_048_577))];
      const trust = TrustStore.fromLocalFile(large);
      const wrong = refused({ certificate: Certificate.fromLocalFile(folder), clientAuth: { trust } });
      expect(inFolder(wrong)).toMatchInlineSnapshot(`
        "[prod/Dot] 'certificate' must be a file of at most 1048576 bytes, got a directory at "certs/folder" [DNSLB158]
        [prod/Dot] 'clientAuth.trust' must be a file of at most 1048576 bytes, got one of 1048577 bytes at "certs/large.pem" [DNSLB163]"
      `);
      expect(refused({ certificate: Certificate.fromLocalFile("/dev/zero") })).toMatch(
        /got something else at "\/dev\/zero"/,
      );
    });

    test("leaves files that are not there to Terraform, which may run elsewhere", () => {
      expect(warningsOf({ certificate: Certificate.fromLocalFile(join(scratch, "missing.pem")) })).toEqual([]);
    });
  });

  test("fails when it is opened to clients of its own", () => {
    expect(refused({ allowFrom: ["0.0.0.0/0"] })).toMatchInlineSnapshot(
      `"[prod/Dot] 'allowFrom' is no property of DotListener, it takes 'frontend', 'certificate', 'serverName', 'clientAuth', 'ticketKeys', 'port', 'minimumTlsVersion', 'idleTimeout', 'closeTimeout' [DNSLB101]"`,
    );
  });

  test("fails when the mode is unknown", () => {
    expect(refused({ clientAuth: { trust, mode: "always" } })).toMatchInlineSnapshot(
      `"[prod/Dot] 'clientAuth.mode' must be "optional" or "required", got "always" [DNSLB103]"`,
    );
  });
});
