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

  test("has several certificates by the names of the server, and serves clients by their names", () => {
    const { stack, lb, frontend } = givenFrontend();
    const moreCertificates = [Certificate.fromNodeFile("/etc/two.pem"), Certificate.fromLocalFile("certs/three.pem")];
    const allowedNames = ["client one", "*.example.com"];
    new DotListener(stack, "Dot", {
      ...{ frontend, certificate, moreCertificates, strictSni: true, clientAuth: { trust, allowedNames } },
    });
    expect(modelOf(lb).frontends[0]?.listeners).toMatchObject([
      {},
      { certificate, moreCertificates, strictSni: true, clientAuth: { mode: "required", allowedNames } },
    ]);
  });

  test("passes TLS on to the servers in place of a certificate", () => {
    const { stack, lb, frontend } = givenFrontend();
    new DotListener(stack, "Dot", { frontend, passThrough: { name: "ns1.example.com" } });
    new DotListener(stack, "Further", {
      ...{ frontend, port: 8853, idleTimeout: "1m", closeTimeout: "2s" },
      passThrough: { name: "ns2.example.com", port: 9853, trust, serversJudge: true },
    });
    const common = { kind: "pass-through" } as const;
    expect(modelOf(lb).frontends[0]?.listeners.slice(1)).toEqual([
      {
        ...{
          ...common,
          name: "dot",
          port: 853,
          serverName: "ns1.example.com",
          serversJudge: false,
          idleTimeout: "30s",
        },
      },
      {
        ...{ ...common, name: "further", port: 8853, serverName: "ns2.example.com", serverPort: 9853, trust },
        ...{ serversJudge: true, idleTimeout: "1m", closeTimeout: "2s" },
      },
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
      "[prod/Dot] 'clientAuth.trust' is required: TrustStore.fromVariable(), TrustStore.fromEphemeral(), TrustStore.fromLocalFile() or TrustStore.fromNodeFile() [DNSLB102]
      [prod/Dot] 'frontend' is required: a DnsFrontend [DNSLB102]"
    `);
  });

  test("fails when the port is out of range", () => {
    expect(refused({ port: 70_000 })).toMatchInlineSnapshot(
      `"[prod/Dot] 'port' must be a whole number between 1 and 65535, got 70000 [DNSLB104]"`,
    );
  });

  test("fails when TLS is neither terminated nor passed on, or both, or passed on with what only the node can do", () => {
    expect(refused({ certificate: undefined })).toMatchInlineSnapshot(
      `"[prod/Dot] 'certificate' is required: Certificate.fromLocalFile(), or another Certificate, to terminate TLS on the node; or give 'passThrough', to let the servers do so [DNSLB102]"`,
    );
    const passThrough = { name: "ns1.example.com" };
    expect(refused({ passThrough })).toMatchInlineSnapshot(
      `"[prod/Dot] 'certificate' cannot go with 'passThrough', by which the servers terminate TLS with certificates of their own; leave out the one or the other [DNSLB113]"`,
    );
    expect(
      refused({
        ...{ certificate: undefined, passThrough, serverName: "a.test", moreCertificates: [certificate] },
        ...{ strictSni: true, clientAuth: { trust }, minimumTlsVersion: "1.3" },
      }),
    ).toMatchInlineSnapshot(`
      "[prod/Dot] 'clientAuth' cannot go with 'passThrough', by which the servers terminate TLS with certificates of their own; leave out the one or the other [DNSLB113]
      [prod/Dot] 'minimumTlsVersion' cannot go with 'passThrough', by which the servers terminate TLS with certificates of their own; leave out the one or the other [DNSLB113]
      [prod/Dot] 'moreCertificates' cannot go with 'passThrough', by which the servers terminate TLS with certificates of their own; leave out the one or the other [DNSLB113]
      [prod/Dot] 'serverName' cannot go with 'passThrough', by which the servers terminate TLS with certificates of their own; leave out the one or the other [DNSLB113]
      [prod/Dot] 'strictSni' cannot go with 'passThrough', by which the servers terminate TLS with certificates of their own; leave out the one or the other [DNSLB113]"
    `);
    expect(refused({ certificate: undefined, passThrough: { name: "a b", port: 0 } })).toMatchInlineSnapshot(`
      "[prod/Dot] 'passThrough.name' must be a domain name in ASCII, such as "example.com", got "a b" [DNSLB109]
      [prod/Dot] 'passThrough.port' must be a whole number between 1 and 65535, got 0 [DNSLB104]"
    `);
  });

  test("fails when names of clients are none, twice there, no names, or need not be presented", () => {
    const named = (allowedNames: unknown, mode = "required") => refused({ clientAuth: { trust, mode, allowedNames } });
    expect(named([])).toMatchInlineSnapshot(
      `"[prod/Dot] 'clientAuth.allowedNames' must hold at least one name, got an empty list, which serves nobody; leave it out for all [DNSLB111]"`,
    );
    expect(named(["one", "ONE"])).toMatchInlineSnapshot(
      `"[prod/Dot] 'clientAuth.allowedNames[1]' must be unique, got "ONE", which is clientAuth.allowedNames[0] too [DNSLB112]"`,
    );
    expect(named(["one"], "optional")).toMatchInlineSnapshot(
      `"[prod/Dot] 'clientAuth.allowedNames' cannot go with mode "optional", which serves clients without a certificate, so that whoever is not named presents none; require certificates, or leave the names out [DNSLB113]"`,
    );
    expect(named(["# one"])).toMatchInlineSnapshot(
      `"[prod/Dot] 'clientAuth.allowedNames[0]' must be a common name of 1 to 64 printable ASCII characters, without spaces around it, that does not begin with #, got "# one" [DNSLB109]"`,
    );
    for (const name of ["", " one", "one ", "a\nb", "é", "x".repeat(65), 1]) {
      expect(named([name])).toContain("must be a common name of 1 to 64 printable ASCII characters");
    }
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
        [prod/Dot] 'clientAuth.trust' must hold certificates of authorities, got certificate 1 (CN=dns), which may sign no other; give the authority that signs such certificates ("certs/ca.pem") [DNSLB163]
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
      `"[prod/Dot] 'allowFrom' is no property of DotListener, it takes 'frontend', 'certificate', 'passThrough', 'serverName', 'moreCertificates', 'strictSni', 'clientAuth', 'ticketKeys', 'port', 'minimumTlsVersion', 'idleTimeout', 'closeTimeout' [DNSLB101]"`,
    );
  });

  test("fails when the mode is unknown", () => {
    expect(refused({ clientAuth: { trust, mode: "always" } })).toMatchInlineSnapshot(
      `"[prod/Dot] 'clientAuth.mode' must be "optional" or "required", got "always" [DNSLB103]"`,
    );
  });
});
