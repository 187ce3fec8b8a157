/**
 * Where a secret comes from. The model never holds a secret's bytes, except as a token that Terraform resolves at
 * deploy time.
 */
export type Secret = SecretFromVariable | SecretFromEphemeral | SecretFromLocalFile | SecretFromNodeFile;

/** A sensitive Terraform variable; `value` is its token. */
export interface SecretFromVariable {
  readonly kind: "variable";
  readonly name: string;
  readonly value: string;
}

/** A value that Terraform has while it runs, and stores nowhere; `value` is its token. */
export interface SecretFromEphemeral {
  readonly kind: "ephemeral";
  /** By which the lab is given a value. */
  readonly name?: string;
  readonly value: string;
  /** Another version is another value: nothing else tells. */
  readonly version: string;
}

/** A file on the machine that runs the deployment; passed on by path and hash, never by content. */
export interface SecretFromLocalFile {
  readonly kind: "local-file";
  readonly path: string;
}

/** A file on the node that is not managed by this library. */
export interface SecretFromNodeFile {
  readonly kind: "node-file";
  readonly path: string;
  /** Of a certificate: the file with its private key, if that is another one. */
  readonly key?: string;
}
