/**
 * The hosts of an app. MACHINES holds what is known of them as JSON, KEY is the file of the key that opens them. Beside these:
 * - TIMEOUT is how long SSH may take.
 * - AWAY names a machine that is out of service, LEFT one that is no node any more.
 * - ADOPT is set if hosts are taken over, END says what becomes of hosts whose node is destroyed.
 * - BASTION names the machine through which all others are reached.
 */
import type { TerraformStack } from "cdktf";
import { DEBIAN_12, DEBIAN_13, type Duration, SshAuth, SshHostKey, SshNode } from "../../lib/index.js";

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

const { MACHINES = "[]", KEY = "", TIMEOUT = "10s", AWAY, LEFT, ADOPT, BASTION, END = "keep" } = process.env;

const machines = JSON.parse(MACHINES) as readonly KnownMachine[];
const bastion = machines.find(({ name }) => name === BASTION);
const unchecked = SshHostKey.unchecked();

/** Adds a node for each machine that is one. */
export function addHosts(stack: TerraformStack): readonly SshNode[] {
  return machines.filter(({ name }) => name !== LEFT).map((machine) => addHost(stack, machine));
}

function addHost(stack: TerraformStack, machine: KnownMachine): SshNode {
  const { name, id, address, address6, debian, hostKey, certified } = machine;
  const known = certified ? SshHostKey.authority(hostKey) : SshHostKey.known(hostKey);
  const through = name === BASTION ? undefined : bastion;
  return new SshNode(stack, name, {
    address,
    address6,
    machine: id,
    ssh: {
      user: "debian",
      timeout: TIMEOUT as Duration,
      ...(through === undefined
        ? { hostKey: known, auth: SshAuth.privateKeyFile(KEY) }
        : { hostKey: unchecked, bastion: { host: through.address, hostKey: unchecked } }),
    },
    versions: debian === 12 ? DEBIAN_12 : DEBIAN_13,
    adopt: ADOPT !== undefined,
    onDestroy: END === "stop" ? "stop" : "keep",
    outOfService: name === AWAY,
  });
}
