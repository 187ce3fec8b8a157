import { HAPROXY_KEYWORDS, printDirective } from "../../config/haproxy/index.js";
import { titleOf } from "../../config/view.js";
import type { NodeUnderTest } from "../nodes-of.js";
import { hasLine, hasPlace, type Section } from "./lines.js";
import type { PlaceWords } from "./place.js";
import type { MatcherResult } from "./runner.js";
import { nodeUnderTest } from "./subject.js";

/** Judges whether haproxy.cfg has a section. */
export function toHaveHaproxySection(received: unknown, section: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveHaproxySection");
  return hasPlace(sectionsOf(node), section, words("toHaveHaproxySection", node));
}

/** Judges whether a section of haproxy.cfg has a line. */
export function toHaveHaproxyLine(received: unknown, section: unknown, line: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveHaproxyLine");
  return hasLine(sectionsOf(node), section, line, words("toHaveHaproxyLine", node));
}

function words(matcher: string, { name }: NodeUnderTest): PlaceWords {
  return { matcher, noun: "section", holder: `haproxy.cfg of node "${name}"` };
}

function sectionsOf({ haproxy }: NodeUnderTest): readonly Section[] {
  return haproxy.file.sections.map(({ kind, name, directives }) => ({
    title: titleOf(kind, name),
    value: directives.map(printDirective),
    words: HAPROXY_KEYWORDS,
  }));
}
