import { Container, type ContainerVolumes } from "@cdktf/provider-docker/lib/container/index.js";
import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { dependable, Fn, type ITerraformDependable, Lazy, TerraformSelf } from "cdktf";
import { Construct } from "constructs";
import type { NodeSpec, SecretFile } from "../../model/node-spec.js";
import { deployPath } from "../../terraform/deploy-path.js";
import { DigestKey } from "../../terraform/digest-key.js";
import { argumentText, templateText } from "../../terraform/template-text.js";
import { LOG_DRIVER, MERGED_ATTRIBUTES } from "./engine-defaults.js";

/** The folder of the release in the loader's container. */
const BUNDLE = "/bundle";

/** Properties of a `Loader`. */
export interface LoaderProps {
  readonly provider: DockerProvider;
  readonly name: string;
  /** The container of the node. */
  readonly node: Container;
  /** The volume with the socket on which the node's agent receives releases. */
  readonly inbox: ContainerVolumes & { readonly containerPath: string };
  /** The program of the agent in the image. */
  readonly agent: string;
  /** The spec of the node; undefined while it is unknown or invalid. */
  readonly spec: () => NodeSpec | undefined;
}

/**
 * Submits releases to a node: a container that runs once per release, the only one whose definition holds the
 * configuration. If the agent refuses the release, the deployment fails with the agent's message.
 */
export class Loader extends Construct {
  readonly container: Container;

  constructor(scope: Construct, id: string, props: LoaderProps) {
    super(scope, id);
    const { provider, name, node, inbox, agent, spec } = props;
    const key = new DigestKey(this, "DigestKey");
    this.container = new Container(this, "Resource", {
      provider,
      name,
      image: node.image,
      entrypoint: [agent],
      // The node's own agent applies the release and answers with its output: the loader needs no rights on the node.
      command: ["submit", `${inbox.containerPath}/socket`, BUNDLE, "--remove"],
      networkMode: "none",
      volumes: [inbox],
      capabilities: { drop: ["ALL"] },
      dependsOn: [node],
      // Without a terminal, the log that the provider returns contains the frame headers of Docker's stream.
      tty: true,
      securityOpts: ["no-new-privileges"],
      upload: Lazy.anyValue({ produce: () => uploads(this, key, spec()) }),
      mounts: Lazy.anyValue({ produce: () => mounts(spec()) }),
      attach: true,
      logs: true,
      mustRun: false,
      restart: "no",
      logDriver: LOG_DRIVER,
      lifecycle: {
        ignoreChanges: [...MERGED_ATTRIBUTES],
        postcondition: [
          {
            // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own; cdktf's Op.eq(x, 0) writes "undefined"
            condition: "${self.exit_code == 0}",
            // If the container could not be created, there are no logs.
            errorMessage: `The node refused its configuration:\n${Fn.coalesce([TerraformSelf.getString("container_logs"), "the loader did not run"])}`,
          },
        ],
      },
    });
  }

  /** Orders the release after other resources. */
  runAfter(dependables: readonly ITerraformDependable[]): void {
    this.container.dependsOn = [...(this.container.dependsOn ?? []), ...dependables.map(dependable)];
  }
}

/* Values of Lazies are not renamed by cdktf: their keys are Terraform's. */

function uploads(scope: Construct, key: DigestKey, spec: NodeSpec | undefined) {
  const files = (spec?.files ?? []).map(({ path, content }) => ({
    file: `${BUNDLE}/${path}`,
    content: templateText(content),
  }));
  const secrets = (spec?.secretFiles ?? []).flatMap((file) => {
    const upload = secretUpload(scope, key, file);
    return upload === undefined ? [] : [{ file: `${BUNDLE}/${file.path}`, permissions: "0600", ...upload }];
  });
  return [...files, ...secrets];
}

function secretUpload(scope: Construct, key: DigestKey, { source }: SecretFile) {
  if (source.kind === "variable") return { content: Fn.sensitive(source.value) };
  // A DockerNode refuses ephemeral ones: the state keeps what containers are given.
  if (source.kind !== "local-file") return undefined;
  const path = deployPath(scope, source.path);
  return { source: templateText(path), source_hash: key.digestOf(Fn.filesha256(argumentText(path))) };
}

function mounts(spec: NodeSpec | undefined) {
  return (spec?.secretFiles ?? []).flatMap(({ path, source }) =>
    source.kind === "node-file"
      ? [{ type: "bind", source: templateText(source.path), target: `${BUNDLE}/${path}`, read_only: true }]
      : [],
  );
}
