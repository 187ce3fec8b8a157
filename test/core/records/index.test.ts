import { expect, test } from "vitest";
import { refuseData, refuseType } from "../../../lib/core/records/index.js";
import { NUMBERED_TYPES, TYPES } from "../../../lib/core/records/types.js";
import { SAMPLES, wordsOf } from "./samples.js";

test.each(SAMPLES)("%s is a record", (sample) => {
  const [type, words] = wordsOf(sample);
  expect(refuseType(type)).toBeUndefined();
  for (const place of ["record", "zone-file"] as const) expect(refuseData(type, words, place)).toBeUndefined();
});

test("every type has a sample, and a number of its own", () => {
  const names = new Set(SAMPLES.map((sample) => wordsOf(sample)[0]));
  expect(Object.keys(TYPES).filter((type) => !names.has(type))).toEqual([]);
  const numbers = [...Object.values(TYPES).map(({ number }) => number), ...Object.values(NUMBERED_TYPES)];
  expect(new Set(numbers).size).toBe(numbers.length);
});

test.each([
  ["TLSA 256 1 1 ab", '"256" is no usage (0 to 255)'],
  ["TLSA 3 1 0 abc", '"abc" is no certificate (in hexadecimal digits)'],
  ["TLSA 3 1 1 ab12", "a digest of type 1 must have 32 bytes, which are 64 hexadecimal digits"],
  ["TLSA 3 1", "a part is missing: matching type (0 to 255)"],
  ["TLSA 3 1 1", "a part is missing: certificate (in hexadecimal digits)"],
  ['TLSA "3" 1 0 ab', '"3" is no usage (0 to 255)'],
  ["DS 1 13 2 abcd", "a digest of type 2 must have 32 bytes, which are 64 hexadecimal digits"],
  ["DNAME a", '"a" is no target (a domain name with its final dot)'],
  ["DNAME a. b.", 'nothing may follow, got "b."'],
  ["X25 a b", 'nothing may follow, got "b"'],
  ["ISDN a b c", 'nothing may follow it, got "c"'],
  ["DNSKEY 256 3 8 AQI", '"AQI" is no key (in Base64)'],
  ["NSEC a.test. FOO", '"FOO" is no record type, such as "A" or "TYPE65280"'],
  ["LOC 91 N 4 E 0m", 'it must be a place, such as "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"'],
  ["LOC 52 N 4 E 42849673m", 'it must be a place, such as "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"'],
  ["APL 1:192.0.2.0/33", '"1:192.0.2.0/33" is no address prefix, such as "1:192.0.2.0/24" or "!2:2001:db8::/32"'],
  ["IPSECKEY 10 1 2 2001:db8::1 AQ==", "the gateway must be gateway (an IPv4 address)"],
  ["IPSECKEY 10 4 2 . AQ==", "the gateway type must be 0, 1, 2 or 3"],
  ["HTTPS 0 . alpn=h2", "with a priority of 0, an alias, there must be no parameters"],
  ["HTTPS 1 . alpn=h2 alpn=h3", 'the parameter "alpn" must not be there twice'],
  ["HTTPS 1 . mandatory=port alpn=h2", 'the mandatory parameter "port" must be there'],
  ["HTTPS 1 . no-default-alpn", 'the parameter "no-default-alpn" needs "alpn"'],
  ["HTTPS 1 . port=65536", 'the parameter "port=65536" has no valid value'],
  ["HTTPS 1 . key1=h2", 'the parameter "key1=h2" must be named by its name, alpn'],
  [
    "HTTPS 1 . dohpath=/q",
    'the parameter "dohpath=/q" must be named by its number, which every server knows: "key7=/q"',
  ],
  ["TYPE65280 0A0B", 'it must be "\\#", the number of bytes, and the bytes in hexadecimal digits (RFC 3597)'],
  ["TYPE65280 \\# 3 0A0B", "it has 2 bytes, and says 3"],
])("fails when a record is %s", (sample, why) => {
  expect(refuseData(...wordsOf(sample), "record")).toBe(why);
});

test.each([
  ["FOO", 'a type without a name is written by its number, such as "TYPE65280"'],
  [
    "RESINFO",
    'not every server knows it by name; write "TYPE261", and its data as "\\# 2 0a0b": the number of bytes, and the bytes',
  ],
  ["TYPE52", 'write "TLSA", and its data in the form of that type'],
  ["constructor", 'a type without a name is written by its number, such as "TYPE65280"'],
])("fails when a type is %s", (type, why) => {
  expect(refuseType(type)).toBe(why);
});

test.each(["TYPE0", "TYPE41", "TYPE255", "TYPE128", "TYPE65536", "TYPE065280"])("fails when a type is %s", (type) => {
  expect(refuseType(type)).toMatch(/^the number of a type for data is between 1 and 65535/);
});
