import { Secret } from "./secret.js";

/** Says where the certificate of a DoT listener comes from: one PEM text of certificate, chain and private key. */
export const Certificate = Secret;
/** The certificate, chain and private key of a DoT listener, by where they come from. */
export type Certificate = Secret;
