import { Testing } from "cdktf";
import { dnsLbMatchers, nodesOf } from "cdktf-dns-lb/testing";
import { expect, test } from "vitest";
import { addSite, BERLIN } from "./stacks";

expect.extend(dnsLbMatchers);

// In a file of its own: it needs Linux with HAProxy, dnsdist and keepalived, and takes seconds.
test("the daemons themselves take what a site makes", async () => {
  const app = Testing.app();
  addSite(app, BERLIN);
  for (const node of nodesOf(app)) await expect(node).toPassDaemonChecks();
});
