import type { Secret } from "./secret.js";

/** The algorithms of transaction signatures that NSD knows and nobody advises against (RFC 8945, 6). */
export const TSIG_ALGORITHMS = ["hmac-sha256", "hmac-sha384", "hmac-sha512"] as const;
/** An algorithm of transaction signatures. */
export type TsigAlgorithm = (typeof TSIG_ALGORITHMS)[number];

/** A key that two servers share to sign what they tell each other (RFC 8945). */
export interface Tsig {
  readonly kind: "tsig";
  /** Both sides must know the key by this name. Lower case, with the final dot. */
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  /** Base64. */
  readonly secret: Secret;
}
