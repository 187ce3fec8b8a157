import { Secret } from "./secret.js";

/** Says where the certificate authorities come from that sign the certificates of DoT clients: one PEM text. */
export const TrustStore = Secret;
/** The certificate authorities of DoT clients, by where they come from. */
export type TrustStore = Secret;
