import type { Construct } from "constructs";
import { WATCH } from "../../model/daemon-name.js";
import type { NodeDescription } from "../../model/node.js";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13, type PlatformProfile } from "../../model/platform-profile.js";
import { nodeAddress, subnet } from "../../terraform/address-fields.js";
import { boolean, interfaceName, plainName } from "../../terraform/fields.js";
import { NodeBase, type NodeBinding, type NodeConfig } from "../../terraform/node.js";
import { input, parseProps, type Report } from "../../terraform/parse.js";
import { type Filled, field, listOf, object, oneOf, optional, withDefault } from "../../terraform/schema.js";
import { problemLine, recordSourceLocation } from "../../terraform/source-location.js";
import { isToken } from "../../terraform/tokens.js";
import { daemonVersions, warnOfNewerVersions } from "../daemon-versions.js";
import { addressesOf, checkInterfaces, interfacesOf } from "../host/host-interfaces.js";
import { checkName, defaultName } from "../node-name.js";
import { UNUSED_NODE } from "../unused-node.js";
import { Host } from "./host.js";
import { Release } from "./release.js";
import { rightsOf } from "./remote.js";
import { Removal } from "./removal.js";
import { checkConnection, provisionerConnection, type SshConnectionOptions, sshConnection } from "./ssh-connection.js";

/** Properties of an `SshNode`. */
export interface SshNodeProps {
  /**
   * The IPv4 address of the node.
   * @default - no IPv4; `address6` is required then
   */
  readonly address?: string;
  /**
   * The IPv6 address of the node.
   * @default - no IPv6
   */
  readonly address6?: string;
  /**
   * The IPv4 subnet of the node's interface.
   * @default - the /24 of `address`
   */
  readonly subnet?: string;
  /**
   * The IPv6 subnet of the node's interface.
   * @default - the /64 of `address6`
   */
  readonly subnet6?: string;
  /**
   * The interface of the host that carries the node's addresses.
   * @default "eth0"
   */
  readonly interface?: string;
  /**
   * Further interfaces of the host that carry virtual addresses or adverts.
   * @default - no further interfaces
   */
  readonly interfaces?: readonly SshNodeInterface[];
  /**
   * The name of the node in daemons and metrics.
   * @default - the construct id, or, if that is "Node", the id of the parent construct or stack
   */
  readonly name?: string;
  /** How Terraform reaches the host. */
  readonly ssh: SshConnectionOptions;
  /**
   * What changes when the machine is another one, such as the id of the resource that makes it: a machine that was replaced
   * is made a node again. May be a cdktf token.
   * @default - the machine is never replaced
   */
  readonly machine?: string;
  /**
   * The versions of the daemons that the host's Debian has. A host with another Debian than that of `DEBIAN_12` or
   * `DEBIAN_13` is refused.
   * @default DEBIAN_13
   */
  readonly versions?: DaemonVersions;
  /**
   * Keeps the virtual addresses on the host's `lo` at all times, so that the node still answers packets that reach it after
   * a failover. For the whole host, `arp_ignore` is set to 1 and `arp_announce` to 2: false for hosts that rely on other
   * values.
   * @default true
   * @see https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html
   */
  readonly keepsAddresses?: boolean;
  /**
   * Takes over a host on which HAProxy, dnsdist, keepalived, unbound or NSD already serve: these are stopped, and do not
   * start again. Otherwise such a host is refused.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * What becomes of the host when the node is destroyed: it goes on serving ("keep"), or hands its addresses over, stops
   * and is cleared ("stop").
   * @default "keep"
   */
  readonly onDestroy?: "keep" | "stop";
  /**
   * The host is off or cannot be reached. Changes of the other nodes of its load balancer neither wait for the node nor
   * fail with it. Take it out when the host is back, and deploy.
   * @default false
   */
  readonly outOfService?: boolean;
}

/** A further interface of an `SshNode`. */
export interface SshNodeInterface {
  /** The name of the interface on the host, for the `interface` of virtual addresses. */
  readonly name: string;
  /**
   * The IPv4 address of the host on it.
   * @default - no IPv4; `address6` is required then
   */
  readonly address?: string;
  /**
   * The IPv6 address of the host on it. IPv6 virtual addresses on the interface need it.
   * @default - no IPv6
   */
  readonly address6?: string;
  /**
   * The IPv4 subnet of the interface.
   * @default - the /24 of `address`
   */
  readonly subnet?: string;
  /**
   * The IPv6 subnet of the interface.
   * @default - the /64 of `address6`
   */
  readonly subnet6?: string;
}

/**
 * Runs the daemons of a load balancer, or a downstream server, on a Debian host that Terraform reaches over SSH: a virtual
 * machine of any provider, a container with systemd, or bare metal.
 */
export class SshNode extends NodeBase {
  readonly description: NodeDescription;
  readonly profile: PlatformProfile;
  readonly network: string;
  readonly restsOutOfService = true;
  private readonly host: Host;
  private readonly release: Release;
  private binding: NodeBinding | undefined;

