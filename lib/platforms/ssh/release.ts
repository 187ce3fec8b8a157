import { dependable, Fn, type ITerraformDependable, Lazy, type SSHProvisionerConnection, Token } from "cdktf";
import { Construct } from "constructs";
import type { NodeSpec, SecretFile } from "../../model/node-spec.js";
import type { Secret } from "../../model/secret.js";
import { deployPath } from "../../terraform/deploy-path.js";
import { DigestKey } from "../../terraform/digest-key.js";
import { argumentText, templateText } from "../../terraform/template-text.js";
import { TerraformData } from "../../terraform/terraform-data.js";
import { FOLDER, type Rights, remotely } from "./remote.js";

/** Properties of a `Release`. */
export interface ReleaseProps {
  /** Undefined while the host is out of service. */
  readonly connection: SSHProvisionerConnection | undefined;
  readonly rights: Rights;
  /** What makes the host a node. */
  readonly host: TerraformData;
  /** The spec of the node; undefined while it is unknown or invalid. */
  readonly spec: () => NodeSpec | undefined;
}

const PLACE = `${FOLDER}/release`;
const BUNDLE = `${PLACE}/bundle.json`;
const SECRETS = `${PLACE}/secrets.json`;

/**
 * Submits releases to the agent of a host. The triggers hold the texts of all files, so that a plan shows what changes in
 * them, and of each secret a digest. If the agent refuses the release, the deployment fails, with the agent's words above.
 */
export class Release extends Construct {
  readonly resource: TerraformData;

  constructor(scope: Construct, id: string, { connection, rights, host, spec }: ReleaseProps) {
    super(scope, id);
    const key = new DigestKey(this, "DigestKey");
    this.resource = new TerraformData(this, "Resource", {
      triggersReplace: {
        host: host.id,
        files: Lazy.anyValue({ produce: () => texts(spec()) }),
        node_files: Lazy.anyValue({ produce: () => nodeFiles(spec()) }),
        secrets: Lazy.anyValue({ produce: () => digests(this, key, spec()) }),
        ...(connection === undefined ? { out_of_service: true } : {}),
      },
      dependsOn: [host],
      ...(connection === undefined
        ? {}
        : {
            connection,
            provisioners: [
              // The files come with a mode that lets others read them: nobody else gets into their folder.
              remotely(connection, ["umask 077", `rm -rf ${PLACE}`, `mkdir -p ${PLACE}`]),
              { type: "file" as const, content: BUNDLE_TEXT, destination: BUNDLE },
              {
                type: "file" as const,
                content: Lazy.stringValue({ produce: () => Token.asString(contents(this, spec())) }),
                destination: SECRETS,
              },
              remotely(connection, [
                // Also when there is no agent that would.
                `trap 'rm -rf ${PLACE}' EXIT`,
                `${rights.root}dns-lb-agent submit ${BUNDLE} --secrets ${SECRETS} --remove`,
              ]),
            ],
          }),
    });
  }

  /** Orders the release after other resources. */
  runAfter(dependables: readonly ITerraformDependable[]): void {
    this.resource.dependsOn = [...(this.resource.dependsOn ?? []), ...dependables.map(dependable)];
  }
}

/** The triggers hold the files already. */
const BUNDLE_TEXT =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own
  "${jsonencode({ files = self.triggers_replace.files, nodeFiles = self.triggers_replace.node_files })}";

function texts(spec: NodeSpec | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((spec?.files ?? []).map(({ path, content }) => [path, templateText(content)]));
}

/** Secrets that are on the node already, by their places in the release. */
function nodeFiles(spec: NodeSpec | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (spec?.secretFiles ?? []).flatMap(({ path, source }) =>
      source.kind === "node-file" ? [[path, templateText(source.path)]] : [],
    ),
  );
}

function digests(scope: Construct, key: DigestKey, spec: NodeSpec | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(carried(spec).map(({ path, source }) => [path, changeOf(scope, key, source)]));
}

/** What tells that a secret has changed, and nothing of it. */
function changeOf(scope: Construct, key: DigestKey, source: CarriedSecret): string {
  if (source.kind === "ephemeral") return templateText(source.version);
  if (source.kind === "variable") return key.digestOf(Fn.sha256(source.value));
  return key.digestOf(Fn.filesha256(argumentText(deployPath(scope, source.path))));
}

/** The contents of the secrets that the deployment carries, as JSON: read by Terraform when it runs, never at synthesis. */
function contents(scope: Construct, spec: NodeSpec | undefined) {
  return Fn.jsonencode(
    Object.fromEntries(
      carried(spec).map(({ path, source }) => [
        path,
        source.kind === "local-file"
          ? Fn.filebase64(argumentText(deployPath(scope, source.path)))
          : Fn.base64encode(source.value),
      ]),
    ),
  );
}

/** A secret that is not on the node yet. */
type CarriedSecret = Exclude<Secret, { readonly kind: "node-file" }>;

function carried(spec: NodeSpec | undefined) {
  return (spec?.secretFiles ?? []).flatMap(({ path, source }: SecretFile) =>
    source.kind === "node-file" ? [] : [{ path, source }],
  );
}
