import { Secret } from "./secret.js";

/** The source of the certificate authorities that sign the certificates of DoT clients: one PEM text. */
export const TrustStore = Secret;
/** The source of the certificate authorities of DoT clients. */
export type TrustStore = Secret;
