import {
  dependable,
  type ITerraformDependable,
  Lazy,
  type SSHProvisionerConnection,
  TerraformLocal,
  TerraformStack,
} from "cdktf";
import { Construct } from "constructs";
import { templateText } from "../../terraform/template-text.js";
import { TerraformData } from "../../terraform/terraform-data.js";
import { hostArchive } from "../host/host-archive.js";
import { FOLDER, makeFolder, type Rights, remotely } from "./remote.js";

/** Properties of a `Host`. */
export interface HostProps {
  /** Undefined while the host is out of service. */
  readonly connection: SSHProvisionerConnection | undefined;
  readonly rights: Rights;
  /** Changes when the machine is another one. */
  readonly machine: string | undefined;
  /** The options of the program that makes a host a node; not known before synthesis. */
  readonly options: () => readonly string[];
}

/** Makes a host a node without any configuration: packages, users, units, the agent. Again is fine. */
export class Host extends Construct {
  readonly resource: TerraformData;

  constructor(scope: Construct, id: string, { connection, rights, machine = "", options }: HostProps) {
    super(scope, id);
    const { digest } = hostArchive();
    const words = () => options().join(" ");
    this.resource = new TerraformData(this, "Resource", {
      triggersReplace: {
        machine: templateText(machine),
        bootstrap: digest,
        options: Lazy.stringValue({ produce: words }),
        ...(connection === undefined ? { out_of_service: true } : {}),
      },
      ...(connection === undefined
        ? {}
        : {
            connection,
            provisioners: [
              makeFolder(),
              { type: "file" as const, content: archiveOf(this), destination: `${FOLDER}/host` },
              remotely(connection, [
                `rm -rf ${FOLDER}/files`,
                // One after the other: of a pipe, only the last one's failure counts.
                `base64 -d ${FOLDER}/host >${FOLDER}/host.sh.gz`,
                `gunzip -f ${FOLDER}/host.sh.gz`,
                `sh ${FOLDER}/host.sh ${FOLDER}/files`,
                Lazy.stringValue({ produce: () => `${rights.root}sh ${FOLDER}/files/bootstrap ${words()}` }),
                `rm -rf ${FOLDER}/files ${FOLDER}/host ${FOLDER}/host.sh`,
              ]),
            ],
          }),
    });
  }

  /** Orders this after other resources. */
  runAfter(dependables: readonly ITerraformDependable[]): void {
    this.resource.dependsOn = [...(this.resource.dependsOn ?? []), ...dependables.map(dependable)];
  }
}

/** The archive, which all hosts of a stack share. */
function archiveOf(scope: Construct): string {
  const stack = TerraformStack.of(scope);
  const known = stack.node.tryFindChild(ARCHIVE);
  const local = known instanceof TerraformLocal ? known : new TerraformLocal(stack, ARCHIVE, hostArchive().content);
  return local.asString;
}

const ARCHIVE = "dns_lb_host";
