import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { testCertificate } from "../certificates.js";
import type { FileName } from "./plan.js";

/** The zone of the file `zone`. */
export const FILE_ZONE = "file.example";
/** The name in the file `certificate`. */
export const CERTIFICATE_NAME = "dns.test";

const ZONE = `$ORIGIN ${FILE_ZONE}.
$TTL 1h
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
* TXT "any \\"name\\"; (here)"
`;

/** Writes the files that plans name into a folder. */
export function writeFiles(folder: string): (name: FileName) => string {
  const times = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 300 * 86_400_000) };
  const authority = testCertificate({ subject: "authority", ca: true, ...times });
  const leaf = testCertificate({ subject: CERTIFICATE_NAME, issuer: authority, names: [CERTIFICATE_NAME], ...times });
  const keys = ["a", "b", "c"].map((each) => `${Buffer.from(each.repeat(48)).toString("base64")}\n`).join("");
  const texts: Readonly<Record<FileName, string>> = {
    authority: authority.pem,
    certificate: `${leaf.pem}${leaf.keyPem}`,
    password: "made-up",
    tickets: keys,
    zone: ZONE,
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return (name) => join(folder, name);
}
