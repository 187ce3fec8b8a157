import { factoryMade } from "../../terraform/brand.js";
import { parseOptions } from "../../terraform/parse.js";
import { type Field, field, object } from "../../terraform/schema.js";
import { isToken } from "../../terraform/tokens.js";

/** How Terraform recognizes a host. */
export type SshHostKey =
  | { readonly kind: "known"; readonly key: string }
  | { readonly kind: "authority"; readonly key: string }
  | { readonly kind: "unchecked" };

/** Says how Terraform recognizes a host before it hands anything to it. */
export const SshHostKey = {
  /**
   * The host has this public key: the content of a `/etc/ssh/ssh_host_*_key.pub` of the host, such as
   * `"ssh-ed25519 AAAA..."`. May be a cdktf token, such as an attribute of a virtual machine.
   */
  known(key: string): SshHostKey {
    return factoryMade("SshHostKey", { kind: "known", key: keyOf("known", key) });
  },

  /**
   * The host has a certificate that the owner of this public key has signed, as machines have that are made anew. May be a
   * cdktf token.
   * @see https://man.openbsd.org/ssh-keygen#CERTIFICATES
   */
  authority(key: string): SshHostKey {
    return factoryMade("SshHostKey", { kind: "authority", key: keyOf("authority", key) });
  },

  /**
   * Whoever answers at the host's address is taken for the host, and is given its configuration with all secrets. Only for
   * networks in which nobody can stand between Terraform and the host.
   */
  unchecked(): SshHostKey {
    return factoryMade("SshHostKey", { kind: "unchecked" });
  },
} as const;

function keyOf(factory: string, key: string): string {
  const name = `SshHostKey.${factory}()`;
  return parseOptions({ name, schema: SCHEMA, tokens: ["key"] as const }, { key }).key;
}

/** As `sshd` writes it: a type, the key in Base64, and a comment that nobody needs. */
const KEY = /^(ssh-[a-z0-9]+|ecdsa-sha2-nistp\d+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]{40,}={0,2}( [ -~]*)?$/;

const publicKey: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: 'a public key in one line, such as "ssh-ed25519 AAAA..."',
  accepts: (value) => isToken(value) || (typeof value === "string" && KEY.test(value)),
  fix: (value) => {
    if (typeof value !== "string") return undefined;
    if (value.includes("PRIVATE KEY")) return "give the public key, from the file that ends in .pub";
    return /\n$/.test(value) && KEY.test(value.trimEnd()) ? "leave out the line break at its end" : undefined;
  },
});

const SCHEMA = object<{ readonly key: string }>()({ key: publicKey });
