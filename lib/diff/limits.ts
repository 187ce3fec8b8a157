import { perSecond } from "../core/rate.js";
import type { RateLimit } from "../model/rate-limit.js";
import type { FrontendRecord } from "../review/index.js";
import { clientText, type LimitText, limitTexts } from "../review/words.js";
import { code, codes } from "./markdown.js";
import { compareNamed } from "./named.js";
import { type Outside, outside } from "./networks.js";

/** What a change means for the limits of one client at a frontend. */
export function limitChanges(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const [before, after] = [limitTexts(old.rateLimit), limitTexts(now.rateLimit)];
  const { added, removed, kept } = compareNamed(before, after, ({ property }) => property);
  const at = `a client of ${code(now.name)}`;
  return [
    ...added.map(({ text }) => `${at} is limited now: ${code(text)}`),
    ...removed.map(({ text }) => `${at} is limited no more: ${code(text)}`),
    ...kept
      .filter(([was, is]) => was.text !== is.text)
      .map(([was, is]) => {
        const word = compareWords(amountOf(old.rateLimit, was.property), amountOf(now.rateLimit, is.property));
        return `${at}: ${code(was.text)} is ${code(is.text)}${word}`;
      }),
    ...clientChanges(old.rateLimit, now.rateLimit).map((text) => `${at}: ${text}`),
  ];
}

function compareWords(before: number, after: number): string {
  if (before === after) return "";
  return after < before ? ", **less**" : ", more";
}

/** A limit as a number; more is more. */
function amountOf(limit: RateLimit | undefined, property: LimitText["property"]): number {
  const { queries, connections, concurrentConnections = 0, bytesOut } = limit ?? {};
  switch (property) {
    case "queries":
      return queries === undefined ? 0 : perSecond(queries);
    case "connections":
      return connections === undefined ? 0 : perSecond(connections);
    case "concurrentConnections":
      return concurrentConnections;
    case "bytesOut":
      return bytesOut === undefined ? 0 : bytesOut.bytes / bytesOut.period;
  }
}

/** What one client is, and who has no limits. */
function clientChanges(old: RateLimit | undefined, now: RateLimit | undefined): readonly string[] {
  if (old === undefined || now === undefined) {
    return now === undefined || now.exempt.length === 0 ? [] : [`without limits stay ${codes(now.exempt)}`];
  }
  const texts = (networks: readonly Outside[]) => networks.map(({ text }) => text).join(", ");
  const [more, fewer] = [outside(now.exempt, old.exempt), outside(old.exempt, now.exempt)];
  return [
    ...(clientText(old.per) === clientText(now.per)
      ? []
      : [`one client is ${code(clientText(now.per))}, before ${code(clientText(old.per))}`]),
    ...(more.length === 0 ? [] : [`without limits is now ${texts(more)}`]),
    ...(fewer.length === 0 ? [] : [`without limits is no more ${texts(fewer)}`]),
  ];
}
