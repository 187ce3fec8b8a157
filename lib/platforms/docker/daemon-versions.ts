import type { DaemonVersions } from "../../model/platform-profile.js";
import { type Field, field } from "../../terraform/schema.js";
import { isPlainObject } from "../../terraform/tokens.js";

/** The versions of the daemons in an image. */
export const daemonVersions: Field<DaemonVersions> = field<DaemonVersions>({
  code: "DNSLB103",
  allowed: "DEBIAN_12 or DEBIAN_13",
  accepts: (value) => isPlainObject(value) && typeof value["haproxy"] === "string",
});
