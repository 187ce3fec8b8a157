import { TerraformElement, TerraformVariable } from "cdktf";
import type * as model from "../model/secret.js";
import { factoryMade } from "../terraform/brand.js";
import { otherCdktf } from "../terraform/other-cdktf.js";
import { input, parseOptions } from "../terraform/parse.js";
import { field, object } from "../terraform/schema.js";

/** Where a secret comes from; its bytes never stand in synthesized JSON. */
export type Secret = model.Secret;

/** Says where a secret comes from. */
export const Secret = {
  /** Takes the value of a Terraform variable, which must be `sensitive`. The value ends in Terraform's state. */
  fromVariable(variable: TerraformVariable): Secret {
    const { variable: given } = parseOptions(VARIABLE, { variable });
    return factoryMade("Secret", { kind: "variable", name: given.friendlyUniqueId, value: given.stringValue });
  },

  /**
   * Takes a file of the machine that runs the deployment. It is read at deploy time; Terraform's state holds its path
   * and hash. A relative path starts at the working directory of the app.
   */
  fromLocalFile(path: string): Secret {
    return factoryMade("Secret", { kind: "local-file", path: parseOptions(LOCAL_FILE, { path }).path });
  },

  /** Takes a file that something else puts on the node; the path is absolute there. */
  fromNodeFile(path: string): Secret {
    return factoryMade("Secret", { kind: "node-file", path: parseOptions(NODE_FILE, { path }).path });
  },
} as const;

const VARIABLE = input({
  name: "Secret.fromVariable",
  schema: object<{ readonly variable: TerraformVariable }>()({
    variable: field<TerraformVariable>({
      code: "DNSLB103",
      allowed: "a TerraformVariable with 'sensitive: true'",
      accepts: (value) => value instanceof TerraformVariable && value.sensitive === true,
      refusal: (value) => (TerraformElement.isTerraformElement(value) ? otherCdktf(value) : undefined),
      secret: true,
    }),
  }),
});

/** Control characters would end the line that names the file. */
const isPath = (value: unknown): value is string => typeof value === "string" && /^[^\p{Cc}]+$/u.test(value);

const LOCAL_FILE = input({
  name: "Secret.fromLocalFile",
  schema: object<{ readonly path: string }>()({
    path: field<string>({ code: "DNSLB109", type: "string", allowed: "the path of a file", accepts: isPath }),
  }),
});

const NODE_FILE = input({
  name: "Secret.fromNodeFile",
  schema: object<{ readonly path: string }>()({
    path: field<string>({
      code: "DNSLB109",
      type: "string",
      allowed: "the absolute path of a file on the node",
      accepts: (value) => isPath(value) && value.startsWith("/"),
    }),
  }),
});
