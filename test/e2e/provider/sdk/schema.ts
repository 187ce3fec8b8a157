import type { SchemaAttribute, SchemaBlock, SchemaNestedBlock } from "../protocol/messages.js";
import type { Value } from "../protocol/value.js";
import type { Validator } from "./validators.js";

/** What every attribute and block of a resource says about itself. */
interface Common {
  /** @default "optional" */
  readonly presence?: "required" | "optional" | "computed" | "optional-computed";
  /** A change replaces the resource. */
  readonly forceNew?: boolean;
  readonly validate?: Validator;
}

export interface Scalar extends Common {
  readonly kind: "string" | "number" | "bool";
  readonly default?: string | number | boolean;
  /** An empty string in the configuration is no change. */
  readonly emptyIsNoChange?: boolean;
  readonly sensitive?: boolean;
}

/** A collection of strings. */
export interface Collection extends Common {
  readonly kind: "list" | "set" | "map";
}

export interface Block extends Common {
  readonly kind: "block";
  readonly nesting: "list" | "set" | "single";
  readonly fields: Fields;
  /** @default 0, no limit */
  readonly maxItems?: number;
  /** The order in which the engine lists the elements is not a change. */
  readonly orderIsNoChange?: boolean;
}

/** A list of objects that only the provider fills. */
export interface ObjectList extends Common {
  readonly kind: "objects";
  readonly presence: "computed";
  readonly fields: Readonly<Record<string, "string" | "number">>;
}

export type Field = Scalar | Collection | Block | ObjectList;

/** The attributes and blocks of a resource by name. */
export type Fields = Readonly<Record<string, Field>>;

export function isComputed(field: Field): boolean {
  return field.presence === "computed" || field.presence === "optional-computed";
}

/** What an attribute holds where neither configuration nor default set it. */
export function zeroOf(field: Field): Value {
  switch (field.kind) {
    case "string":
      return "";
    case "number":
      return 0;
    case "bool":
      return false;
    case "map":
      return {};
    case "list":
    case "set":
    case "block":
    case "objects":
      return [];
  }
}

/** The schema as Terraform asks for it. */
export function wireBlock(fields: Fields): SchemaBlock {
  const attributes: SchemaAttribute[] = [];
  const blocks: SchemaNestedBlock[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === "block") blocks.push(wireNestedBlock(name, field));
    else attributes.push(wireAttribute(name, field));
  }
  return { attributes, block_types: blocks };
}

const NESTING = { list: "LIST", set: "SET", single: "SINGLE" } as const;

function wireNestedBlock(name: string, field: Block): SchemaNestedBlock {
  return {
    type_name: name,
    block: wireBlock(field.fields),
    nesting: NESTING[field.nesting],
    min_items: field.presence === "required" ? 1 : 0,
    max_items: field.maxItems ?? 0,
  };
}

function wireAttribute(name: string, field: Exclude<Field, Block>): SchemaAttribute {
  const presence = field.presence ?? "optional";
  return {
    name,
    type: Buffer.from(JSON.stringify(wireType(field))),
    required: presence === "required",
    optional: presence === "optional" || presence === "optional-computed",
    computed: isComputed(field),
    sensitive: field.kind === "string" && field.sensitive === true,
  };
}

function wireType(field: Exclude<Field, Block>): unknown {
  switch (field.kind) {
    case "list":
    case "set":
    case "map":
      return [field.kind, "string"];
    case "objects":
      return ["list", ["object", field.fields]];
    default:
      return field.kind;
  }
}
