import type { LoadBalancerRecord } from "../review/index.js";
import { clientChanges } from "./clients.js";
import { nodeCosts, placesOf, replacements } from "./costs.js";
import { type ChangedSetting, changedSettings } from "./flat.js";
import { bullets, code } from "./markdown.js";
import { serverChanges } from "./servers.js";
import type { ReviewedLoadBalancer, Synthesis } from "./synthesis.js";

/** What a change means, in words. */
export interface Report {
  readonly markdown: string;
  /** Whether a daemon restarts, or a container, a network or a host is made anew. */
  readonly disturbs: boolean;
}

/** Compares two syntheses. Same input, same words. */
export function reportOf(before: Synthesis, after: Synthesis): Report {
  const replaced = replacements(before, after);
  const { gone, made } = placesOf(before, after);
  const names = [...new Set([...before.loadBalancers.keys(), ...after.loadBalancers.keys()])].sort();
  const parts = names.map((name) => partOf(name, before.loadBalancers.get(name), after.loadBalancers.get(name)));
  const disturbs = replaced.length + gone.length > 0 || parts.some((part) => part.disturbs);
  const body = [
    ...bullets("Replaced", replaced),
    ...bullets("Made and removed", [...gone, ...made]),
    ...parts.flatMap(({ lines }) => lines),
  ];
  const verdict = disturbs ? "something restarts, is replaced or removed" : "nothing restarts, nothing is replaced";
  const head = body.length === 0 ? "## DNS load balancers: no change" : `## DNS load balancers: ${verdict}`;
  return { markdown: `${[head, "", ...body].join("\n").trimEnd()}\n`, disturbs };
}

interface Part {
  readonly lines: readonly string[];
  readonly disturbs: boolean;
}

function partOf(name: string, before?: ReviewedLoadBalancer, after?: ReviewedLoadBalancer): Part {
  const title = `### ${code(name)}`;
  if (before === undefined) return { lines: [title, "", "The load balancer is new.", ""], disturbs: false };
  if (after === undefined) {
    return {
      lines: [title, "", "The load balancer is gone: **nobody is served by it any more**.", ""],
      disturbs: true,
    };
  }
  const { refused, served, limits, routes } = clientChanges(before.record, after.record);
  const { restarts, reloads } = nodeCosts(before, after);
  const lines = [
    ...bullets("Restarts", restarts),
    ...bullets("Servers", serverChanges(before.record, after.record)),
    ...bullets("Refused now", refused),
    ...bullets("Served now", served),
    ...bullets("Limits", limits),
    ...bullets("Routes", routes),
    ...settingsTable(before.record, after.record),
    ...bullets("Loaded without a restart", restarts.length > 0 ? [] : reloads),
    ...bullets("Files", restarts.length > 0 ? reloads : []),
  ];
  return { lines: lines.length === 0 ? [] : [title, "", ...lines], disturbs: restarts.length > 0 };
}

/** What is said in words elsewhere, by the names of its properties. */
const TOLD =
  /^(schema|frontends\[[^\]]*\]\.(allowFrom|accessRules|rateLimit|routes|pool)\b|pools\[[^\]]*\]\.servers\[)/;
/** Things that are new or gone as a whole are said in words. */
const WHOLE = /^(frontends|pools)\[([^\]]*)\]/;
const MOST_SETTINGS = 60;

function settingsTable(before: LoadBalancerRecord, after: LoadBalancerRecord): readonly string[] {
  const inBoth = (path: string) => {
    const [, list, name] = WHOLE.exec(path) ?? [];
    if (list !== "frontends" && list !== "pools") return true;
    return [before, after].every((record) => record[list].some((each) => each.name === name));
  };
  const changed = changedSettings(before, after).filter(({ path }) => !TOLD.test(path) && inBoth(path));
  if (changed.length === 0) return [];
  const rows = changed.slice(0, MOST_SETTINGS).map(rowOf);
  const more = changed.length > MOST_SETTINGS ? [`| and ${changed.length - MOST_SETTINGS} more | | |`] : [];
  return ["**Settings**", "", "| setting | before | after |", "|---|---|---|", ...rows, ...more, ""];
}

function rowOf({ path, before, after }: ChangedSetting): string {
  return `| ${code(path)} | ${before === undefined ? "" : code(before)} | ${after === undefined ? "" : code(after)} |`;
}
