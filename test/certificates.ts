import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** What a certificate of the tests says. */
export interface TestCertificateOptions {
  readonly subject: string;
  /** Its signer. @default - it signs itself */
  readonly issuer?: TestCertificate;
  /** Its key. @default - a new one */
  readonly key?: KeyObject;
  readonly names?: readonly string[];
  /** Whether it may sign others. */
  readonly ca?: boolean;
  /** Its extended key usages, as object identifiers. @default - it does not say */
  readonly purposes?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  /** Without extensions, as the first version. */
  readonly version1?: boolean;
}

/** A certificate of the tests with its key. */
export interface TestCertificate {
  readonly subject: string;
  readonly key: KeyObject;
  readonly pem: string;
  readonly keyPem: string;
}

/** Makes a certificate without a program: the parts of RFC 5280 that the tests need. */
export function testCertificate(options: TestCertificateOptions): TestCertificate {
  const { subject, issuer, names = [], ca = false, purposes, version1 = false } = options;
  const { from = new Date("2026-01-01T00:00:00Z"), to = new Date("2027-01-01T00:00:00Z") } = options;
  const key = options.key ?? newKey();
  const extensions = [
    extension("551d13", sequence(ca ? tlv(0x01, Buffer.from([0xff])) : Buffer.alloc(0)), true),
    ...(names.length > 0
      ? [extension("551d11", sequence(...names.map((name) => tlv(0x82, Buffer.from(name, "latin1")))))]
      : []),
    ...(purposes ? [extension("551d25", sequence(...purposes.map(objectId)))] : []),
  ];
  const body = sequence(
    ...(version1 ? [] : [tlv(0xa0, integer(Buffer.from([2])))]),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ED25519,
    distinguishedName(issuer?.subject ?? subject),
    sequence(time(from), time(to)),
    distinguishedName(subject),
    createPublicKey(key).export({ type: "spki", format: "der" }),
    ...(version1 ? [] : [tlv(0xa3, sequence(...extensions))]),
  );
  const signature = sign(null, body, issuer?.key ?? key);
  const der = sequence(body, ED25519, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    subject,
    key,
    pem: pemOf("CERTIFICATE", der),
    keyPem: key.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** A key for certificates. */
export function newKey(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}

/** A PEM block. */
export function pemOf(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The object identifier of a purpose: servers, or clients. */
export const SERVERS = "1.3.6.1.5.5.7.3.1";
export const CLIENTS = "1.3.6.1.5.5.7.3.2";

const ED25519 = sequence(tlv(0x06, Buffer.from("2b6570", "hex")));

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

function integer(content: Buffer): Buffer {
  return tlv(0x02, content);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  return value < 128 ? [value] : [128 + Math.floor(value / 128), value % 128];
}

function distinguishedName(commonName: string): Buffer {
  if (commonName === "") return sequence();
  const attribute = sequence(tlv(0x06, Buffer.from("550403", "hex")), tlv(0x0c, Buffer.from(commonName)));
  return sequence(tlv(0x31, attribute));
}

/** A UTCTime until 2049, a GeneralizedTime from then on. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+/, "").replace(/[-:T]/g, "");
  const isShort = date.getUTCFullYear() < 2050;
  return tlv(isShort ? 0x17 : 0x18, Buffer.from(isShort ? digits.slice(2) : digits));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(
    tlv(0x06, Buffer.from(id, "hex")),
    ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []),
    tlv(0x04, value),
  );
}
