import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { InputCode } from "./codes/index.js";
import { isCertificate, isEncrypted, isPrivateKey, type PemBlock, type PemText, readPem } from "./pem.js";

/** What is wrong with a certificate, completing a message about the property or the file; never a part of a key. */
export interface CertificateProblem {
  readonly code: InputCode;
  readonly message: string;
}

/** OpenSSL takes no shorter key of this kind on Debian. */
const SHORTEST_RSA = 2_048;
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE = "2.5.29.37.0";

/**
 * What is wrong with the PEM text of a server's certificate, its chain and its private key, whatever the time is. With a
 * name, clients that expect it must accept the certificate (RFC 8310, RFC 6125).
 */
export function serverCertificateProblems(text: string, serverName?: string): CertificateProblem[] {
  const pem = readPem(text);
  const read = pem.blocks.filter(isCertificate).map(parseCertificate);
  const certificates = read.filter((each) => each !== undefined);
  const [leaf, ...rest] = certificates;
  const form = [
    ...formProblems(text, pem, "DNSLB158", read.indexOf(undefined)),
    ...(leaf === undefined && !read.includes(undefined) ? [incomplete(noCertificate(pem))] : []),
  ];
  const { key, problems } = readKey(pem.blocks.filter(isPrivateKey));
  if (leaf === undefined || form.length > 0) return [...form, ...problems];
  const fit = key === undefined ? [] : fitProblems(key, certificates);
  return [
    ...problems,
    ...fit,
    // A chain that begins with another certificate is put right by the same step.
    ...(fit.length > 0 ? [] : chainProblems(leaf, rest)),
    ...(fit.length > 0 ? [] : purposeProblems(leaf)),
    ...(serverName === undefined || fit.length > 0 ? [] : nameProblems(leaf, serverName)),
  ];
}

/** What is wrong with the PEM text of certificate authorities, whatever the time is. */
export function authorityProblems(text: string): CertificateProblem[] {
  const pem = readPem(text);
  const read = pem.blocks.filter(isCertificate).map(parseCertificate);
  const wrong = (message: string): CertificateProblem => ({ code: "DNSLB163", message });
  const strangers = read.flatMap((each, index) =>
    each === undefined || isAuthority(each) ? [] : [wrong(notAnAuthority(each, index))],
  );
  return [
    ...formProblems(text, pem, "DNSLB163", read.indexOf(undefined)),
    ...(read.length === 0 ? [wrong(noCertificate(pem))] : []),
    ...(pem.blocks.some(isPrivateKey)
      ? [wrong("must hold certificates only, got a private key as well; a key of an authority must not reach a node")]
      : []),
    ...strangers,
  ];
}

function notAnAuthority(certificate: X509Certificate, index: number): string {
  return `must hold certificates of authorities, got ${named(certificate, index)}, which may sign no other; give the authority that signs such certificates`;
}

/** The certificates of a PEM text that can be read, in their order. */
export function certificatesIn(text: string): readonly X509Certificate[] {
  return readPem(text)
    .blocks.filter(isCertificate)
    .map(parseCertificate)
    .filter((each) => each !== undefined);
}

/** A certificate in a message: its place in the file and its subject. */
export function named({ subject }: X509Certificate, index: number): string {
  // Subjects are lines, and may be empty.
  const name = (subject ?? "").split("\n").join(", ");
  return `certificate ${index + 1}${name === "" ? "" : ` (${printable(name)})`}`;
}

/** Whoever made the certificate chose the name: at most a line of it, without control characters. */
function printable(name: string): string {
  const plain = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  return plain.length > 80 ? `${plain.slice(0, 80)}...` : plain;
}

const incomplete = (message: string): CertificateProblem => ({ code: "DNSLB158", message });

