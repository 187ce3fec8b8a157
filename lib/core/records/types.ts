import { canonicalCidr, familyOf } from "../ip.js";
import {
  address,
  base64,
  domain,
  form,
  hexadecimal,
  named,
  type Part,
  type Place,
  quotedString,
  seconds,
  string,
  unsigned,
  wordString,
} from "./parts.js";
import { refuseParameters } from "./service-parameters.js";
import type { DataWord } from "./word.js";

/** The grammar of a type's data. */
export interface RecordType {
  readonly number: number;
  readonly parts: readonly Part[];
  /** What follows the parts: nothing, one part in any number of words, or several parts. */
  readonly rest?: { readonly part: Part; readonly least: number; readonly most?: number; readonly joined?: true };
  /** What the parts alone do not say; called with valid parts. */
  readonly check?: (words: readonly DataWord[], place: Place) => string | undefined;
}

const ALGORITHMS = [
  ...["RSAMD5", "DH", "DSA", "RSASHA1", "DSA-NSEC3-SHA1", "RSASHA1-NSEC3-SHA1", "RSASHA256", "RSASHA512", "ECC-GOST"],
  ...["ECDSAP256SHA256", "ECDSAP384SHA384", "INDIRECT", "PRIVATEDNS", "PRIVATEOID"],
];
const CERTIFICATES = ["PKIX", "SPKI", "PGP", "IPKIX", "ISPKI", "IPGP", "ACPKIX", "IACPKIX", "URI", "OID"];

const PREFERENCE = unsigned("preference", 16);
const ALGORITHM = named("algorithm", 8, ALGORITHMS);
const TIME = form(
  "a time (such as 20300322173103)",
  /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])(?:[0-5]\d){2}$/,
);
const SALT = form('a salt ("-", or up to 255 bytes in hexadecimal digits)', /^(?:-|(?:[\da-f]{2}){1,255})$/i);

/** The most parts that every supported NSD takes. */
const MOST_PARTS = 60;

const someOf = (part: Part) => ({ part, least: 1 });
const joined = (part: Part) => ({ part, least: 1, joined: true }) as const;

const ADDRESS_FAMILIES: Readonly<Record<string, string>> = { 1: "ipv4", 2: "ipv6" };
const PREFIX: Part = {
  allowed: 'an address prefix, such as "1:192.0.2.0/24" or "!2:2001:db8::/32"',
  accepts: ({ text, quoted }) => {
    const [, family = "", cidr = ""] = /^!?([12]):(.*)$/.exec(text) ?? [];
    return (
      !quoted && canonicalCidr(cidr) !== undefined && familyOf(cidr.split("/")[0] ?? "") === ADDRESS_FAMILIES[family]
    );
  },
};

const LATITUDE = /^(?:90(?: 0+(?: 0+(?:\.0{1,3})?)?)?|[0-8]?\d(?: [0-5]?\d(?: [0-5]?\d(?:\.\d{1,3})?)?)?) [NS] /;
const LONGITUDE =
  /^(?:180(?: 0+(?: 0+(?:\.0{1,3})?)?)?|(?:1[0-7]|\d)?\d(?: [0-5]?\d(?: [0-5]?\d(?:\.\d{1,3})?)?)?) [EW] /;
const ALTITUDE = /^(?:-\d{1,5}|-100000|\d{1,8})(?:\.\d{1,2})?m?(?: \d{1,8}(?:\.\d{1,2})?m?){0,3}$/;
const HIGHEST = 42_849_672;
const WIDEST = 90_000_000;

function refuseLocation(words: readonly DataWord[]): string | undefined {
  const text = words.map((word) => word.text).join(" ");
  const rest = text.replace(LATITUDE, "").replace(LONGITUDE, "");
  const [altitude = Number.NaN, ...sizes] = rest.split(" ").map((each) => Number(each.replace(/m$/, "")));
  const isValid =
    LATITUDE.test(text) &&
    LONGITUDE.test(text.replace(LATITUDE, "")) &&
    ALTITUDE.test(rest) &&
    altitude >= -100_000 &&
    altitude <= HIGHEST &&
    sizes.every((size) => size <= WIDEST);
  return isValid ? undefined : 'it must be a place, such as "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"';
}

