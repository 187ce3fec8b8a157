import { Container, type ContainerVolumes } from "@cdktf/provider-docker/lib/container/index.js";
import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { dependable, Fn, type ITerraformDependable, Lazy, TerraformSelf } from "cdktf";
import { Construct } from "constructs";
import type { NodeSpec, SecretFile } from "../../model/node-spec.js";
import { deployPath } from "../../terraform/deploy-path.js";
import { templateText } from "../../terraform/template-text.js";

/** Where a bundle lies in the loader before the agent takes it. */
const BUNDLE = "/bundle";

/** Properties of a `Loader`. */
export interface LoaderProps {
  readonly provider: DockerProvider;
  readonly name: string;
  /** The container of the node. */
  readonly node: Container;
  /** The volume with the socket on which the node's agent takes releases. */
  readonly inbox: ContainerVolumes & { readonly containerPath: string };
  /** The program of the agent in the image. */
  readonly agent: string;
  /** What the node is to run; undefined while that is not known, or wrong. */
  readonly spec: () => NodeSpec | undefined;
}

/**
 * Brings releases to a node: a container that runs once per release, the only one whose definition holds configuration.
 * It fails the deployment with the agent's own words.
 */
export class Loader extends Construct {
  readonly container: Container;

  constructor(scope: Construct, id: string, props: LoaderProps) {
    super(scope, id);
    const { provider, name, node, inbox, agent, spec } = props;
    this.container = new Container(this, "Resource", {
      provider,
      name,
      image: node.image,
      entrypoint: [agent],
      // The node's own agent applies the release and answers with its words: the loader needs no rights on the node.
      command: ["submit", `${inbox.containerPath}/socket`, BUNDLE, "--remove"],
      networkMode: "none",
      volumes: [inbox],
      capabilities: { drop: ["ALL"] },
      dependsOn: [node],
      // Without a terminal the provider gives the log with the frames of Docker's stream in it.
      tty: true,
      securityOpts: ["no-new-privileges"],
      upload: Lazy.anyValue({ produce: () => uploads(this, spec()) }),
      mounts: Lazy.anyValue({ produce: () => mounts(spec()) }),
      attach: true,
      logs: true,
      mustRun: false,
      restart: "no",
      lifecycle: {
        postcondition: [
          {
            // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own; cdktf's Op.eq(x, 0) writes "undefined"
            condition: "${self.exit_code == 0}",
            // A container that could not even be made has said nothing.
            errorMessage: `The node refused its configuration:\n${Fn.coalesce([TerraformSelf.getString("container_logs"), "it was not asked"])}`,
          },
        ],
      },
    });
  }

  /** Waits for other resources before anything reaches the node. */
  runAfter(dependables: readonly ITerraformDependable[]): void {
    this.container.dependsOn = [...(this.container.dependsOn ?? []), ...dependables.map(dependable)];
  }
}

/* What Lazies give is written as it is: names are Terraform's own. */

function uploads(scope: Construct, spec: NodeSpec | undefined) {
  const files = (spec?.files ?? []).map(({ path, content }) => ({
    file: `${BUNDLE}/${path}`,
    content: templateText(content),
  }));
  const secrets = (spec?.secretFiles ?? []).flatMap((file) => {
    const upload = secretUpload(scope, file);
    return upload === undefined ? [] : [{ file: `${BUNDLE}/${file.path}`, permissions: "0600", ...upload }];
  });
  return [...files, ...secrets];
}

function secretUpload(scope: Construct, { source }: SecretFile) {
  if (source.kind === "variable") return { content: Fn.sensitive(source.value) };
  if (source.kind === "node-file") return undefined;
  const path = deployPath(scope, source.path);
  return { source: templateText(path), source_hash: Fn.filesha256(Fn.rawString(path)) };
}

function mounts(spec: NodeSpec | undefined) {
  return (spec?.secretFiles ?? []).flatMap(({ path, source }) =>
    source.kind === "node-file"
      ? [{ type: "bind", source: templateText(source.path), target: `${BUNDLE}/${path}`, read_only: true }]
      : [],
  );
}
