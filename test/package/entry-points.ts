// The entry points beside the main one load without vitest, which is an optional peer.
import * as config from "cdktf-dns-lb/config";
import { dnsLbMatchers, nodesOf } from "cdktf-dns-lb/testing";

if (Object.keys(config).length === 0 || typeof dnsLbMatchers !== "object" || typeof nodesOf !== "function") {
  throw new Error("an entry point is empty");
}
