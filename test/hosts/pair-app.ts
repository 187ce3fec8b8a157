/**
 * A pair on two hosts. MACHINES holds what is known of them as JSON, KEY is the file of the key that opens them, SERVERS a
 * list of addresses, CERTIFICATE and PASSWORD are files; PORT is one more port for DNS over TLS, AWAY names a machine that is out of service, END what becomes of
 * hosts whose node is destroyed.
 */
import { App, TerraformStack } from "cdktf";
import {
  Certificate,
  DEBIAN_12,
  DEBIAN_13,
  DotListener,
  HaPair,
  ResolverPool,
  Secret,
  SshAuth,
  SshHostKey,
  SshNode,
} from "../../lib/index.js";

/** What the app is told of a machine. */
export interface KnownMachine {
  readonly name: string;
  readonly id: string;
  readonly address: string;
  readonly address6: string;
  readonly debian: 12 | 13;
  /** Its own key, or that of the authority that has signed it. */
  readonly hostKey: string;
  readonly certified: boolean;
}

const {
  MACHINES = "[]",
  KEY = "",
  SERVERS = "",
  CERTIFICATE = "",
  PASSWORD = "",
  PORT,
  AWAY,
  END = "keep",
} = process.env;

const app = new App();
const stack = new TerraformStack(app, "dns");
const machines = JSON.parse(MACHINES) as readonly KnownMachine[];
const [one, two] = machines.map(
  ({ name, id, address, address6, debian, hostKey, certified }) =>
    new SshNode(stack, name, {
      address,
      address6,
      machine: id,
      ssh: {
        user: "debian",
        hostKey: certified ? SshHostKey.authority(hostKey) : SshHostKey.known(hostKey),
        auth: SshAuth.privateKeyFile(KEY),
        timeout: "10s",
      },
      versions: debian === 12 ? DEBIAN_12 : DEBIAN_13,
      onDestroy: END === "stop" ? "stop" : "keep",
      outOfService: name === AWAY,
    }),
);
if (one === undefined || two === undefined) throw new Error("MACHINES must hold two machines");

const pair = new HaPair(stack, "Dns", {
  nodes: [one, two],
  virtualRouterId: 53,
  virtualAddresses: [{ address: "10.0.0.53" }, { address: "fd53::53" }],
  statistics: { user: "ops", password: Secret.fromLocalFile(PASSWORD), address: "10.0.0.53" },
});
const frontend = pair.addDnsFrontend("Internal", {
  pool: new ResolverPool(stack, "Resolvers", {
    servers: SERVERS.split(",").map((address, index) => ({ name: `resolver${index + 1}`, address })),
  }),
  allowFrom: ["10.0.0.0/8", "fd53::/64"],
});
const certificate = Certificate.fromLocalFile(CERTIFICATE);
new DotListener(stack, "Dot", { frontend, certificate });
if (PORT !== undefined) new DotListener(stack, "Further", { frontend, certificate, port: Number(PORT) });
app.synth();
