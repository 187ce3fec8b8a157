import { Fn } from "cdktf";
import { Construct } from "constructs";
import { TerraformData } from "./terraform-data.js";

/**
 * A random key for the digests of secrets that plans show, so that nobody who reads a plan can tell whether a guess is
 * right. Marking the digests as sensitive would hide the whole of what they stand in: Terraform shows all uploads of a
 * container, or none. The state holds the key, as do saved plans.
 */
export class DigestKey extends Construct {
  private readonly key: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const data = new TerraformData(this, "Resource", {
      // Nothing but this property keeps a value without showing it: `output` repeats `input` in the clear.
      triggersReplace: { key: Fn.sensitive(Fn.uuid()) },
      lifecycle: { ignoreChanges: ["triggers_replace"] },
    });
    this.key = data.interpolationForAttribute("triggers_replace.key").toString();
  }

  /** Changes whenever a digest does, and tells nothing of it to whoever lacks the key. */
  digestOf(digest: string): string {
    // Around a digest of fixed length, so that no part of it can be prolonged.
    return Fn.nonsensitive(Fn.sha256(Fn.join("", [this.key, digest, this.key])));
  }
}