/** Refuses digests of another length than their type has. */
function digestOf(type: number, lengths: Readonly<Record<string, number>>, last = type + 1) {
  return (words: readonly DataWord[]): string | undefined => {
    const number = String(Number(words[type]?.text));
    const wanted = Object.hasOwn(lengths, number) ? lengths[number] : undefined;
    const digits = words.slice(last).reduce((sum, { text }) => sum + text.length, 0);
    if (wanted === undefined || digits === 2 * wanted) return undefined;
    return `a digest of type ${number} must have ${wanted} bytes, which are ${2 * wanted} hexadecimal digits`;
  };
}

const DIGESTS = { 1: 20, 2: 32, 3: 32, 4: 48, 5: 32, 6: 32 };

function delegation(number: number): RecordType {
  return {
    number,
    parts: [unsigned("key tag", 16), ALGORITHM, unsigned("digest type", 8)],
    rest: joined(hexadecimal("digest")),
    check: digestOf(2, DIGESTS),
  };
}

/** A digest type of 0 asks the parent to remove its DS records, with one zero byte (RFC 8078, 4). */
function refuseChildDigest(words: readonly DataWord[]): string | undefined {
  const [, , type, ...digest] = words;
  if (Number(type?.text) !== 0) return digestOf(2, DIGESTS)(words);
  return digest.length === 1 && digest[0]?.text === "00" ? undefined : 'a digest of type 0 must be "00"';
}

function key(number: number): RecordType {
  return {
    number,
    parts: [unsigned("flags", 16), unsigned("protocol", 8), ALGORITHM],
    rest: joined(base64("key")),
  };
}

function certificateAssociation(number: number): RecordType {
  return {
    number,
    parts: [unsigned("usage", 8), unsigned("selector", 8), unsigned("matching type", 8)],
    rest: joined(hexadecimal("certificate")),
    check: digestOf(2, { 1: 32, 2: 64 }),
  };
}

function service(number: number, automatic?: readonly string[]): RecordType {
  return {
    number,
    parts: [unsigned("priority", 16), domain("target")],
    rest: { part: { allowed: "a parameter", accepts: () => true }, least: 0, most: MOST_PARTS },
    check: ([priority, , ...parameters], place) =>
      refuseParameters({ priority: Number(priority?.text), automatic: automatic ?? [] }, parameters, place),
  };
}

const target = (number: number): RecordType => ({ number, parts: [domain("target")] });
const preferred = (number: number): RecordType => ({ number, parts: [PREFERENCE, domain("target")] });
const strings = (number: number): RecordType => ({ number, parts: [], rest: someOf(string("text")) });

const TYPE_NAME: Part = {
  allowed: 'a record type, such as "A" or "TYPE65280"',
  accepts: ({ text, quoted }) => {
    const [, digits] = /^TYPE([1-9]\d{0,4})$/i.exec(text) ?? [];
    return !quoted && (digits === undefined ? Object.hasOwn(TYPES, text.toUpperCase()) : Number(digits) <= 65_535);
  },
};
const typeNames = (least: number) => ({ part: TYPE_NAME, least });

/** The gateway of an IPSECKEY record, by its type. */
const GATEWAYS: Readonly<Record<string, Part>> = {
  0: form('"." (no gateway)', /^\.$/),
  1: address("gateway", "ipv4"),
  2: address("gateway", "ipv6"),
  3: domain("gateway"),
};

function refuseGateway(words: readonly DataWord[], place: Place): string | undefined {
  const [, type, algorithm, gateway, ...digits] = words;
  const part = GATEWAYS[Number(type?.text)];
  if (part === undefined) return "the gateway type must be 0, 1, 2 or 3";
  if (gateway === undefined || !part.accepts(gateway, place)) return `the gateway must be ${part.allowed}`;
  if (Number(algorithm?.text) === 0) return "the algorithm must not be 0, which is that of no key";
  const text = digits.map((word) => word.text).join("");
  return base64("key").accepts({ text, quoted: false }, place) ? undefined : "the key must be in Base64";
}

