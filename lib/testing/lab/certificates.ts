import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { familyOf } from "../../core/ip.js";
import { command } from "./command.js";

/** A certificate with its key: paths of PEM files. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
  /** Certificate and key in one text, as HAProxy reads them. */
  readonly pem: string;
}

const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7"];

/** The certificate authority of a lab, trusted by the lab's nodes and clients only. */
export class CertificateAuthority {
  /** PEM file of the authority's own certificate. */
  readonly certificate: string;
  readonly #key: string;
  #issued = 0;

  private constructor(private readonly directory: string) {
    this.certificate = join(directory, "ca.pem");
    this.#key = join(directory, "ca.key");
  }

  /** Makes an authority with its files in a directory. */
  static async create(directory: string): Promise<CertificateAuthority> {
    const authority = new CertificateAuthority(directory);
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await command([
      ...["openssl", "req", "-x509", ...EC, "-subj", "/CN=dns-lb lab authority"],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
      ...["-keyout", authority.#key, "-out", authority.certificate],
    ]);
    return authority;
  }

  /** PEM text of the authority's own certificate. */
  get pem(): string {
    return readFileSync(this.certificate, "utf8");
  }

  /** Issues a certificate for some names and addresses, valid for servers and clients. */
  async issue(names: readonly string[]): Promise<IssuedCertificate> {
    this.#issued += 1;
    const base = join(this.directory, `${this.#issued}`);
    const alternatives = names.map((name) => `${familyOf(name) === undefined ? "DNS" : "IP"}:${name}`).join(",");
    await command([
      ...["openssl", "req", "-x509", ...EC, "-CA", this.certificate, "-CAkey", this.#key],
      ...["-subj", `/CN=${(names[0] ?? "nobody").slice(0, 60)}`, "-addext", `subjectAltName=${alternatives}`],
      ...["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth,clientAuth"],
      ...["-keyout", `${base}.key`, "-out", `${base}.pem`],
    ]);
    const pem = readFileSync(`${base}.pem`, "utf8") + readFileSync(`${base}.key`, "utf8");
    return { certificate: `${base}.pem`, key: `${base}.key`, pem };
  }
}
