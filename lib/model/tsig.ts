import type { Secret } from "./secret.js";

/** The TSIG algorithms that NSD supports and RFC 8945 (section 6) does not discourage. */
export const TSIG_ALGORITHMS = ["hmac-sha256", "hmac-sha384", "hmac-sha512"] as const;
/** A TSIG algorithm. */
export type TsigAlgorithm = (typeof TSIG_ALGORITHMS)[number];

/** A TSIG key that two servers share to sign their messages (RFC 8945). */
export interface Tsig {
  readonly kind: "tsig";
  /** The name of the key, the same on both servers. Lower case, with the final dot. */
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  /** Base64. */
  readonly secret: Secret;
}
