import { directiveName } from "../config/haproxy/directive-name.js";
import type { FrontendExtra, LoadBalancerExtra } from "../model/extra.js";

const ENDING = "only the daemons check them, and what the library promises is not measured with them";

/** What synthesis says of settings that the library does not know, by their names; undefined if there are none. */
export function extraHint(where: string, extra: LoadBalancerExtra | FrontendExtra | undefined): string | undefined {
  if (extra === undefined) return undefined;
  const names = [...haproxyNames(extra.haproxy), ...dnsdistNames(extra.dnsdist), ...keepalivedNames(extra)];
  return names.length === 0 ? undefined : `'extra' of ${where} has ${names.join(", ")}: ${ENDING}`;
}

function haproxyNames(haproxy: (LoadBalancerExtra | FrontendExtra)["haproxy"]): readonly string[] {
  if (haproxy === undefined) return [];
  const directives = "length" in haproxy ? haproxy : [...(haproxy.global ?? []), ...(haproxy.defaults ?? [])];
  return directives.map((each) => `HAProxy's ${directiveName(each)}`);
}

function dnsdistNames(dnsdist: (LoadBalancerExtra | FrontendExtra)["dnsdist"] = []): readonly string[] {
  return dnsdist.map((each) => ("call" in each ? `dnsdist's ${each.call}` : `a rule of dnsdist by ${each.rule.call}`));
}

function keepalivedNames(extra: LoadBalancerExtra | FrontendExtra): readonly string[] {
  return "keepalived" in extra ? (extra.keepalived ?? []).map(([name]) => `keepalived's ${name}`) : [];
}
