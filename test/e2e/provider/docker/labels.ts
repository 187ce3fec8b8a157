import type { Block } from "../sdk/schema.js";

/** Labels as the provider's resources take them: a set of blocks. */
export const labelBlocks: Block = {
  kind: "block",
  nesting: "set",
  fields: {
    label: { kind: "string", presence: "required", forceNew: true },
    value: { kind: "string", presence: "required", forceNew: true },
  },
};
