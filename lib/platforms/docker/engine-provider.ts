import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformProvider, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type Field, field } from "../../terraform/schema.js";
import { isToken } from "../../terraform/tokens.js";

/** The schema of a Docker provider. */
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

/** The engine of a provider: equal for providers that are known to lead to one. What a token says is not known. */
export function engineOf(provider: DockerProvider): DockerProvider | string {
  const given = [provider.hostInput, provider.contextInput];
  return given.some(isToken) ? provider : JSON.stringify(given);
}

/** Recognizes providers by their Terraform source, because the app may have another copy of the bindings. */
function isDockerProvider(value: unknown): value is DockerProvider {
  return TerraformProvider.isTerraformProvider(value) && value.terraformProviderSource === SOURCE;
}

const SOURCE = "kreuzwerker/docker";
