import { type Secret, secretsCalled } from "./secret.js";

/** The source of a DoT listener's certificate: one PEM text of certificate, chain and private key. */
export const Certificate: typeof Secret = secretsCalled("Certificate");
/** The source of the certificate, chain and private key of a DoT listener. */
export type Certificate = Secret;
