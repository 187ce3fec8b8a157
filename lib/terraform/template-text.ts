/**
 * Makes text safe inside a Terraform string: what Terraform would read as a template (`${`, `%{`) stands for itself,
 * cdktf tokens stay what they are. Every rendered file passes through here.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function templateText(text: string): string {
  return text.replace(TEMPLATE_MARK, (mark) => (mark.startsWith("${TfToken[") ? mark : `${mark.charAt(0)}${mark}`));
}

const TEMPLATE_MARK = /\$\{TfToken\[[^\]]*\]\}|[$%]\{/g;
