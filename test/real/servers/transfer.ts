import { Secret } from "../../../lib/dns/secret.js";
import { DnsRecord } from "../../../lib/servers/dns-record.js";
import { NsdServer } from "../../../lib/servers/nsd-server.js";
import { Tsig } from "../../../lib/servers/tsig.js";
import { Zone } from "../../../lib/servers/zone.js";
import { type NodeUnderTest, nodesOf } from "../../../lib/testing/nodes-of.js";
import { FakeNode, newStack } from "../../constructs.js";
import { testWith } from "../config/daemon.js";

export const testNsd = testWith("nsd", "nsd-checkzone", "nsd-control", "dig", "ip", "unshare");
export const AUTH1 = "10.97.0.1";
export const AUTH2 = "10.97.0.2";
/** The key of transfers, in the words of dig. */
export const KEY = "hmac-sha256:transfer.test:K2tf3TRjvQkVCmJF3/Z9vA==";

/** A primary server and its secondary, with the version of a zone whose `www` has that last octet. */
export function app(serial: number, serverCount = 2): [NodeUnderTest, NodeUnderTest] {
  const stack = newStack();
  const key = Tsig.key({ name: "transfer.test", secret: Secret.fromNodeFile("/keys/transfer") });
  const records = [
    DnsRecord.ns({ name: "@", target: "ns1" }),
    DnsRecord.a({ name: "ns1", address: AUTH1 }),
    DnsRecord.a({ name: "www", address: `192.0.2.${serial}`, ttl: "0s" }),
  ];
  const auth1 = new NsdServer(stack, "Auth1", {
    node: new FakeNode(stack, "N1", [AUTH1]),
    zones: [Zone.fromRecords({ name: "example.test", serial, records })],
    serverCount,
  });
  new NsdServer(stack, "Auth2", { node: new FakeNode(stack, "N2", [AUTH2]), secondaryOf: { primary: auth1, key } });
  const [first, second] = nodesOf(stack);
  if (first === undefined || second === undefined) throw new RangeError("no nodes");
  return [first, second];
}
