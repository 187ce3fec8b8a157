/** A resolver on each of some hosts; ANSWER is what they answer, and before their names. */
import { App, TerraformStack } from "cdktf";
import { DnsRecord, UnboundServer } from "../../lib/index.js";
import { addHosts } from "./app-hosts.js";
import { WHOAMI } from "./dns-server.js";

const { ANSWER = "" } = process.env;

const app = new App();
const stack = new TerraformStack(app, "resolvers");
for (const node of addHosts(stack)) {
  new UnboundServer(stack, `resolver-${node.node.id}`, {
    node,
    allowFrom: ["10.0.0.0/24", "fd53::/64"],
    localData: [DnsRecord.txt({ name: WHOAMI.resolver, text: `${ANSWER} ${node.node.id}` })],
    threads: 1,
    cacheSize: "8m",
  });
}
app.synth();