/** Every type that all supported versions of unbound and NSD know by its name. */
export const TYPES: Readonly<Record<string, RecordType>> = {
  A: { number: 1, parts: [address("address", "ipv4")] },
  NS: target(2),
  MD: target(3),
  MF: target(4),
  CNAME: target(5),
  SOA: {
    number: 6,
    parts: [
      domain("primary server"),
      domain("mailbox"),
      unsigned("serial", 32),
      ...["refresh", "retry", "expire", "negative TTL"].map(seconds),
    ],
  },
  MB: target(7),
  MG: target(8),
  MR: target(9),
  PTR: target(12),
  HINFO: { number: 13, parts: [wordString("processor"), wordString("system")] },
  MINFO: { number: 14, parts: [domain("mailbox"), domain("mailbox for errors")] },
  MX: preferred(15),
  TXT: strings(16),
  RP: { number: 17, parts: [domain("mailbox"), domain("name of a TXT record")] },
  AFSDB: { number: 18, parts: [unsigned("subtype", 16), domain("server")] },
  X25: { number: 19, parts: [wordString("address")] },
  ISDN: { number: 20, parts: [wordString("address")], rest: { part: wordString("subaddress"), least: 0, most: 1 } },
  RT: preferred(21),
  NSAP: { number: 22, parts: [form('"0x" and hexadecimal digits', /^0x(?:[\da-f]{2})+$/i)] },
  KEY: key(25),
  PX: { number: 26, parts: [PREFERENCE, domain("name"), domain("X.400 name")] },
  AAAA: { number: 28, parts: [address("address", "ipv6")] },
  LOC: {
    number: 29,
    parts: [],
    rest: { part: form("part of a place", /^(?:-?[\d.]+m?|[NSEW])$/), least: 5, most: 12 },
    check: refuseLocation,
  },
  SRV: {
    number: 33,
    parts: [unsigned("priority", 16), unsigned("weight", 16), unsigned("port", 16), domain("target")],
  },
  NAPTR: {
    number: 35,
    parts: [
      unsigned("order", 16),
      PREFERENCE,
      quotedString("flags"),
      quotedString("services"),
      quotedString("regular expression"),
      domain("replacement"),
    ],
  },
  KX: preferred(36),
  CERT: {
    number: 37,
    parts: [named("type", 16, CERTIFICATES), unsigned("key tag", 16), ALGORITHM],
    rest: joined(base64("certificate")),
    check: ([type]) => (/^0+$/.test(type?.text ?? "") ? "a type of 0 is reserved (RFC 4398)" : undefined),
  },
  DNAME: target(39),
  APL: { number: 42, parts: [], rest: { part: PREFIX, least: 0, most: MOST_PARTS } },
  DS: delegation(43),
  SSHFP: {
    number: 44,
    parts: [unsigned("algorithm", 8), unsigned("fingerprint type", 8)],
    rest: joined(hexadecimal("fingerprint")),
    check: digestOf(1, { 1: 20, 2: 32 }),
  },
  IPSECKEY: {
    number: 45,
    parts: [unsigned("precedence", 8), unsigned("gateway type", 8), unsigned("algorithm", 8)],
    rest: { part: { allowed: "a gateway and a key", accepts: ({ quoted }) => !quoted }, least: 2 },
    check: refuseGateway,
  },
  RRSIG: {
    number: 46,
    parts: [
      TYPE_NAME,
      ALGORITHM,
      unsigned("labels", 8),
      seconds("TTL"),
      TIME,
      TIME,
      unsigned("key tag", 16),
      domain("signer"),
    ],
    rest: joined(base64("signature")),
  },
  NSEC: { number: 47, parts: [domain("next name")], rest: typeNames(0) },
  DNSKEY: key(48),
  DHCID: {
    number: 49,
    parts: [],
    rest: joined(
      form(
        "an identifier (at least 4 bytes in Base64)",
        /^(?:[A-Za-z\d+/]{4})+(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=|[A-Za-z\d+/]{4})$/,
      ),
    ),
  },
  NSEC3: {
    number: 50,
    parts: [
      unsigned("hash", 8),
      unsigned("flags", 8),
      unsigned("iterations", 16),
      SALT,
      form("the next hash (in Base32)", /^(?:[\da-v]{8})+$/i),
    ],
    rest: typeNames(0),
  },
  NSEC3PARAM: { number: 51, parts: [unsigned("hash", 8), unsigned("flags", 8), unsigned("iterations", 16), SALT] },
  TLSA: certificateAssociation(52),
  SMIMEA: certificateAssociation(53),
  CDS: { ...delegation(59), check: refuseChildDigest },
  CDNSKEY: key(60),
  OPENPGPKEY: { number: 61, parts: [], rest: joined(base64("key")) },
  CSYNC: { number: 62, parts: [unsigned("serial", 32), unsigned("flags", 16)], rest: typeNames(0) },
  ZONEMD: {
    number: 63,
    parts: [unsigned("serial", 32), unsigned("scheme", 8), unsigned("hash", 8)],
    rest: joined(form("a digest (at least 12 bytes in hexadecimal digits)", /^(?:[\da-f]{2}){12,}$/i)),
    check: digestOf(2, { 1: 48, 2: 64 }),
  },
  SVCB: service(64),
  HTTPS: service(65, ["port", "no-default-alpn"]),
  SPF: strings(99),
  NID: {
    number: 104,
    parts: [PREFERENCE, form("an identifier (such as 14:4fff:ff20:ee64)", /^(?:[\da-f]{1,4}:){3}[\da-f]{1,4}$/i)],
  },
  L32: { number: 105, parts: [PREFERENCE, address("locator", "ipv4")] },
  L64: {
    number: 106,
    parts: [PREFERENCE, form("a locator (such as 2001:db8:1140:1000)", /^(?:[\da-f]{1,4}:){3}[\da-f]{1,4}$/i)],
  },
  LP: preferred(107),
  EUI48: { number: 108, parts: [form("six bytes (such as 00-00-5e-00-53-2a)", /^[\da-f]{2}(?:-[\da-f]{2}){5}$/i)] },
  EUI64: {
    number: 109,
    parts: [form("eight bytes (such as 00-00-5e-ef-10-00-00-2a)", /^[\da-f]{2}(?:-[\da-f]{2}){7}$/i)],
  },
  URI: { number: 256, parts: [unsigned("priority", 16), unsigned("weight", 16), quotedString("target")] },
  CAA: {
    number: 257,
    parts: [unsigned("flags", 8), form("a tag (lower-case letters and digits)", /^[a-z\d]{1,255}$/), string("value")],
  },
  DLV: delegation(32_769),
};

/** The numbers of types whose name not every supported server knows. */
export const NUMBERED_TYPES: Readonly<Record<string, number>> = {
  ...{ NULL: 10, WKS: 11, "NSAP-PTR": 23, SIG: 24, GPOS: 27, NXT: 30, EID: 31, NIMLOC: 32, ATMA: 34, A6: 38, SINK: 40 },
  ...{
    HIP: 55,
    NINFO: 56,
    RKEY: 57,
    TALINK: 58,
    DSYNC: 66,
    HHIT: 67,
    BRID: 68,
    UINFO: 100,
    UID: 101,
    GID: 102,
    UNSPEC: 103,
  },
  ...{ AVC: 258, DOA: 259, AMTRELAY: 260, RESINFO: 261, WALLET: 262, CLA: 263, IPN: 264, TA: 32_768 },
};

/** The numbers of types that stand in messages, never in a zone: OPT, and those for questions (RFC 6895, 3.1). */
export function isMessageType(number: number): boolean {
  return number === 0 || number === 41 || (number >= 128 && number <= 255);
}
