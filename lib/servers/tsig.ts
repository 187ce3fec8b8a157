import type { Secret } from "../model/secret.js";
import type * as model from "../model/tsig.js";
import { factoryMade } from "../terraform/brand.js";
import { domainName, madeBy, secret } from "../terraform/fields.js";
import { input, parseOptions } from "../terraform/parse.js";
import { object, oneOf, withDefault } from "../terraform/schema.js";

/** A TSIG key that two servers share to sign their messages (RFC 8945). */
export type Tsig = model.Tsig;

/** Options for `Tsig.key()`. */
export interface TsigKeyOptions {
  /** The name of the key, the same on both servers: it is part of the protocol. */
  readonly name: string;
  /** The key in Base64, such as from `tsig-keygen` or `openssl rand -base64 32`. */
  readonly secret: Secret;
  /**
   * The algorithm of the signatures; both sides must use the same.
   * @default "hmac-sha256"
   */
  readonly algorithm?: model.TsigAlgorithm;
}

/** Makes TSIG keys for transfers between servers. */
export const Tsig = {
  /** A TSIG key; its secret is in no rendered file and not in Terraform's JSON. */
  key(options: TsigKeyOptions): Tsig {
    return factoryMade("Tsig", { kind: "tsig", ...parseOptions(KEY, options) });
  },
} as const;

/** The schema of a TSIG key. */
export const TSIG = madeBy<Tsig>("Tsig", "Tsig.key()");

const KEY = input({
  name: "Tsig.key()",
  schema: object<TsigKeyOptions>()({
    name: domainName,
    secret: secret("Secret"),
    algorithm: withDefault(
      oneOf<model.TsigAlgorithm>({ "hmac-sha256": true, "hmac-sha384": true, "hmac-sha512": true }),
      "hmac-sha256",
    ),
  }),
  check: ({ name }, report) => {
    if (name === ".") report("DNSLB109", ["name"], 'must be the name of a key, got "."');
  },
});
