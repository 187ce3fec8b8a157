import { describe, expect, test } from "vitest";
import { dnsLbMatchers } from "../../../lib/testing/matchers.js";
import { nodeOf } from "../../../lib/testing/nodes-of.js";
import { appForMatchers } from "./app.js";
import { message } from "./uses.js";

expect.extend(dnsLbMatchers);

const app = appForMatchers();
const [lb1, r1, a1, a2] = ["lb1", "r1", "a1", "a2"].map((name) => nodeOf(app, name));

describe("a place that is not there", () => {
  test("fails when a section is misspelt, with the nearest, negated too", () => {
    const negated = message(() => expect(lb1).not.toHaveHaproxyLine("backend resolver", "balance roundrobin"));
    expect(negated).toMatchInlineSnapshot(`
      "TestingError: haproxy.cfg of node "lb1" has no section "backend resolver"; the nearest of N:
        backend resolvers
        backend dnsdist:tcp
        backend agent:metrics"
    `);
    expect(message(() => expect(lb1).toHaveHaproxyLine("backend resolver", "balance roundrobin"))).toBe(negated);
    expect(message(() => expect(lb1).toHaveHaproxyLine(/^listen/, "balance roundrobin"))).toMatchInlineSnapshot(`
      "TestingError: haproxy.cfg of node "lb1" has no section /^listen/; the nearest of N:
        frontend statistics:node
        backend statistics:clients
        backend dnsdist:tcp"
    `);
    expect(
      message(() => expect(lb1).not.toHaveKeepalivedLine("vrrp_instance v5", "priority 1")),
    ).toMatchInlineSnapshot(`
      "TestingError: keepalived.conf of node "lb1" has no block "vrrp_instance v5"; the nearest of N:
        vrrp_instance v4
        vrrp_instance v4 / track_file
        vrrp_instance v4 / unicast_peer"
    `);
    expect(message(() => expect(r1).not.toHaveUnboundLine("forward-zone .", "name: a"))).toMatchInlineSnapshot(`
      "TestingError: unbound.conf of node "r1" has no clause "forward-zone ."; there is:
        remote-control
        server"
    `);
    expect(message(() => expect(a1).not.toHaveNsdLine("zone example.org.", "notify: a"))).toMatchInlineSnapshot(`
      "TestingError: nsd.conf of node "a1" has no clause "zone example.org."; the nearest of N:
        zone example.com.
        zone alive.dns-lb.invalid.
        remote-control"
    `);
  });

  test("fails when a file, a zone, a server or a resource is misspelt", () => {
    expect(message(() => expect(lb1).not.toHaveFile("haproxy.cfg", /maxconn/))).toMatchInlineSnapshot(`
      "TestingError: the release of node "lb1" has no file "haproxy.cfg"; the nearest of N:
        haproxy/haproxy.cfg
        haproxy/restarts-due.map
        haproxy/lists/internal-allow.lst"
    `);
    expect(message(() => expect(a1).not.toHaveZoneRecord("example.org", { type: "A" }))).toMatchInlineSnapshot(`
      "TestingError: nsd.conf of node "a1" has no zone "example.org."; there is:
        example.com.
        alive.dns-lb.invalid."
    `);
    expect(message(() => expect(a2).not.toHaveZoneRecord("example.com", { type: "A" }))).toMatchInlineSnapshot(
      `"TestingError: node "a2" has no file of zone "example.com.": it is transferred from a primary server"`,
    );
    expect(
      message(() => expect(lb1).not.toHaveDnsdistServer("resolvers/resolver2", { weight: 1 })),
    ).toMatchInlineSnapshot(`
      "TestingError: policy.lua of node "lb1" has no server "resolvers/resolver2"; there is:
        resolvers/resolver1
        resolvers:tcp/resolver1"
    `);
    expect(message(() => expect(lb1).not.toHaveSecretFile("dot.pem", { kind: "variable" }))).toMatchInlineSnapshot(`
      "TestingError: node "lb1" has no secret file "dot.pem"; there is:
        secrets/dot.pem
        secrets/statistics-password"
    `);
    expect(
      message(() => expect(app).not.toHaveTerraformResource("docker_contaner", { privileged: true })),
    ).toMatchInlineSnapshot(`
      "TestingError: the app has no resource "docker_contaner"; there is:
        docker_container"
    `);
  });

  test("fails when the node has no such daemon, or there is no such node", () => {
    expect(message(() => expect(r1).not.toHaveHaproxyLine("global", "maxconn 1"))).toMatchInlineSnapshot(`
      "TestingError: node "r1" has no file haproxy/haproxy.cfg, it has:
        manifest.json
        unbound/unbound.conf"
    `);
    expect(message(() => nodeOf(app, "lb3"))).toMatchInlineSnapshot(
      `"TestingError: there is no node "lb3", there are: lb1, lb2, r1, a1, a2"`,
    );
  });
});

