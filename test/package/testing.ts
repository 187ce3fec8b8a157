// This entry point loads without vitest, which is an optional peer.
import { dnsLbMatchers, nodesOf } from "cdktf-dns-lb/testing";

if (typeof dnsLbMatchers !== "object" || typeof nodesOf !== "function") throw new Error("/testing is empty");
