import type { Outcome } from "./messages.js";

/** The least share of apps that must be accepted: where fewer are, the daemons see too little. */
const LEAST_ACCEPTED = 0.4;

/** Tells what a fuzz run saw: shares, error codes, properties that were never drawn. */
export function summaryOf(
  outcomes: readonly Outcome[],
  wanted: readonly string[],
  { isWhole }: { readonly isWhole: boolean },
): { readonly text: string; readonly isGood: boolean } {
  const of = (kind: Outcome["kind"]) => outcomes.filter((outcome) => outcome.kind === kind);
  const share = (count: number) => `${count} (${Math.round((100 * count) / Math.max(outcomes.length, 1))} %)`;
  const [accepted, refused, found] = [of("accepted"), of("refused"), of("finding")];
  const drawn = new Set(outcomes.flatMap((outcome) => outcome.drawn));
  const never = wanted.filter((title) => !drawn.has(title));
  const tooFew = accepted.length < LEAST_ACCEPTED * outcomes.length;
  const codes = Object.entries(countsOf(refused.flatMap((outcome) => outcome.codes)));
  const answers = outcomes.reduce((sum, { answered }) => sum + answered, 0);
  const unasked = outcomes.flatMap(({ notStarted }) => notStarted);
  const lines = [
    `${outcomes.length} apps: ${share(accepted.length)} accepted, ${share(refused.length)} refused, ${found.length} findings`,
    `refused by: ${codes.map(([code, count]) => `${code} ${count}`).join(", ") || "none"}`,
    `${wanted.length - never.length} of ${wanted.length} properties of the API drawn${never.length > 0 ? `; never: ${never.join(", ")}` : ""}`,
    ...(answers > 0 ? [`${answers} answers; not asked: ${unasked.length}`] : []),
    ...(isWhole && tooFew ? [`fewer than ${100 * LEAST_ACCEPTED} % were accepted`] : []),
  ];
  return { text: lines.join("\n"), isGood: found.length === 0 && !(isWhole && (tooFew || never.length > 0)) };
}

function countsOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of [...words].sort()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
