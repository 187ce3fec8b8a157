/** Plain data as YAML has it. */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

/** A key that no reader of YAML takes for anything else. */
const PLAIN_KEY = /^(?!(?:yes|true|false|null|off)$)[a-z_]{3,}$/;

/** Prints data as YAML in block style. Texts are quoted as in JSON, which YAML reads alike. */
export function printYaml(value: { readonly [key: string]: Yaml }): string {
  return `${linesOf(value).join("\n")}\n`;
}

function linesOf(value: Yaml): string[] {
  if (typeof value !== "object" || Object.keys(value).length === 0) return [JSON.stringify(value)];
  if (isList(value)) {
    return value.flatMap((each) => linesOf(each).map((line, index) => `${index === 0 ? "-" : " "} ${line}`));
  }
  return Object.entries(value).flatMap(([key, each]) => {
    const name = PLAIN_KEY.test(key) ? key : JSON.stringify(key);
    const [first = "", ...others] = linesOf(each);
    const isInline = typeof each !== "object" || Object.keys(each).length === 0;
    return isInline ? [`${name}: ${first}`] : [`${name}:`, ...[first, ...others].map((line) => `  ${line}`)];
  });
}

function isList(value: Yaml): value is readonly Yaml[] {
  return Array.isArray(value);
}
