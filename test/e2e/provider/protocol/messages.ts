/** A value as it travels: msgpack from Terraform, either way back. */
export interface DynamicValue {
  readonly msgpack?: Buffer;
  readonly json?: Buffer;
}

export interface Diagnostic {
  readonly severity: "ERROR" | "WARNING";
  readonly summary: string;
  readonly detail?: string;
}

export interface AttributePath {
  readonly steps: readonly { readonly attribute_name: string }[];
}

export interface SchemaAttribute {
  readonly name: string;
  readonly type: Buffer;
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
  readonly sensitive: boolean;
}

export interface SchemaBlock {
  readonly attributes: readonly SchemaAttribute[];
  readonly block_types: readonly SchemaNestedBlock[];
}

export interface SchemaNestedBlock {
  readonly type_name: string;
  readonly block: SchemaBlock;
  readonly nesting: "SINGLE" | "LIST" | "SET";
  readonly min_items: number;
  readonly max_items: number;
}

export interface Schema {
  readonly version: number;
  readonly block: SchemaBlock;
}

export interface SchemaResponse {
  readonly provider: Schema;
  readonly resource_schemas: Readonly<Record<string, Schema>>;
}

export interface Diagnosed {
  readonly diagnostics?: readonly Diagnostic[];
}

export interface ConfigRequest {
  readonly config: DynamicValue;
}

export interface ResourceConfigRequest extends ConfigRequest {
  readonly type_name: string;
}

export interface UpgradeRequest {
  readonly type_name: string;
  readonly raw_state: { readonly json: Buffer };
}

export interface ReadRequest {
  readonly type_name: string;
  readonly current_state: DynamicValue;
  readonly private: Buffer;
}

export interface ReadResponse extends Diagnosed {
  readonly new_state: DynamicValue;
  readonly private: Buffer;
}

export interface PlanRequest {
  readonly type_name: string;
  readonly prior_state: DynamicValue;
  readonly proposed_new_state: DynamicValue;
  readonly prior_private: Buffer;
}

export interface PlanResponse extends Diagnosed {
  readonly planned_state: DynamicValue;
  readonly requires_replace?: readonly AttributePath[];
  readonly planned_private: Buffer;
  readonly legacy_type_system: boolean;
}

export interface ApplyRequest {
  readonly type_name: string;
  readonly prior_state: DynamicValue;
  readonly planned_state: DynamicValue;
  readonly planned_private: Buffer;
}

export interface ApplyResponse extends Diagnosed {
  readonly new_state: DynamicValue;
  readonly private: Buffer;
  readonly legacy_type_system: boolean;
}

export interface PreparedConfigResponse extends Diagnosed {
  readonly prepared_config: DynamicValue;
}

export interface UpgradeResponse extends Diagnosed {
  readonly upgraded_state: DynamicValue;
}

/** Says that something failed, in the words that Terraform prints. */
export function failure(summary: string, detail?: string): Diagnostic {
  return detail === undefined ? { severity: "ERROR", summary } : { severity: "ERROR", summary, detail };
}
