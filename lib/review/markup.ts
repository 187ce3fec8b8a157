/*
 * Text of SVG and HTML. No other file writes a `<`: what users give is only ever the text of an element or the value of an
 * attribute, and both are escaped here.
 */

/** A piece of SVG or HTML that is well formed. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What an element may hold: texts, which are escaped, and elements. */
export type Content = Markup | string | readonly Content[];

/** The value of an attribute; an attribute without one is left out. */
export type AttributeValue = string | number | undefined;

/** The elements of HTML that have no end tag. */
const VOID: ReadonlySet<string> = new Set(["meta", "br", "col"]);

/** An element with attributes and content. The names are constants of this library. */
export function element(
  name: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  ...content: readonly Content[]
): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === "number" ? numberText(value) : String(value))}"`)
    .join("");
  const start = `<${name}${written}>`;
  return new Markup(VOID.has(name) ? start : `${start}${textOf(content)}</${name}>`);
}

/** The style sheet of a page or picture, which is a constant of this library. */
export function styleSheet(css: string): Markup {
  return new Markup(`<style>${css}</style>`);
}

/** The text of some content. */
export function textOf(content: Content): string {
  if (content instanceof Markup) return content.text;
  return typeof content === "string" ? escaped(content) : content.map(textOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/*
 * What XML cannot hold, or what shows another order or another text than is there: control characters but for tabs and
 * ends of lines, marks of direction, halves of surrogate pairs, noncharacters.
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for, to be shown
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text in which every character can be seen: those that cannot are written as `\u202e`. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A text as the content of an element, or as the value of a quoted attribute. */
function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** At most two digits after the point, so that a picture has the same bytes everywhere. */
function numberText(value: number): string {
  return String(Math.round(value * 100) / 100);
}
