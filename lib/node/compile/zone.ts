import { createHash } from "node:crypto";
import { LONGEST_TEXT, type ZoneFileDatum, type ZoneFileRecord } from "../../config/zone/model.js";
import { printZone } from "../../config/zone/print.js";
import { type Duration, toMilliseconds } from "../../core/duration.js";
import { nameInZone } from "../../core/names.js";
import type { DnsRecord, RecordDatum } from "../../model/dns-record.js";
import type { PrimaryZone, StartOfAuthority } from "../../model/zone.js";

/** The text of a primary zone's file. */
export function zoneText({ name, content }: PrimaryZone): string {
  if (content.kind === "file") return content.text.endsWith("\n") ? content.text : `${content.text}\n`;
  const { soa } = content;
  const records = content.records.map((record) => zoneRecord(record, name, soa.ttl));
  const serial = soa.serial ?? serialOf(printZone({ records: [soaRecord(name, soa, 0), ...records] }));
  return printZone({ records: [soaRecord(name, soa, serial), ...records] });
}

/** A record with a fully qualified name; `ttl` is the default. */
export function zoneRecord(record: DnsRecord, zone: string, ttl: Duration): ZoneFileRecord {
  return {
    name: nameInZone(record.name, zone),
    ttl: seconds(record.ttl ?? ttl),
    type: record.type,
    data: record.data.flatMap((datum) => zoneDatum(datum, zone)),
  };
}

/** Converts a duration to seconds. */
export function seconds(duration: Duration): number {
  return Math.floor(toMilliseconds(duration) / 1_000);
}

function zoneDatum(datum: RecordDatum, zone: string): ZoneFileDatum[] {
  if (datum.kind === "name") return [word(nameInZone(datum.name, zone))];
  if (datum.kind === "word") return [datum];
  return pieces(datum.text).map((text) => ({ kind: "text", text }));
}

/** Splits text into character strings of at most 255 bytes; readers join them (RFC 7208, 3.3). */
function pieces(text: string): string[] {
  const all: string[] = [""];
  for (const character of text) {
    const last = all.at(-1) ?? "";
    if (Buffer.byteLength(last + character) > LONGEST_TEXT) all.push(character);
    else all[all.length - 1] = last + character;
  }
  return all;
}

function soaRecord(zone: string, soa: StartOfAuthority, serial: number): ZoneFileRecord {
  const numbers = [serial, ...[soa.refresh, soa.retry, soa.expire, soa.negativeTtl].map(seconds)];
  const words = [soa.primaryServer, soa.contact, ...numbers.map(String)];
  return { name: zone, ttl: seconds(soa.ttl), type: "SOA", data: words.map(word) };
}

function word(text: string): ZoneFileDatum {
  return { kind: "word", word: text };
}

/** A serial from a hash of the zone's text. Never 0, which some software treats specially. */
function serialOf(text: string): number {
  return Math.max(1, createHash("sha256").update(text).digest().readUInt32BE(0));
}
