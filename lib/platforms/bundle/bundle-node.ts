import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Problem } from "../../core/errors.js";
import type { NodeDescription } from "../../model/node.js";
import type { NodeSpec } from "../../model/node-spec.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import { NodeBase, type NodeBinding, type NodeConfig } from "../../terraform/node.js";
import { input, parseProps } from "../../terraform/parse.js";
import { object } from "../../terraform/schema.js";
import { nodesIn } from "../../terraform/segments.js";
import { problemLine, recordSourceLocation } from "../../terraform/source-location.js";
import { writeAtSynthesis } from "../../terraform/written-files.js";
import { keptAddressesProblems } from "../announcement.js";
import { warnOfNewerVersions } from "../daemon-versions.js";
import { hostScript } from "../host/host-archive.js";
import { bootstrapOptions, checkHost, factsOf, HOST_SHAPE, type HostNodeProps } from "../host/host-node.js";
import { UNUSED_NODE } from "../unused-node.js";

/** Properties of a `BundleNode`. */
export interface BundleNodeProps extends HostNodeProps {}

/**
 * Runs the daemons of a load balancer, or a downstream server, on a Debian host that Terraform does not reach: behind an air
 * gap, or set up by Ansible or by hand. Synthesis writes three files into the output folder of the stack, below `bundles/`:
 *
 * - `<name>.json`, the release, for `dns-lb-agent submit <name>.json` on the host. The same for the same configuration. It
 *   holds no secret: these are files of the host (`Secret.fromNodeFile()`), which are named in it.
 * - `host.sh`, which makes any host a node without a configuration: `sh host.sh FOLDER` unpacks it.
 * - `<name>.txt`, the command that is run then, with what this node needs.
 */
export class BundleNode extends NodeBase {
  readonly description: NodeDescription;
  readonly profile: PlatformProfile;
  readonly network: string;
  private binding: NodeBinding | undefined;

  constructor(scope: Construct, id: string, props: BundleNodeProps) {
    super(scope, id);
    recordSourceLocation(this);
    const kept = parseProps(this, { ...INPUT, check: (value, report) => checkHost(this, value, report) }, props);
    const { description, profile, network } = factsOf(this, kept);
    this.description = description;
    this.profile = profile;
    this.network = network;
    if (props.versions !== undefined) warnOfNewerVersions(this, kept.versions);
    this.node.addValidation({
      validate: () => this.problems().map((problem) => problemLine(this, problem)),
    });

    const { name } = description;
    writeAtSynthesis(this, () => {
      const spec = this.binding?.spec();
      return {
        [`${FOLDER}/${name}.json`]: bundleText(spec),
        [`${FOLDER}/${name}.txt`]: `sh bootstrap ${bootstrapOptions(profile, spec).join(" ")}\n`,
        [`${FOLDER}/host.sh`]: hostScript(),
      };
    });
  }

  bind(binding: NodeBinding): NodeConfig {
    this.binding = binding;
    return { done: [] };
  }

  private problems(): readonly Problem[] {
    if (this.binding === undefined) return [UNUSED_NODE];
    const { name } = this.description;
    const [other] = nodesIn(TerraformStack.of(this)).filter(
      (each) => each instanceof BundleNode && each.description.name === name && each.node.path < this.node.path,
    );
    if (other !== undefined) {
      const message = `must be unique among the bundles of a stack, got "${name}", the name of ${other.node.path} too; give one of them another 'name'`;
      return [{ code: "DNSLB112", property: "name", message }];
    }
    const spec = this.binding.spec();
    const unkept = keptAddressesProblems(spec, this.profile, "keepsAddresses", "`keepsAddresses: true`, the default");
    const secrets = (spec?.secretFiles ?? []).flatMap(({ path, source }) =>
      source.kind === "node-file"
        ? []
        : [
            {
              code: "DNSLB021" as const,
              property: "",
              message: `would have a secret in its bundle, that of ${path}; use Secret.fromNodeFile(), Certificate.fromNodeFile() or TrustStore.fromNodeFile() with the path of a file on the host`,
            },
          ],
    );
    return [...unkept, ...secrets];
  }
}

const FOLDER = "bundles";

const INPUT = input({ name: "BundleNode", schema: object<BundleNodeProps>()(HOST_SHAPE) });

/** A release as `dns-lb-agent submit` reads it. */
function bundleText(spec: NodeSpec | undefined): string {
  const files = (spec?.files ?? []).map(({ path, content }) => [path, content] as const);
  const nodeFiles = (spec?.secretFiles ?? []).flatMap(({ path, source }) =>
    source.kind === "node-file" ? [[path, source.path] as const] : [],
  );
  const bundle = { files: Object.fromEntries(files), nodeFiles: Object.fromEntries(nodeFiles) };
  return `${JSON.stringify(bundle, undefined, 2)}\n`;
}
