import { type App, Testing } from "cdktf";
import { dnsLbMatchers, nodeOf, nodesOf } from "cdktf-dns-lb/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { addSite, BERLIN, type Site } from "./stacks";

expect.extend(dnsLbMatchers);

/** An app with one site, which is changed where a test says so. */
function appWith(changes: Partial<Site> = {}): App {
  const app = Testing.app();
  addSite(app, { ...BERLIN, ...changes });
  return app;
}

describe("every site", () => {
  let app: App;
  beforeAll(() => {
    app = appWith();
  });

  test("breaks no rule", () => {
    expect(app).toPassRules();
  });

  test("answers its own clients alone, and limits their connections", () => {
    for (const node of nodesOf(app)) {
      expect(node).toHaveFile("haproxy/lists/clients-allow.lst", "10.1.0.0/16\n");
      expect(node).toHaveHaproxyLine("frontend clients", /^tcp-request connection reject unless .*clients-allow\.lst/);
      expect(node).toHaveHaproxyLine(
        "frontend clients",
        expect.stringContaining("table_conn_rate(clients:clients) ge 30"),
      );
      expect(node).toHaveDnsdistRule("everything else", { action: "DropAction()" });
    }
  });

  test("balances over its resolvers by their open connections", () => {
    const lb1 = nodeOf(app, "berlin-lb1");
    expect(lb1).toHaveHaproxyLine("backend resolvers", "balance leastconn");
    expect(lb1).not.toHaveHaproxyLine("backend resolvers", /^server .* backup$/);
    expect(lb1).toHaveDnsdistPool("resolvers", {
      policy: "leastOutstanding",
      servers: ["resolvers/resolver1", "resolvers/resolver2"],
    });
    expect(lb1).toHaveDnsdistServer("resolvers/resolver1", { address: "10.1.1.10:53", tls: undefined });
  });

  test("moves its address by VRRP, between nodes of the same priority", () => {
    const [lb1, lb2] = ["berlin-lb1", "berlin-lb2"].map((name) => nodeOf(app, name));
    for (const node of [lb1, lb2]) {
      expect(node).toHaveKeepalivedLine("vrrp_instance v4", "virtual_router_id 51");
      expect(node).toHaveKeepalivedLine("vrrp_instance v4 / virtual_ipaddress", /^10\.1\.0\.53\/32 /);
      expect(node).not.toHaveKeepalivedLine("vrrp_instance v4", "nopreempt");
    }
    expect(lb2?.keepalived.instance("v4").priority).toBe(lb1?.keepalived.instance("v4").priority);
  });

  test("serves DNS over TLS from the company's certificate, and keeps its secrets", () => {
    for (const node of nodesOf(app)) {
      expect(node).toHaveHaproxyLine("frontend dot", /^bind 10\.1\.0\.53:853 .*ssl-min-ver TLSv1\.2/);
      expect(node).toHaveSecretFile("secrets/dot.pem", { kind: "local-file", path: /dns\.example\.com\.pem$/ });
    }
    // The lines of local files are looked for, too, once they are there.
    expect(app).toKeepSecrets("correct horse battery staple");
  });

  test("runs containers without privileges", () => {
    expect(app).toHaveTerraformResource("docker_container", { name: expect.stringMatching(/-lb1$/), read_only: true });
    expect(app).not.toHaveTerraformResource("docker_container", { privileged: true });
  });
});

describe("a site with a mistake", () => {
  test("fails when a client's network leaves out its mask", () => {
    expect(() => appWith({ clients: ["10.1.0.0"] })).toBreakRule("DNSLB106", /10\.1\.0\.0\/32/);
  });

  test("fails when a resolver is the load balancer itself", () => {
    expect(appWith({ resolvers: [{ name: "loop", address: "10.1.0.53" }] })).toBreakRule("DNSLB010");
  });

  test("fails when two sites on one network have the same virtual router id", () => {
    const app = appWith();
    addSite(app, { ...BERLIN, name: "berlin2" });
    expect(app).toBreakRule("DNSLB005");
  });
});
