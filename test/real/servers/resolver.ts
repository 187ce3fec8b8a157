import { DnsRecord } from "../../../lib/servers/dns-record.js";
import { NsdServer } from "../../../lib/servers/nsd-server.js";
import { UnboundServer, type UnboundServerProps } from "../../../lib/servers/unbound-server.js";
import { Zone } from "../../../lib/servers/zone.js";
import { type NodeUnderTest, nodesOf } from "../../../lib/testing/nodes-of.js";
import { FakeNode, newStack } from "../../constructs.js";
import { testWith } from "../config/daemon.js";

export const testUnbound = testWith("unbound", "unbound-checkconf", "unbound-control", "nsd", "dig", "ip", "unshare");
export const RESOLVER = "10.97.0.3";
const AUTH = "10.97.0.4";
const NASTY = `it's "quoted" ; # $(x) \${y} %{z} \\ \n end`;

/** A resolver that forwards to an authoritative server, and that server. */
export function app(local: number, props: Partial<UnboundServerProps> = {}): [NodeUnderTest, NodeUnderTest] {
  const stack = newStack();
  new UnboundServer(stack, "Resolver", {
    node: new FakeNode(stack, "R1", [RESOLVER]),
    allowFrom: ["10.97.0.50/32"],
    forwardTo: [{ address: AUTH }],
    dnssecValidation: false,
    localData: [
      DnsRecord.a({ name: "local.test", address: `192.0.2.${local}` }),
      DnsRecord.txt({ name: "nasty.test", text: NASTY }),
    ],
    ...props,
  });
  new NsdServer(stack, "Auth", {
    node: new FakeNode(stack, "A1", [AUTH]),
    zones: [
      Zone.fromRecords({
        name: "forward.example",
        records: [
          DnsRecord.ns({ name: "@", target: "ns.example.net." }),
          DnsRecord.a({ name: "www", address: "198.51.100.1" }),
        ],
      }),
    ],
  });
  const [resolver, auth] = nodesOf(stack);
  if (resolver === undefined || auth === undefined) throw new RangeError("no nodes");
  return [resolver, auth];
}
