import { Fn } from "cdktf";

/**
 * Escapes text for a Terraform string: template markers (`${`, `%{`) become literal, cdktf tokens stay tokens. Used for
 * every rendered file.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function templateText(text: string): string {
  return text.replace(TEMPLATE_MARK, (mark) => (mark.startsWith("${TfToken[") ? mark : `${mark.charAt(0)}${mark}`));
}

const TEMPLATE_MARK = /\$\{TfToken\[[^\]]*\]\}|[$%]\{/g;

/**
 * Text as an argument of Terraform's functions. `Fn.rawString()` escapes line ends, quotes and `${` alone, so that a path
 * with a backslash or `%{` would break the expression.
 */
export function argumentText(text: string): string {
  return Fn.rawString(text.replace(/\\/g, "\\\\").replace(/%\{/g, "%%{"));
}
