/**
 * A pair on two hosts. MACHINES holds what is known of them as JSON, KEY is the file of the key that opens them, SERVERS a
 * list of addresses, CERTIFICATE and PASSWORD are files. Beside these:
 * - PORT is one more port for DNS over TLS, VIRTUAL one more virtual address.
 * - AWAY names a machine that is out of service, LEFT one that is no node any more: the other serves alone.
 * - ADOPT is set if hosts are taken over, END says what becomes of hosts whose node is destroyed.
 * - BASTION names the machine through which the other is reached.
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
  StandaloneLoadBalancer,
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
  VIRTUAL,
  AWAY,
  LEFT,
  ADOPT,
  BASTION,
  END = "keep",
} = process.env;

const app = new App();
const stack = new TerraformStack(app, "dns");
const machines = JSON.parse(MACHINES) as readonly KnownMachine[];
const unchecked = SshHostKey.unchecked();
const bastion = machines.find(({ name }) => name === BASTION);

function node({ name, id, address, address6, debian, hostKey, certified }: KnownMachine): SshNode {
  const known = certified ? SshHostKey.authority(hostKey) : SshHostKey.known(hostKey);
  const through = bastion !== undefined && name !== BASTION;
  return new SshNode(stack, name, {
    address,
    address6,
    machine: id,
    ssh: {
      user: "debian",
      hostKey: through ? unchecked : known,
      auth: through ? SshAuth.agent() : SshAuth.privateKeyFile(KEY),
      timeout: "10s",
      ...(through ? { bastion: { host: bastion.address, hostKey: unchecked } } : {}),
    },
    versions: debian === 12 ? DEBIAN_12 : DEBIAN_13,
    adopt: ADOPT !== undefined,
    onDestroy: END === "stop" ? "stop" : "keep",
    outOfService: name === AWAY,
  });
}

const [one, two] = machines.filter(({ name }) => name !== LEFT).map(node);
if (one === undefined) throw new Error("MACHINES must hold a machine");

const password = Secret.fromLocalFile(PASSWORD);
const loadBalancer =
  two === undefined
    ? new StandaloneLoadBalancer(stack, "Alone", { node: one, statistics: { user: "ops", password } })
    : new HaPair(stack, "Dns", {
        nodes: [one, two],
        virtualRouterId: 53,
        virtualAddresses: ["10.0.0.53", "fd53::53", ...(VIRTUAL === undefined ? [] : [VIRTUAL])].map((address) => ({
          address,
        })),
        statistics: { user: "ops", password, address: "10.0.0.53" },
      });
const frontend = loadBalancer.addDnsFrontend("Internal", {
  pool: new ResolverPool(stack, "Resolvers", {
    servers: SERVERS.split(",").map((address, index) => ({ name: `resolver${index + 1}`, address })),
  }),
  allowFrom: ["10.0.0.0/8", "fd53::/64"],
});
const certificate = Certificate.fromLocalFile(CERTIFICATE);
new DotListener(stack, "Dot", { frontend, certificate });
if (PORT !== undefined) new DotListener(stack, "Further", { frontend, certificate, port: Number(PORT) });
app.synth();
