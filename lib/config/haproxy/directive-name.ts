/** First words that say nothing without the second: `option redispatch`. */
const GROUPS: readonly string[] = ["option"];

/** The name of a setting by which two directives are the same one: `no option redispatch` is `option redispatch`. */
export function directiveName([first = "", ...rest]: readonly string[]): string {
  if (first === "no") return directiveName(rest);
  const [second] = rest;
  return second !== undefined && GROUPS.includes(first) ? `${first} ${second}` : first;
}
