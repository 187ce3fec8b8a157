import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type Field, field } from "../../terraform/schema.js";

/** The provider of a Docker engine. */
export const dockerProvider: Field<DockerProvider> = field<DockerProvider>({
  code: "DNSLB103",
  allowed: "a DockerProvider",
  accepts: (value) => value instanceof DockerProvider,
});

/** The Docker provider of a construct's stack; makes one for the local engine if there is none yet. */
export function defaultProvider(scope: Construct): DockerProvider {
  const stack = TerraformStack.of(scope);
  const known = stack.node.findAll().find((construct) => construct instanceof DockerProvider && !construct.alias);
  return known instanceof DockerProvider ? known : new DockerProvider(stack, "docker", {});
}
