import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformProvider, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type Field, field } from "../../terraform/schema.js";

/** The provider of a Docker engine. */
export const dockerProvider: Field<DockerProvider> = field<DockerProvider>({
  code: "DNSLB103",
  allowed: "a DockerProvider",
  accepts: isDockerProvider,
});

/** The Docker provider of a construct's stack; makes one for the local engine if there is none yet. */
export function defaultProvider(scope: Construct): DockerProvider {
  const stack = TerraformStack.of(scope);
  const known = stack.node.findAll().find((construct) => isDockerProvider(construct) && !construct.alias);
  return isDockerProvider(known) ? known : new DockerProvider(stack, "docker", {});
}

/** Providers are told by what they are to Terraform: the app may have a copy of the bindings of its own. */
function isDockerProvider(value: unknown): value is DockerProvider {
  return TerraformProvider.isTerraformProvider(value) && value.terraformProviderSource === SOURCE;
}

const SOURCE = "kreuzwerker/docker";