  constructor(scope: Construct, id: string, props: SshNodeProps) {
    super(scope, id);
    recordSourceLocation(this);
    const { name = defaultName(this), ...kept } = parseProps(
      this,
      { ...INPUT, check: (value, report) => check(this, value, report) },
      props,
    );
    const { versions, keepsAddresses, ssh, outOfService } = kept;
    const addresses = addressesOf(kept);
    const interfaces = interfacesOf(kept);
    this.description = {
      name,
      addresses,
      interface: kept.interface,
      interfaces,
      ...(outOfService ? { outOfService } : {}),
    };
    this.profile = { ...PROFILE, versions, keepsAddresses };
    this.network = interfaces[0].subnets?.[0] ?? "";
    if (props.versions !== undefined) warnOfNewerVersions(this, versions);
    this.node.addValidation({
      validate: () => (this.binding === undefined ? [problemLine(this, UNUSED_NODE)] : []),
    });

    const { user, host = addresses[0] ?? "" } = ssh;
    const rights = rightsOf(user);
    const connection = outOfService ? undefined : provisionerConnection(this, ssh, { host, user });
    this.host = new Host(this, "Host", {
      connection,
      rights,
      machine: kept.machine,
      options: () => [...hostOptions(kept), "--daemons", `"${this.daemons().join(" ")}"`],
    });
    this.release = new Release(this, "Release", {
      connection,
      rights,
      host: this.host.resource,
      spec: () => this.binding?.spec(),
    });
    if (kept.onDestroy === "stop") {
      new Removal(this, "Removal", { connection, rights, release: this.release.resource });
    }
  }

  bind(binding: NodeBinding): NodeConfig {
    this.binding = binding;
    // Nothing of this node changes, not even its agent, before the nodes before it serve again.
    this.host.runAfter(binding.after);
    this.release.runAfter(binding.after);
    return { done: [this.release.resource] };
  }

  /** The daemons that the host needs. */
  private daemons(): readonly string[] {
    const services = this.binding?.spec()?.manifest.services ?? [];
    return services.map(({ name }) => name).filter((name) => name !== WATCH);
  }
}

const PROFILE: Omit<PlatformProfile, "versions" | "keepsAddresses"> = {
  name: "vm",
  paths: {
    state: "/var/lib/dns-lb",
    run: "/run/dns-lb",
    agent: "/usr/libexec/dns-lb",
    trustStore: "/etc/ssl/certs/ca-certificates.crt",
  },
  user: "dns-lb",
  watchUser: "dns-lb-watch",
  // The journal takes both, and what keepalived writes to one goes to syslog anyhow: it would be there twice.
  log: "syslog",
};

/** The releases of Debian whose daemons are known. */
const RELEASES: readonly (readonly [number, DaemonVersions])[] = [
  [12, DEBIAN_12],
  [13, DEBIAN_13],
];

const SCHEMA = object<SshNodeProps>()({
  address: optional(nodeAddress("ipv4")),
  address6: optional(nodeAddress("ipv6")),
  subnet: optional(subnet()),
  subnet6: optional(subnet()),
  interface: withDefault(interfaceName, "eth0"),
  interfaces: withDefault(
    listOf(
      object<SshNodeInterface>()({
        name: interfaceName,
        address: optional(nodeAddress("ipv4")),
        address6: optional(nodeAddress("ipv6")),
        subnet: optional(subnet()),
        subnet6: optional(subnet()),
      }),
    ),
    [],
  ),
  name: optional(plainName),
  ssh: sshConnection,
  machine: optional(
    field<string>({
      code: "DNSLB109",
      type: "string",
      allowed: "the id of a machine",
      accepts: (value) => isToken(value) || (typeof value === "string" && /^[^\p{Cc}]+$/u.test(value)),
    }),
  ),
  versions: withDefault(daemonVersions, DEBIAN_13),
  keepsAddresses: withDefault(boolean, true),
  adopt: withDefault(boolean, false),
  onDestroy: withDefault(oneOf<"keep" | "stop">({ keep: true, stop: true }), "keep"),
  outOfService: withDefault(boolean, false),
});

const INPUT = input({ name: "SshNode", schema: SCHEMA, tokens: ["machine", "ssh"] });

function check(scope: SshNode, props: Filled<typeof SCHEMA>, report: Report): void {
  checkName(scope, props.name, report);
  checkInterfaces(props, report);
  checkConnection(props.ssh, report);
  checkRemoval(props, report);
}

/** Reports what a removal would need and cannot have: Terraform lets it refer to nothing but itself. */
function checkRemoval({ onDestroy, ssh: { auth } }: Filled<typeof SCHEMA>, report: Report): void {
  if (onDestroy !== "stop" || auth?.kind !== "private-key" || auth.secret.kind === "local-file") return;
  report(
    "DNSLB113",
    ["onDestroy"],
    'must be "keep" with a private key that is no file, got "stop": Terraform knows no other when it destroys; use SshAuth.agent() or SshAuth.privateKeyFile()',
  );
}

/** What of its options the program that makes a host a node knows before synthesis. */
function hostOptions({
  versions,
  keepsAddresses,
  adopt,
}: Pick<Filled<typeof SCHEMA>, "versions" | "keepsAddresses" | "adopt">) {
  const release = RELEASES.find(([, known]) => JSON.stringify(known) === JSON.stringify(versions))?.[0];
  return [
    ...(release === undefined ? [] : ["--debian", `${release}`]),
    ...(keepsAddresses ? [] : ["--no-keep-addresses"]),
    ...(adopt ? ["--adopt"] : []),
  ];
}
