import { type Secret, secretsCalled } from "./secret.js";

/** The source of certificate authorities, which sign the certificates of DoT clients or of servers: one PEM text. */
export const TrustStore: typeof Secret = secretsCalled("TrustStore");
/** The source of the certificate authorities of DoT clients or of servers. */
export type TrustStore = Secret;
