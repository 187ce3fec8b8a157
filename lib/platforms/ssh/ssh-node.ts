import type { Construct } from "constructs";
import type { Problem } from "../../core/errors.js";
import type { NodeDescription } from "../../model/node.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import { boolean } from "../../terraform/fields.js";
import { NodeBase, type NodeBinding, type NodeConfig } from "../../terraform/node.js";
import { input, parseProps, type Report } from "../../terraform/parse.js";
import { type Filled, field, object, oneOf, optional, withDefault } from "../../terraform/schema.js";
import { nodesIn } from "../../terraform/segments.js";
import { problemLine, recordSourceLocation } from "../../terraform/source-location.js";
import { isToken } from "../../terraform/tokens.js";
import { keptAddressesProblems } from "../announcement.js";
import { warnOfNewerVersions } from "../daemon-versions.js";
import {
  bootstrapOptions,
  checkHost,
  factsOf,
  HOST_SHAPE,
  type HostNodeProps,
  upgradeOptions,
} from "../host/host-node.js";
import { UNUSED_NODE } from "../unused-node.js";
import { Host } from "./host.js";
import { Release } from "./release.js";
import { rightsOf } from "./remote.js";
import { Removal } from "./removal.js";
import { checkConnection, provisionerConnection, type SshConnectionOptions, sshConnection } from "./ssh-connection.js";

/** Properties of an `SshNode`. */
export interface SshNodeProps extends HostNodeProps {
  /** How Terraform reaches the host. */
  readonly ssh: SshConnectionOptions;
  /**
   * What changes when the machine is another one, such as the id of the resource that makes it: a machine that was replaced
   * is made a node again. May be a cdktf token.
   * @default - the machine is never replaced
   */
  readonly machine?: string;
  /**
   * Takes over a host on which HAProxy, dnsdist, keepalived, unbound or NSD already serve: these are stopped, and do not
   * start again. Otherwise such a host is refused.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * What becomes of the daemons' packages that are installed already: they stay as they are ("keep"), or a deployment that
   * makes the host a node again brings them up to date ("upgrade"): when the library, the machine or this property has
   * changed, not with each change of DNS. That is done node by node, each drained while its daemons restart, and refused
   * while the other node of a pair does not serve. A node alone does not answer while its daemons restart.
   * @default "keep"
   */
  readonly packages?: "keep" | "upgrade";
  /**
   * What becomes of the host when the node is destroyed by `cdktf destroy`: it goes on serving ("keep"), or hands its
   * addresses over, stops and is cleared ("stop"). A node that is taken out of the app goes on serving in any case, because
   * Terraform then knows no more what to do.
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
  /** Where Terraform connects to. */
  private readonly place: string;
  private binding: NodeBinding | undefined;

  constructor(scope: Construct, id: string, props: SshNodeProps) {
    super(scope, id);
    recordSourceLocation(this);
    const kept = parseProps(this, { ...INPUT, check: (value, report) => check(this, value, report) }, props);
    const { ssh, outOfService, adopt, packages } = kept;
    const { description, profile, network } = factsOf(this, kept);
    this.description = { ...description, ...(outOfService ? { outOfService } : {}) };
    this.profile = profile;
    this.network = network;
    if (props.versions !== undefined) warnOfNewerVersions(this, kept.versions);
    const { user, host = description.addresses[0] ?? "" } = ssh;
    this.place = `${host} port ${ssh.port}`;
    this.node.addValidation({
      validate: () => this.problems().map((problem) => problemLine(this, problem)),
    });

    const rights = rightsOf(user);
    const connection = outOfService ? undefined : provisionerConnection(this, ssh, { host, user });
    this.host = new Host(this, "Host", {
      connection,
      rights,
      machine: kept.machine,
      options: () => [
        ...(adopt ? ["--adopt"] : []),
        ...(packages === "upgrade" ? upgradeOptions(this.binding?.spec()) : []),
        ...bootstrapOptions(profile, this.binding?.spec()),
      ],
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

  private problems(): readonly Problem[] {
    const others = nodesIn(this.node.root).filter(
      (other) => other instanceof SshNode && other.place === this.place && other.node.path < this.node.path,
    );
    const [other] = isToken(this.place) ? [] : others;
    return [
      ...(this.binding === undefined ? [UNUSED_NODE] : []),
      ...keptAddressesProblems(
        this.binding?.spec(),
        this.profile,
        "keepsAddresses",
        "`keepsAddresses: true`, the default",
      ),
      ...(other === undefined
        ? []
        : [
            {
              code: "DNSLB112" as const,
              property: "ssh.host",
              message: `must lead to a host of its own, got ${this.place}, as ${other.node.path} does: each would stop the daemons of the other`,
            },
          ]),
    ];
  }

  bind(binding: NodeBinding): NodeConfig {
    this.binding = binding;
    // Nothing of this node changes, not even its agent, before the nodes before it serve again.
    this.host.runAfter(binding.after);
    this.release.runAfter(binding.after);
    return { done: [this.release.resource] };
  }
}

const SCHEMA = object<SshNodeProps>()({
  ...HOST_SHAPE,
  ssh: sshConnection,
  machine: optional(
    field<string>({
      code: "DNSLB109",
      type: "string",
      allowed: "the id of a machine",
      accepts: (value) => isToken(value) || (typeof value === "string" && /^[^\p{Cc}]+$/u.test(value)),
    }),
  ),
  adopt: withDefault(boolean, false),
  packages: withDefault(oneOf<"keep" | "upgrade">({ keep: true, upgrade: true }), "keep"),
  onDestroy: withDefault(oneOf<"keep" | "stop">({ keep: true, stop: true }), "keep"),
  outOfService: withDefault(boolean, false),
});

const INPUT = input({ name: "SshNode", schema: SCHEMA, tokens: ["machine", "ssh"] });

function check(scope: SshNode, props: Filled<typeof SCHEMA>, report: Report): void {
  checkHost(scope, props, report);
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
