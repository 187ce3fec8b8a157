// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
import { Lazy, Token } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { templateText } from "../../lib/terraform/template-text.js";

/** What Terraform makes of a string that holds no interpolation. */
const read = (template: string) => template.replace(/(\$|%)\1\{/g, (mark) => mark.slice(1));

/** Text full of what Terraform reads in strings. */
const nasty = fc.array(fc.constantFrom("$", "%", "{", "}", "$${", "%%{", "${", "%{", "~", '"', "\\", "\n", "a"), {
  maxLength: 12,
});

describe("templateText", () => {
  test.each([
    ["plain", "plain"],
    ['log-format "%{+Q}r"', 'log-format "%%{+Q}r"'],
    ['insecure-password "${VAR}"', 'insecure-password "$${VAR}"'],
    ["100% of $5 {a}", "100% of $5 {a}"],
    ["${a}${b}%{c}", "$${a}$${b}%%{c}"],
    ["%${a}", "%$${a}"],
  ])("%j becomes %j", (text, template) => {
    expect(templateText(text)).toBe(template);
  });

  test("reads back as the text", () => {
    fc.assert(
      fc.property(nasty, (parts) => {
        const text = parts.join("");
        expect(read(templateText(text))).toBe(text);
      }),
    );
  });

  test("leaves cdktf tokens alone", () => {
    const token = Token.asString(Lazy.stringValue({ produce: () => "x" }));
    expect(templateText(`a ${token} \${b}`)).toBe(`a ${token} $\${b}`);
  });
});
