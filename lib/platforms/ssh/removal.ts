import { type SSHProvisionerConnection, TerraformSelf } from "cdktf";
import { Construct } from "constructs";
import { TerraformData } from "../../terraform/terraform-data.js";
import { type Rights, remotely } from "./remote.js";

/** Properties of a `Removal`. */
export interface RemovalProps {
  /** Undefined while the host is out of service. */
  readonly connection: SSHProvisionerConnection | undefined;
  readonly rights: Rights;
  /** What must still be there while the node is removed. */
  readonly release: TerraformData;
}

/** What of a connection may be known only when Terraform runs; its own end is all that a resource may refer to then. */
const KEPT = {
  host: "host",
  user: "user",
  hostKey: "host_key",
  bastionHost: "bastion_host",
  bastionUser: "bastion_user",
  bastionHostKey: "bastion_host_key",
} as const satisfies Partial<Record<keyof SSHProvisionerConnection, string>>;

/**
 * Takes the node off its host when it is destroyed: its addresses move, its daemons stop, and what is ours goes. Apart
 * from the release, which is destroyed each time that it changes.
 */
export class Removal extends Construct {
  constructor(scope: Construct, id: string, { connection, rights, release }: RemovalProps) {
    super(scope, id);
    const names = (Object.keys(KEPT) as (keyof typeof KEPT)[]).filter((name) => connection?.[name] !== undefined);
    const own = Object.fromEntries(names.map((name) => [name, TerraformSelf.getString(`input.${KEPT[name]}`)]));
    const reachable = connection === undefined ? undefined : { ...connection, ...own };
    const resource = new TerraformData(this, "Resource", {
      input: Object.fromEntries(names.map((name) => [KEPT[name], connection?.[name]])),
      dependsOn: [release],
      ...(reachable === undefined
        ? {}
        : {
            connection: reachable,
            provisioners: [remotely(reachable, [`${rights.root}dns-lb-agent uninstall`])],
          }),
    });
    if (connection === undefined) return;
    resource.addOverride("provisioner.0.remote-exec.when", "destroy");
    // A host that is gone must not keep the rest from being destroyed.
    resource.addOverride("provisioner.0.remote-exec.on_failure", "continue");
  }
}
