import { parseZone, printZoneRecord, type ZoneFile } from "../../config/zone/index.js";
import { UnscopedValidationError } from "../../core/errors.js";
import { TestingError } from "../errors.js";
import type { NodeUnderTest } from "../nodes-of.js";
import { agrees, differences, isAsymmetric, isRecord, shown } from "./expected.js";
import { hasLine, hasPlace } from "./lines.js";
import { listed } from "./nearest.js";
import { expectedProperties, type Place, type PlaceWords, placesOf } from "./place.js";
import { type MatcherResult, verdict } from "./runner.js";
import { nodeUnderTest } from "./subject.js";

/** Judges whether NSD serves a zone. */
export function toHaveZone(received: unknown, zone: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveZone");
  return hasPlace(zonesOf(node), withFinalDot(zone), words("toHaveZone", node));
}

/** Judges whether the file of a zone has a record. */
export function toHaveZoneRecord(received: unknown, zone: unknown, record: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveZoneRecord");
  const where = withFinalDot(zone);
  const places = placesOf(zonesOf(node), where, words("toHaveZoneRecord", node)).map(({ title, value }) => ({
    title,
    value: textOf(node, title, value),
  }));
  if (isRecord(record) && !isAsymmetric(record)) return hasRecord(node, places, record);
  const sections = places.map(({ title, value }) => ({ title, value: linesOf(value) }));
  return hasLine(sections, where, record, words("toHaveZoneRecord", node));
}

function hasRecord(node: NodeUnderTest, places: readonly Place<string>[], record: object): MatcherResult {
  const given = expectedProperties(record, "toHaveZoneRecord", ["name", "ttl", "type", "data"]);
  const expected = "name" in given ? { ...given, name: withFinalDot(given["name"]) } : given;
  if (Object.keys(expected).length === 0) throw new TestingError("toHaveZoneRecord() got no property of a record");
  const records = places.flatMap(({ title, value }) => recordsOf(title, value));
  const holder = `zone ${shown(places[0]?.title)} of node "${node.name}"`;
  const found = records.find(({ fields }) => agrees(expected, fields));
  if (found !== undefined) return verdict(true, `${holder} has the record ${shown(found.line)}`);
  const [nearest] = records
    .map(({ line, fields }) => ({ line, differs: differences(expected, fields) }))
    .sort((a, b) => a.differs.length - b.differs.length);
  const text = `${holder} has no record ${shown(expected)}; the nearest of ${records.length}:`;
  return verdict(false, `${text}${listed(nearest === undefined ? [] : [nearest.line, ...nearest.differs])}`);
}

function words(matcher: string, { name }: NodeUnderTest): PlaceWords {
  return { matcher, noun: "zone", holder: `nsd.conf of node "${name}"` };
}

/** The zones by their names, each with the path of its file. */
function zonesOf({ nsd }: NodeUnderTest): readonly Place<string | undefined>[] {
  return nsd.clauses
    .filter(({ kind }) => kind === "zone")
    .map(({ attributes }) => {
      const fieldOf = (wanted: string) => attributes.find(([name]) => name === wanted)?.[1];
      return { title: fieldOf("name") ?? "", value: fieldOf("zonefile") };
    });
}

function textOf({ name, files }: NodeUnderTest, zone: string, path: string | undefined): string {
  const [, text] = [...files].find(([file]) => path?.endsWith(`/current/${file}`)) ?? [];
  if (text !== undefined) return text;
  throw new TestingError(`node "${name}" has no file of zone "${zone}": it is transferred from a primary server`);
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim().replace(/\s+/g, " "));
  return lines.filter((line) => line !== "");
}

function recordsOf(zone: string, text: string) {
  return parsed(zone, text).records.map((record) => {
    const line = printZoneRecord(record);
    const { name, ttl, type } = record;
    return { line, fields: { name, ttl, type, data: line.split(" ").slice(4).join(" ") } };
  });
}

function parsed(zone: string, text: string): ZoneFile {
  try {
    return parseZone(text);
  } catch (error) {
    if (!(error instanceof UnscopedValidationError)) throw error;
    throw new TestingError(`zone "${zone}" is a file of the app's own: give the record as its line, or as a pattern`);
  }
}

/** Names of zones and records are whole ones. */
function withFinalDot(name: unknown): unknown {
  return typeof name === "string" && !name.endsWith(".") ? `${name}.` : name;
}