describe("what can never be", () => {
  test("fails when no line, option or call of the kind exists, negated too", () => {
    expect(message(() => expect(lb1).not.toHaveHaproxyLine("global", "maxcon 1"))).toMatchInlineSnapshot(`
      "TestingError: no line of section "global" in haproxy.cfg of node "lb1" can begin with "maxcon"; the nearest of N:
        maxconn
        maxsslconn
        maxconnrate"
    `);
    expect(message(() => expect(lb1).not.toHaveHaproxyLine("global", "maxconn 1\n"))).toMatchInlineSnapshot(
      `"TestingError: toHaveHaproxyLine() must get one line without spaces around it, got "maxconn 1\\n"; for a part of a line use a regular expression"`,
    );
    expect(message(() => expect(r1).not.toHaveUnboundLine("server", "do-ip6 yes"))).toMatchInlineSnapshot(`
      "TestingError: no line of clause "server" in unbound.conf of node "r1" can begin with "do-ip6"; the nearest of N:
        do-ip6:
        do-ip4:
        do-tcp:"
    `);
    expect(
      message(() => expect(lb1).not.toHaveDnsdistServer("resolvers/resolver1", { wieght: 1 } as object)),
    ).toMatchInlineSnapshot(`
      "TestingError: toHaveDnsdistServer() knows no property "wieght"; the nearest of N:
        weight
        maxInFlight
        retries"
    `);
    expect(message(() => expect(lb1).not.toHaveDnsdistSetting("setMaxUdpOutstanding(1)"))).toMatchInlineSnapshot(`
      "TestingError: dnsdist.conf cannot call "setMaxUdpOutstanding"; the nearest of N:
        setMaxUDPOutstanding
        setUDPTimeout
        setOutgoingTLSSessionsCacheMaxTicketsPerBackend"
    `);
  });

  test("fails when the subject or an argument is of another kind", () => {
    expect(message(() => expect(undefined).not.toHaveFile("a"))).toMatchInlineSnapshot(
      `"TestingError: toHaveFile() must get a node that nodesOf() returned, got undefined"`,
    );
    expect(message(() => expect([lb1]).not.toHaveFile("a"))).toMatchInlineSnapshot(
      `"TestingError: toHaveFile() must get a node that nodesOf() returned, got a list: take one of its nodes"`,
    );
    expect(message(() => expect(app).not.toHaveFile("a"))).toMatchInlineSnapshot(
      `"TestingError: toHaveFile() must get a node that nodesOf() returned, got an app or a stack: take its nodes by nodesOf()"`,
    );
    expect(message(() => expect(Promise.resolve(lb1)).not.toHaveFile("a"))).toMatchInlineSnapshot(
      `"TestingError: toHaveFile() must get a node that nodesOf() returned, got a promise: await it, or write "await expect(...).resolves""`,
    );
    expect(message(() => expect(lb1).not.toHaveTerraformResource("a"))).toMatchInlineSnapshot(
      `"TestingError: toHaveTerraformResource() must get an app or a stack, got node "lb1""`,
    );
    expect(message(() => expect(lb1).toHaveFile("manifest.json", undefined))).toMatchInlineSnapshot(
      `"TestingError: toHaveFile() must get the content as a text, a regular expression or an asymmetric matcher, got undefined"`,
    );
  });
});

