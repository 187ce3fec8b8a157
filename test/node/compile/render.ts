import { luaText } from "../../../lib/config/dnsdist/lua-text.js";
import type { DnsdistRule } from "../../../lib/config/dnsdist/model.js";
import type { Directive } from "../../../lib/config/haproxy/model.js";
import { printDirective } from "../../../lib/config/haproxy/print.js";

/** Rules as one line each: selector, arrow, action. */
export function ruleLines(rules: readonly DnsdistRule[]): string[] {
  return rules.map(({ rule, action }) => `${luaText(rule)} -> ${luaText(action)}`);
}

/** Directives as HAProxy reads them. */
export function directiveLines(directives: readonly Directive[]): string[] {
  return directives.map(printDirective);
}
