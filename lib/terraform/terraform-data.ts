import {
  anyToHclTerraform,
  anyToTerraform,
  type DataConfig,
  hashMapper,
  hashMapperHcl,
  TerraformResource,
} from "cdktf";
import type { Construct } from "constructs";

/**
 * A `terraform_data` resource. At each synthesis, and for each such resource, cdktf's `DataResource` would run `terraform version`
 * and fail without the program; Terraform itself says if it is too old, which is before 1.4.
 */
export class TerraformData extends TerraformResource {
  private readonly data: { readonly [K in "input" | "triggersReplace"]: DataConfig[K] | undefined };

  constructor(scope: Construct, id: string, { input, triggersReplace, ...rest }: DataConfig) {
    super(scope, id, {
      ...rest,
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
    });
    this.data = { input, triggersReplace };
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { input, triggersReplace } = this.data;
    const texts = hashMapper(anyToTerraform);
    return { input: texts(input), triggers_replace: texts(triggersReplace) };
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    const { input, triggersReplace } = this.data;
    const texts = hashMapperHcl(anyToHclTerraform);
    return { input: texts(input), triggers_replace: texts(triggersReplace) };
  }
}