describe("what is another", () => {
  test("fails when a line is not there, with the nearest", () => {
    expect(
      message(() => expect(lb1).toHaveHaproxyLine("backend resolvers", "balance roundrobin")),
    ).toMatchInlineSnapshot(`
      "Error: section "backend resolvers" in haproxy.cfg of node "lb1" has no line "balance roundrobin"; the nearest of N:
        balance leastconn
        which has "leastconn" for "roundrobin""
    `);
    expect(
      message(() => expect(lb1).toHaveHaproxyLine("backend resolvers", expect.stringContaining("roundrobin"))),
    ).toMatchInlineSnapshot(`
      "Error: section "backend resolvers" in haproxy.cfg of node "lb1" has no line StringContaining "roundrobin"; the nearest of N:
        tcp-check send-binary 0011ABCD010000010000000000000000020001"
    `);
    expect(message(() => expect(lb1).toHaveHaproxyLine(/^frontend/, /^timeout client 3m$/))).toMatchInlineSnapshot(`
      "Error: none of 4 sections in haproxy.cfg of node "lb1" has a line /^timeout client 3m$/; the nearest of N ("frontend dot"):
        timeout client 30s"
    `);
    expect(message(() => expect(lb1).toHaveKeepalivedLine("vrrp_instance v4", "priority 100"))).toMatchInlineSnapshot(`
      "Error: block "vrrp_instance v4" in keepalived.conf of node "lb1" has no line "priority 100"; the nearest of N:
        priority 250
        which has "250" for "100""
    `);
    expect(
      message(() => expect(r1).toHaveUnboundLine("server", "access-control: 10.0.0.0/8 refuse")),
    ).toMatchInlineSnapshot(`
      "Error: clause "server" in unbound.conf of node "r1" has no line "access-control: 10.0.0.0/8 refuse"; the nearest of N:
        access-control: 10.0.0.0/8 allow
        which has "allow" for "refuse""
    `);
  });

  test("fails when a line is there that must not be", () => {
    expect(message(() => expect(lb1).not.toHaveHaproxyLine("backend resolvers", /^balance/))).toMatchInlineSnapshot(
      `"Error: section "backend resolvers" in haproxy.cfg of node "lb1" has the line "balance leastconn", which matches /^balance/"`,
    );
    expect(message(() => expect(lb1).not.toHaveHaproxySection("backend resolvers"))).toMatchInlineSnapshot(
      `"Error: haproxy.cfg of node "lb1" has the section "backend resolvers""`,
    );
  });

  test("fails when properties differ, with those that do", () => {
    expect(
      message(() => expect(lb1).toHaveDnsdistServer("resolvers/resolver1", { weight: 2, address: /:5353$/ })),
    ).toMatchInlineSnapshot(`
      "Error: server "resolvers/resolver1" in policy.lua of node "lb1" is not as expected:
        weight: 1 instead of 2
        address: "192.168.1.10:53" instead of /:5353$/"
    `);
    expect(message(() => expect(lb1).toHaveDnsdistListener("0.0.0.0:53", { reusePort: false }))).toMatchInlineSnapshot(`
      "Error: listener "0.0.0.0:53" in dnsdist.conf of node "lb1" is not as expected:
        reusePort: true instead of false"
    `);
    expect(
      message(() => expect(lb1).toHaveDnsdistPool("resolvers", { servers: ["resolvers/resolver2"] })),
    ).toMatchInlineSnapshot(`
      "Error: pool "resolvers" in policy.lua of node "lb1" is not as expected:
        servers[0]: "resolvers/resolver1" instead of "resolvers/resolver2""
    `);
    expect(
      message(() => expect(lb1).toHaveDnsdistRule("everything else", { action: "RCodeAction(DNSRCode.REFUSED)" })),
    ).toMatchInlineSnapshot(`
      "Error: rule "everything else" in policy.lua of node "lb1" is not as expected:
        action: "DropAction()" instead of "RCodeAction(DNSRCode.REFUSED)""
    `);
    expect(message(() => expect(lb1).toHaveDnsdistSetting("setMaxUDPOutstanding(1)"))).toMatchInlineSnapshot(`
      "Error: dnsdist.conf of node "lb1" has no "setMaxUDPOutstanding(1)"; the nearest of N:
        setMaxUDPOutstanding(10000)"
    `);
    expect(message(() => expect(lb1).toHaveSecretFile("secrets/dot.pem", { kind: "variable" }))).toMatchInlineSnapshot(`
      "Error: secret file "secrets/dot.pem" in node "lb1" is not as expected:
        kind: "local-file" instead of "variable""
    `);
    expect(
      message(() =>
        expect(app).toHaveTerraformResource("docker_container", { image: "debian:13", ports: [{ internal: 853 }] }),
      ),
    ).toMatchInlineSnapshot(`
      "Error: none of 2 resources "docker_container" in the app has { image: "debian:13", ports: [{ internal: 853 }] }; the nearest, docker_container.Two:
        ports[0].internal: 53 instead of 853"
    `);
    expect(message(() => expect(app).not.toHaveTerraformResource("docker_container"))).toMatchInlineSnapshot(
      `"Error: the app has the resource "docker_container""`,
    );
  });

  test("fails when a record is another, or a file", () => {
    expect(
      message(() => expect(a1).toHaveZoneRecord("example.com", { name: "www.example.com", data: "192.0.2.81" })),
    ).toMatchInlineSnapshot(`
      "Error: zone "example.com." of node "a1" has no record { name: "www.example.com.", data: "192.0.2.81" }; the nearest of N:
        www.example.com. 3600 IN A 192.0.2.80
        data: "192.0.2.80" instead of "192.0.2.81""
    `);
    expect(
      message(() => expect(a1).toHaveZoneRecord("example.com", "www.example.com. 60 IN A 192.0.2.80")),
    ).toMatchInlineSnapshot(`
      "Error: zone "example.com." in nsd.conf of node "a1" has no line "www.example.com. 60 IN A 192.0.2.80"; the nearest of N:
        www.example.com. 3600 IN A 192.0.2.80
        which has "3600" for "60""
    `);
    const path = "haproxy/lists/internal-allow.lst";
    expect(message(() => expect(lb1).toHaveFile(path, "10.0.0.0/8\n10.0.0.0/9\n"))).toMatchInlineSnapshot(`
      "Error: file haproxy/lists/internal-allow.lst of node "lb1" has other content:
        line 2, expected: "10.0.0.0/9"
        line 2, found:    """
    `);
    expect(message(() => expect(lb1).toHaveFile(path, "10.0.0.0/8"))).toMatchInlineSnapshot(`
      "Error: file haproxy/lists/internal-allow.lst of node "lb1" has other content:
        line 2, expected: the end
        line 2, found:    """
    `);
    expect(message(() => expect(lb1).toHaveFile(path, /^192\./))).toMatchInlineSnapshot(`
      "Error: file haproxy/lists/internal-allow.lst of node "lb1" does not have the content /^192\\./; it begins with:
        10.0.0.0/8"
    `);
    expect(message(() => expect(lb1).not.toHaveFile("manifest.json"))).toMatchInlineSnapshot(
      `"Error: the release of node "lb1" has the file "manifest.json""`,
    );
  });
});
