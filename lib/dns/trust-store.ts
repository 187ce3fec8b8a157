import { type Secret, secretsCalled } from "./secret.js";

/** The source of the certificate authorities that sign the certificates of DoT clients: one PEM text. */
export const TrustStore: typeof Secret = secretsCalled("TrustStore");
/** The source of the certificate authorities of DoT clients. */
export type TrustStore = Secret;
