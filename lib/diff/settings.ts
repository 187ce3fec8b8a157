import type { LoadBalancerRecord, ServerRecord } from "../review/index.js";
import { comparedFrontends } from "./clients.js";
import { type ChangedSetting, changedSettings } from "./flat.js";
import { code } from "./markdown.js";

/*
 * The settings that no other sentence tells, as a table.
 */

const MOST_SETTINGS = 60;

/** What is said in words elsewhere, by the names of its properties. */
const TOLD = new RegExp(
  [
    /^(schema|kind)$/,
    /^frontends\[[^\]]*\]\.(name|allowFrom|accessRules|rateLimit|routes|pool)\b/,
    /^pools\[[^\]]*\]\.servers\[[^\]]*\]\.(name|address|port|weight|tls\.name)$/,
  ]
    .map(({ source }) => source)
    .join("|"),
);

/** Things of load balancers that are new or gone as a whole are said in words, too. */
const WHOLE = /^(frontends|nodes|pools)\[([^\]]*)\](?:\.servers\[([^\]]*)\])?/;

/** The further settings of a load balancer that differ. */
export function loadBalancerSettings(before: LoadBalancerRecord, after: LoadBalancerRecord): readonly string[] {
  const old = withNewNames(before, after);
  const isWhole = (path: string) => {
    const [, list, name, server] = WHOLE.exec(path) ?? [];
    if (list !== "frontends" && list !== "nodes" && list !== "pools") return false;
    const has = (record: LoadBalancerRecord) => {
      const found = record[list].find((each) => each.name === name);
      if (server === undefined || found === undefined || !("servers" in found)) return found !== undefined;
      return found.servers.some((each) => each.name === server);
    };
    return !has(old) || !has(after);
  };
  return tableOf(changedSettings(old, after).filter(({ path }) => !TOLD.test(path) && !isWhole(path)));
}

/** The settings of a server that differ. */
export function serverSettings(before: ServerRecord, after: ServerRecord): readonly string[] {
  return tableOf(changedSettings(before, after).filter(({ path }) => path !== "schema"));
}

/** A record whose frontends have the names that they get, so that they are compared with themselves. */
function withNewNames(before: LoadBalancerRecord, after: LoadBalancerRecord): LoadBalancerRecord {
  const { kept } = comparedFrontends(before, after);
  const names = new Map(kept.map(([old, now]) => [old, now.name]));
  const frontends = before.frontends.map((frontend) => {
    const { name } = frontend;
    const now = names.get(frontend) ?? name;
    const listeners = frontend.listeners.map((each) => (each.name === name ? { ...each, name: now } : each));
    return { ...frontend, name: now, listeners };
  });
  return { ...before, frontends };
}

function tableOf(changed: readonly ChangedSetting[]): readonly string[] {
  if (changed.length === 0) return [];
  const rows = changed.slice(0, MOST_SETTINGS).map(rowOf);
  const more = changed.length > MOST_SETTINGS ? [`| and ${changed.length - MOST_SETTINGS} more | | |`] : [];
  return ["**Settings**", "", "| setting | before | after |", "|---|---|---|", ...rows, ...more, ""];
}

function rowOf({ path, before, after }: ChangedSetting): string {
  return `| ${code(path)} | ${before === undefined ? "" : code(before)} | ${after === undefined ? "" : code(after)} |`;
}
