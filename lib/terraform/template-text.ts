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
