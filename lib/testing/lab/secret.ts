import { readFileSync } from "node:fs";
import { partOf } from "../../core/pem.js";
import type { SecretFile } from "../../model/node-spec.js";
import type { Secret } from "../../model/secret.js";
import type { CertificateAuthority } from "./certificates.js";
import { LabError } from "./errors.js";

/** The value of a secret in the lab. */
export type LabSecretValue =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "certificate"; readonly names: readonly string[] }
  | { readonly kind: "authority" };

/** Makes values of secrets for a lab. */
export const LabSecret = {
  /** A given text, such as a password. */
  text(text: string): LabSecretValue {
    return Object.freeze({ kind: "text", text });
  },

  /** A certificate with its key, issued by the lab's authority for some names. */
  certificate(...names: string[]): LabSecretValue {
    return Object.freeze({ kind: "certificate", names: Object.freeze(names) });
  },

  /** The certificate of the lab's authority, which has issued those of all clients of the lab. */
  authority(): LabSecretValue {
    return Object.freeze({ kind: "authority" });
  },
} as const;

/** Secrets of the lab, by the name of a variable or by the path of a file. */
export type LabSecrets = Readonly<Record<string, LabSecretValue | string>>;

function keyOf(secret: Secret): string {
  if ("path" in secret) return secret.path;
  if (secret.name !== undefined) return secret.name;
  throw new LabError(
    "an ephemeral secret without a name cannot be given a value in the lab; add 'name' to Secret.fromEphemeral()",
  );
}

/** Of the PEM text of a certificate and its key what stands in a file, where they are two; else the whole text. */
export function pemOf({ source, keyOf: certificate }: SecretFile, text: string): string {
  if (certificate !== undefined) return partOf(text, "key");
  return source.kind === "node-file" && source.key !== undefined ? partOf(text, "certificate") : text;
}

const TITLES = { variable: "variable", ephemeral: "ephemeral value" } as const;

/** Resolves secrets: from the lab's options, or from the file that the secret names. */
export class SecretResolver {
  readonly #made = new Map<string, Promise<string>>();

  constructor(
    private readonly secrets: LabSecrets,
    private readonly authority: CertificateAuthority,
  ) {}

  /** The content of a secret file. The key of a certificate, in a file of its own, may come with the certificate. */
  async resolveFile(file: SecretFile): Promise<string> {
    const { source, keyOf: certificate } = file;
    if (certificate === undefined || this.secrets[keyOf(source)] !== undefined)
      return pemOf(file, await this.resolve(source));
    const given = this.secrets[keyOf(certificate)] !== undefined;
    return pemOf(file, await this.resolve(given ? certificate : source));
  }

  async resolve(secret: Secret): Promise<string> {
    const key = keyOf(secret);
    const given = this.secrets[key];
    if (given !== undefined) return this.#make(key, given);
    const fix = `pass it to the lab: secrets: { ${JSON.stringify(key)}: ... }`;
    if (!("path" in secret)) throw new LabError(`the ${TITLES[secret.kind]} "${key}" has no value in the lab; ${fix}`);
    try {
      return readFileSync(key, "utf8");
    } catch {
      throw new LabError(`the file "${key}" cannot be read on this machine; ${fix}`);
    }
  }

  /** Makes each secret once, because all nodes need the same value. */
  #make(key: string, given: LabSecretValue | string): Promise<string> {
    const made = this.#made.get(key) ?? this.#produce(given);
    this.#made.set(key, made);
    return made;
  }

  async #produce(given: LabSecretValue | string): Promise<string> {
    if (typeof given === "string") return given;
    if (given.kind === "text") return given.text;
    if (given.kind === "authority") return this.authority.pem;
    return (await this.authority.issue(given.names)).pem;
  }
}
