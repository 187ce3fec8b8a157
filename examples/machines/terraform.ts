import { TerraformDataSource, TerraformProvider, TerraformResource, type TerraformResourceConfig } from "cdktf";
import type { Construct } from "constructs";

/*
 * Providers, resources and data sources without bindings: their arguments are written as their documentation has them, and
 * typed beside each. An app of your own may have cdktf generate classes for a provider: `npx cdktf provider add bpg/proxmox`.
 */

/** A provider. */
export class Provider extends TerraformProvider {
  constructor(
    scope: Construct,
    id: string,
    source: string,
    version: string,
    private readonly given: Readonly<Record<string, unknown>> = {},
  ) {
    const name = source.split("/")[1] ?? source;
    super(scope, id, {
      terraformResourceType: name,
      terraformGeneratorMetadata: { providerName: name, providerVersionConstraint: version },
      terraformProviderSource: source,
    });
  }

  override get alias(): string | undefined {
    const { alias } = this.given;
    return typeof alias === "string" ? alias : undefined;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.given as Record<string, unknown>;
  }
}

/** How a resource is made, beside its arguments. */
export type Options = Pick<TerraformResourceConfig, "provider" | "lifecycle" | "dependsOn">;

/** A resource whose arguments are `Arguments`. */
export class Resource<Arguments extends object> extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    type: string,
    private readonly given: Arguments,
    options: Options = {},
  ) {
    super(scope, id, { terraformResourceType: type, ...options });
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.given as Record<string, unknown>;
  }
}

/** A data source whose arguments are `Arguments`. */
export class Data<Arguments extends object> extends TerraformDataSource {
  constructor(
    scope: Construct,
    id: string,
    type: string,
    private readonly given: Arguments,
  ) {
    super(scope, id, { terraformResourceType: type });
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.given as Record<string, unknown>;
  }
}
