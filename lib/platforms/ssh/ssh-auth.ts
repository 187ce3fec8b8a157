import type { Secret } from "../../model/secret.js";
import { factoryMade } from "../../terraform/brand.js";
import { secret } from "../../terraform/fields.js";
import { parseOptions } from "../../terraform/parse.js";
import { field, object } from "../../terraform/schema.js";

/** By what Terraform proves at a host who it is. */
export type SshAuth = { readonly kind: "agent" } | { readonly kind: "private-key"; readonly secret: Secret };

/** Says by what Terraform proves at a host who it is. */
export const SshAuth = {
  /** By the keys of the SSH agent that `SSH_AUTH_SOCK` names where Terraform runs. */
  agent(): SshAuth {
    return factoryMade("SshAuth", { kind: "agent" });
  },

  /**
   * By a private key without a passphrase, in a file where Terraform runs. The file is read at every deployment. A relative
   * path is resolved from the working directory of the app.
   */
  privateKeyFile(path: string): SshAuth {
    const kept = parseOptions({ name: "SshAuth.privateKeyFile()", schema: FILE }, { path });
    const key: Secret = { kind: "local-file", path: kept.path };
    return factoryMade("SshAuth", { kind: "private-key", secret: key });
  },

  /** By a private key without a passphrase, from a `Secret` that is not a file of the node. */
  privateKey(key: Secret): SshAuth {
    const kept = parseOptions({ name: "SshAuth.privateKey()", schema: KEY, check: onTheNode }, { key });
    return factoryMade("SshAuth", { kind: "private-key", secret: kept.key });
  },
} as const;

const FILE = object<{ readonly path: string }>()({
  path: field<string>({
    code: "DNSLB109",
    type: "string",
    allowed: "the path of a file",
    accepts: (value) => typeof value === "string" && /^[^\p{Cc}]+$/u.test(value),
  }),
});

const KEY = object<{ readonly key: Secret }>()({ key: secret("Secret") });

function onTheNode(
  { key }: { readonly key: Secret },
  report: (code: "DNSLB113", path: string[], text: string) => void,
) {
  if (key.kind !== "node-file") return;
  report(
    "DNSLB113",
    ["key"],
    "must be known where Terraform runs, got Secret.fromNodeFile(), which is on the host itself; use Secret.fromLocalFile() or Secret.fromVariable()",
  );
}
