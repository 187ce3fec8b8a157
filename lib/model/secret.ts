/**
 * Where a secret comes from. The model never holds a secret's bytes, except as a token that Terraform resolves at
 * deploy time.
 */
export type Secret = SecretFromVariable | SecretFromLocalFile | SecretFromNodeFile;

/** A sensitive Terraform variable; `value` is its token. */
export interface SecretFromVariable {
  readonly kind: "variable";
  readonly name: string;
  readonly value: string;
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
}
