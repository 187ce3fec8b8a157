import type { DnsdistRule } from "../../config/dnsdist/model.js";
import type { Frontend } from "../../model/frontend.js";
import { toFrontend } from "./dnsdist-frontend.js";
import { allOf, rule } from "./dnsdist-terms.js";

/** The rules of a frontend that its user has written; their names mark them in policy.lua and in dnsdist's `showRules()`. */
export function dnsdistExtra(frontend: Frontend): DnsdistRule[] {
  return (frontend.extra?.dnsdist ?? []).map(({ rule: selector, action }, index) =>
    rule(
      `${frontend.name}: extra ${index + 1}, not known to cdktf-dns-lb`,
      allOf(toFrontend(frontend), selector),
      action,
    ),
  );
}
