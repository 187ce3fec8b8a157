import { TerraformElement, TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import type * as model from "../model/secret.js";
import { factoryMade } from "../terraform/brand.js";
import { plainName } from "../terraform/fields.js";
import { otherCdktf } from "../terraform/other-cdktf.js";
import { parseOptions } from "../terraform/parse.js";
import { field, object, optional, show } from "../terraform/schema.js";
import { isToken } from "../terraform/tokens.js";

/** Options for `Secret.fromEphemeral()`. */
export interface EphemeralSecretOptions {
  /** A text that changes with the value: Terraform cannot compare what it does not store. */
  readonly version: string;
  /**
   * The name by which the lab is given a value.
   * @default - the lab refuses it
   */
  readonly name?: string;
}

/** The source of a secret, whose value is never in the synthesized JSON. */
export type Secret = model.Secret;

/** Makes references to secrets. */
export const Secret = {
  /**
   * Uses the value of a Terraform variable, which must be `sensitive` and have no default: a default would be in the
   * synthesized JSON. Terraform's state holds the value.
   */
  fromVariable(variable: TerraformVariable): Secret {
    return fromVariable("Secret", variable);
  },

  /**
   * Uses a value that Terraform has while it runs and stores neither in a plan nor in the state: an attribute of an
   * ephemeral resource, as a cdktf token such as `Token.asString(ref("ephemeral.vault_kv_secret_v2.dns.data.key"))`. Needs Terraform 1.10, and nodes of `SshNode`: what a `DockerNode` is given,
   * Terraform stores.
   * @see https://developer.hashicorp.com/terraform/language/block/ephemeral
   */
  fromEphemeral(reference: string, options: EphemeralSecretOptions): Secret {
    return fromEphemeral("Secret", reference, options);
  },

  /**
   * Uses a file on the machine that runs the deployment. The file is read at deploy time; Terraform's state holds its
   * path and hash. A relative path is resolved from the working directory of the app.
   */
  fromLocalFile(path: string): Secret {
    return fromLocalFile("Secret", path);
  },

  /**
   * Uses a file on the node that is not managed by this library; the path is absolute. It is read by a deployment that
   * changes something of the node, and by `dns-lb-agent reload-secrets`.
   */
  fromNodeFile(path: string): Secret {
    return fromNodeFile("Secret", path);
  },
} as const;

/** The same factories under another name, by which errors call them. */
export function secretsCalled(name: string): typeof Secret {
  return {
    fromVariable: (variable) => fromVariable(name, variable),
    fromEphemeral: (reference, options) => fromEphemeral(name, reference, options),
    fromLocalFile: (path) => fromLocalFile(name, path),
    fromNodeFile: (path) => fromNodeFile(name, path),
  };
}

/** Options for `Certificate.fromNodeFile()`. */
export interface CertificateNodeFileOptions {
  /**
   * The file with the private key; its path is absolute.
   * @default - it is in the file of the certificate
   */
  readonly key?: string;
}

/** A certificate from files on the node. */
export function certificateFromNodeFile(path: string, options: CertificateNodeFileOptions): Secret {
  const name = "Certificate.fromNodeFile()";
  const kept = parseOptions({ name, schema: CERTIFICATE_FILES }, { ...options, path });
  const key = kept.key === undefined ? {} : { key: kept.key };
  return factoryMade("Secret", { kind: "node-file", path: kept.path, ...key });
}

function fromVariable(caller: string, variable: TerraformVariable): Secret {
  const { variable: given } = parseOptions({ name: `${caller}.fromVariable()`, schema: VARIABLE }, { variable });
  return factoryMade("Secret", { kind: "variable", name: given.friendlyUniqueId, value: given.stringValue });
}

function fromEphemeral(caller: string, reference: string, options: EphemeralSecretOptions): Secret {
  const name = `${caller}.fromEphemeral()`;
  const { reference: value } = parseOptions({ name, schema: REFERENCE, tokens: ["reference"] as const }, { reference });
  return factoryMade("Secret", { kind: "ephemeral", value, ...parseOptions({ name, schema: EPHEMERAL }, options) });
}

function fromLocalFile(caller: string, path: string): Secret {
  const kept = parseOptions({ name: `${caller}.fromLocalFile()`, schema: LOCAL_FILE }, { path });
  return factoryMade("Secret", { kind: "local-file", path: kept.path });
}

function fromNodeFile(caller: string, path: string): Secret {
  const kept = parseOptions({ name: `${caller}.fromNodeFile()`, schema: NODE_FILE }, { path });
  return factoryMade("Secret", { kind: "node-file", path: kept.path });
}

const VARIABLE = object<{ readonly variable: TerraformVariable }>()({
  variable: field<TerraformVariable>({
    code: "DNSLB103",
    allowed: "a TerraformVariable with 'sensitive: true'",
    accepts: (value) =>
      value instanceof TerraformVariable && value.sensitive === true && refuseVariable(value) === undefined,
    refusal: (value) => {
      const foreign = isElement(value) ? otherCdktf(value) : undefined;
      if (foreign !== undefined || !(value instanceof TerraformVariable) || value.sensitive !== true) return foreign;
      return refuseVariable(value);
    },
    secret: true,
  }),
});

/** Why a sensitive variable cannot hold a secret. */
function refuseVariable({ default: value, type }: TerraformVariable): string | undefined {
  if (value !== undefined) {
    return "must be a TerraformVariable without 'default', which would stand in the synthesized JSON; leave it out, and give the value at the deployment, as by TF_VAR_<name>";
  }
  if (type === undefined || ["string", "number", "bool", "any"].includes(type)) return undefined;
  return `must be a TerraformVariable of type "string", got one of type ${show(type)}`;
}

function isElement(value: unknown): value is TerraformElement {
  return Construct.isConstruct(value) && TerraformElement.isTerraformElement(value);
}

/** Control characters are excluded: they would end the line of the configuration that names the file. */
const isPath = (value: unknown): value is string => typeof value === "string" && /^[^\p{Cc}]+$/u.test(value);

const REFERENCE = object<{ readonly reference: string }>()({
  reference: field<string>({
    code: "DNSLB103",
    allowed: "a reference to an ephemeral value, as a cdktf token",
    accepts: isToken,
    secret: true,
  }),
});

const EPHEMERAL = object<EphemeralSecretOptions>()({
  version: field<string>({
    code: "DNSLB109",
    type: "string",
    allowed: "a text of 1 to 128 printable ASCII characters",
    accepts: (value) => typeof value === "string" && /^[ -~]{1,128}$/.test(value),
  }),
  name: optional(plainName),
});

const LOCAL_FILE = object<{ readonly path: string }>()({
  path: field<string>({ code: "DNSLB109", type: "string", allowed: "the path of a file", accepts: isPath }),
});

const nodePath = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: "the absolute path of a file on the node",
  accepts: (value) => isPath(value) && value.startsWith("/"),
});

const NODE_FILE = object<{ readonly path: string }>()({ path: nodePath });

const CERTIFICATE_FILES = object<{ readonly path: string } & CertificateNodeFileOptions>()({
  path: nodePath,
  key: optional(nodePath),
});
