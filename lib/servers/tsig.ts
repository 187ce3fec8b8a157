import { canonicalDomainName } from "../core/names.js";
import type { Secret } from "../model/secret.js";
import type * as model from "../model/tsig.js";
import { factoryMade } from "../terraform/factory-made.js";
import { domainName, madeBy, secret } from "../terraform/fields.js";
import { type Input, parseOptions } from "../terraform/parse.js";
import { object, oneOf, optional } from "../terraform/schema.js";

/** A key that two servers share to sign what they tell each other (RFC 8945). */
export type Tsig = model.Tsig;

/** Options for `Tsig.key()`. */
export interface TsigKeyOptions {
  /** The name by which both sides know the key: part of the protocol. */
  readonly name: string;
  /** The key in Base64, as `tsig-keygen` or `openssl rand -base64 32` make it. */
  readonly secret: Secret;
  /**
   * The algorithm of the signatures; both sides must use the same.
   * @default "hmac-sha256"
   */
  readonly algorithm?: model.TsigAlgorithm;
}

/** Makes keys for transfers between servers. */
export const Tsig = {
  /** A key whose bytes stand in no rendered file, and not in Terraform's JSON. */
  key(options: TsigKeyOptions): Tsig {
    const { name, secret: source, algorithm = "hmac-sha256" } = parseOptions(KEY, options);
    return factoryMade({ kind: "tsig", name: canonicalDomainName(name), algorithm, secret: source });
  },
} as const;

/** The schema of a key. */
export const TSIG = madeBy<Tsig>("Tsig.key()", { tsig: true });

const KEY: Input<TsigKeyOptions> = {
  name: "Tsig.key()",
  schema: object<TsigKeyOptions>({
    name: domainName,
    secret: secret("Secret"),
    algorithm: optional(oneOf<model.TsigAlgorithm>({ "hmac-sha256": true, "hmac-sha384": true, "hmac-sha512": true })),
  }),
  check: ({ name }, report) => {
    if (name === ".") report("DNSLB109", ["name"], 'must be the name of a key, got "."');
  },
};