/** The bytes with which editors begin a file in UTF-8 or UTF-16, read as single characters. OpenSSL reads none of it. */
const BYTE_ORDER_MARK = /^(\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/;

function formProblems(text: string, { cut }: PemText, code: InputCode, unread: number): CertificateProblem[] {
  return [
    ...(BYTE_ORDER_MARK.test(text)
      ? [{ code, message: "must begin with its first PEM block, got a byte order mark; save the file as ASCII" }]
      : []),
    ...(cut > 0
      ? [{ code, message: "must hold whole PEM blocks, got one that begins and does not end; copy the file anew" }]
      : []),
    ...(unread >= 0
      ? [{ code, message: `must hold certificates, got certificate ${unread + 1}, which cannot be read; copy it anew` }]
      : []),
  ];
}

function noCertificate({ blocks, cut }: PemText): string {
  const labels = [...new Set(blocks.map(({ label }) => printable(label.toLowerCase())))];
  const got = labels.length > 0 ? labels.join(", ") : cut > 0 ? "none that is whole" : "no PEM";
  const fix = labels.length > 0 || cut > 0 ? "append it" : 'DER and PKCS#12 are to be converted by "openssl"';
  return `must hold a certificate in PEM, on lines that begin with "-----BEGIN CERTIFICATE-----", got ${got}; ${fix}`;
}

function parseCertificate(block: PemBlock): X509Certificate | undefined {
  try {
    return new X509Certificate(block.text);
  } catch {
    return undefined;
  }
}

function readKey(blocks: readonly PemBlock[]): { key?: KeyObject; problems: CertificateProblem[] } {
  const [block] = blocks;
  if (block === undefined) {
    return { problems: [incomplete("must hold the private key of its certificate, got none; append the key")] };
  }
  if (blocks.length > 1) {
    const message = `must hold one private key, got ${blocks.length}; keep the one of the first certificate`;
    return { problems: [incomplete(message)] };
  }
  if (isEncrypted(block)) {
    const message =
      'must hold a private key without a password, got an encrypted one, for which nobody can be asked on a node; decrypt it: "openssl pkey -in KEY"';
    return { problems: [incomplete(message)] };
  }
  try {
    return { key: createPrivateKey(block.text), problems: [] };
  } catch {
    // Its own words could hold bytes of the key.
    const form = block.label === "OPENSSH PRIVATE KEY" ? "one in the format of OpenSSH" : "one that cannot be read";
    return { problems: [incomplete(`must hold a private key in PKCS#8 or PKCS#1, got ${form}`)] };
  }
}

function fitProblems(key: KeyObject, certificates: readonly X509Certificate[]): CertificateProblem[] {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < SHORTEST_RSA) {
    return [incomplete(`must have a key of at least ${SHORTEST_RSA} bits, got one of ${bits}, which HAProxy refuses`)];
  }
  const fitting = certificates.findIndex((each) => each.checkPrivateKey(key));
  if (fitting === 0) return [];
  const message =
    fitting > 0
      ? `must begin with the certificate that its private key fits, got it as ${named(certificates[fitting] as X509Certificate, fitting)}; move that to the beginning, and each issuer after what it has signed`
      : "must hold a certificate and its private key, got a key that fits no certificate of it; they are of different requests";
  return [{ code: "DNSLB159", message }];
}

/** Each certificate must have signed the one before it (RFC 5246, 7.4.2); strict clients end the connection otherwise. */
function chainProblems(leaf: X509Certificate, rest: readonly X509Certificate[]): CertificateProblem[] {
  const wrong = (message: string): CertificateProblem => ({ code: "DNSLB160", message });
  const all = [leaf, ...rest];
  const twice = all.findIndex((each, index) => all.findIndex((other) => other.raw.equals(each.raw)) < index);
  if (twice > 0) {
    return [wrong(`must hold each certificate once, got ${named(all[twice] as X509Certificate, twice)} again`)];
  }
  const path = issuersOf(leaf, rest);
  const strangers = rest.filter((each) => !path.includes(each));
  if (strangers.length > 0) {
    const names = strangers.map((each) => named(each, all.indexOf(each))).join(" and ");
    return [
      wrong(
        `must hold its certificate and the authorities that signed it, got ${names} beside them; remove it, or add what is between`,
      ),
    ];
  }
  const misplaced = path.findIndex((each, index) => each !== rest[index]);
  if (misplaced < 0) return [];
  const order = [leaf, ...path].map((each) => all.indexOf(each) + 1).join(", ");
  return [wrong(`must have each issuer right after what it has signed, got another order; the right one is ${order}`)];
}

/** The certificates among some that signed a certificate, and so on. */
function issuersOf(certificate: X509Certificate, among: readonly X509Certificate[]): X509Certificate[] {
  const issuer = among.find((each) => isAuthority(each) && isIssuerOf(each, certificate));
  if (issuer === undefined) return [];
  return [
    issuer,
    ...issuersOf(
      issuer,
      among.filter((each) => each !== issuer),
    ),
  ];
}

function isIssuerOf(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // The key is of a kind that this OpenSSL does not know.
    return false;
  }
}

/** Certificates of version 1 do not say what they may be used for; those that sign themselves count as authorities. */
function isAuthority(certificate: X509Certificate): boolean {
  return certificate.ca || isIssuerOf(certificate, certificate);
}

/** Node.js calls the extended purposes of a key its usage. */
function purposeProblems({ keyUsage: purposes }: X509Certificate): CertificateProblem[] {
  if (purposes === undefined || purposes.includes(SERVER_AUTHENTICATION) || purposes.includes(ANY_PURPOSE)) return [];
  const message =
    "must be the certificate of a server, got one for other purposes, which clients refuse; request one with the extended key usage serverAuth";
  return [{ code: "DNSLB161", message }];
}

function nameProblems(leaf: X509Certificate, serverName: string): CertificateProblem[] {
  if (acceptsName(leaf, serverName)) return [];
  const names = (leaf.subjectAltName ?? "").split(", ").filter((each) => each.startsWith("DNS:"));
  const got = names.length > 0 ? names.map((each) => JSON.stringify(each.slice(4))).join(", ") : "no name";
  const message = `must be for "${serverName}", the 'serverName', got one for ${printable(got)}; clients that expect the name refuse it`;
  return [{ code: "DNSLB161", message }];
}

/** As clients must judge: by a DNS-ID, never by the subject's common name, and `*` for one whole label alone. */
function acceptsName(leaf: X509Certificate, serverName: string): boolean {
  const name = serverName.replace(/\.$/, "");
  const options = { subject: "never", partialWildcards: false, multiLabelWildcards: false } as const;
  return leaf.checkHost(name, options) !== undefined;
}
