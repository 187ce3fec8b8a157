/**
 * A resolver on each of some hosts. MACHINES holds what is known of them as JSON, KEY is the file of the key that opens them,
 * ANSWER what they answer.
 */
import { App, TerraformStack } from "cdktf";
import { DEBIAN_12, DEBIAN_13, DnsRecord, SshAuth, SshHostKey, SshNode, UnboundServer } from "../../lib/index.js";
import { WHOAMI } from "./dns-server.js";
import type { KnownMachine } from "./pair-app.js";

const { MACHINES = "[]", KEY = "", ANSWER = "" } = process.env;

const app = new App();
const stack = new TerraformStack(app, "resolvers");
for (const { name, id, address, address6, debian, hostKey } of JSON.parse(MACHINES) as readonly KnownMachine[]) {
  const node = new SshNode(stack, name, {
    address,
    address6,
    machine: id,
    ssh: {
      user: "debian",
      hostKey: SshHostKey.known(hostKey),
      auth: SshAuth.privateKeyFile(KEY),
      timeout: "60s",
    },
    versions: debian === 12 ? DEBIAN_12 : DEBIAN_13,
  });
  new UnboundServer(stack, `resolver-${name}`, {
    node,
    allowFrom: ["10.0.0.0/24", "fd53::/64"],
    localData: [DnsRecord.txt({ name: WHOAMI.resolver, text: `${ANSWER} ${name}` })],
    threads: 1,
    cacheSize: "8m",
  });
}
app.synth();
