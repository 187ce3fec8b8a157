import { isKeepalivedBlock, type KeepalivedBlock, printKeepalivedLine } from "../../config/keepalived/index.js";
import { grammarOf, KEEPALIVED_GRAMMAR, type KeepalivedGrammar } from "../../config/keepalived/model.js";
import { titleOf } from "../../config/view.js";
import type { NodeUnderTest } from "../nodes-of.js";
import { hasLine, hasPlace, type Section } from "./lines.js";
import type { PlaceWords } from "./place.js";
import type { MatcherResult } from "./runner.js";
import { nodeUnderTest } from "./subject.js";

/** Judges whether keepalived.conf has a block. */
export function toHaveKeepalivedBlock(received: unknown, block: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveKeepalivedBlock");
  return hasPlace(blocksOf(node), block, words("toHaveKeepalivedBlock", node));
}

/** Judges whether a block of keepalived.conf has a line. */
export function toHaveKeepalivedLine(received: unknown, block: unknown, line: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveKeepalivedLine");
  return hasLine(blocksOf(node), block, line, words("toHaveKeepalivedLine", node));
}

function words(matcher: string, { name }: NodeUnderTest): PlaceWords {
  return { matcher, noun: "block", holder: `keepalived.conf of node "${name}"` };
}

/** All blocks; one within another has the titles of both: `vrrp_instance v4 / unicast_peer`. */
function blocksOf({ keepalived }: NodeUnderTest): readonly Section[] {
  return keepalived.file.blocks.flatMap((block) => placesIn(block, "", KEEPALIVED_GRAMMAR));
}

function placesIn(block: KeepalivedBlock, prefix: string, within: KeepalivedGrammar): Section[] {
  const title = `${prefix}${titleOf(block.keyword, block.name)}`;
  const grammar = grammarOf(block.keyword, within);
  const lines = block.entries.flatMap((entry) => (isKeepalivedBlock(entry) ? [] : [printKeepalivedLine(entry)]));
  const inner = block.entries.flatMap((entry) =>
    isKeepalivedBlock(entry) && grammar !== undefined ? placesIn(entry, `${title} / `, grammar) : [],
  );
  return [{ title, value: lines, words: grammar?.lines === "data" ? undefined : grammar?.lines }, ...inner];
}
