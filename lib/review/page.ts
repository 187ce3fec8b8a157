import { INSTALLATION } from "../core/installation.js";
import { type LoadBalancer, poolsOf } from "../model/load-balancer.js";
import { connectionsOf } from "../model/node-connections.js";
import type { NodeSpec } from "../model/node-spec.js";
import { withFallback } from "../model/pool.js";
import { longestText } from "./detection.js";
import { detectionsOf } from "./detections.js";
import { enforcedBy, pathsOf } from "./enforced.js";
import { type Content, element, type Markup, styleSheet } from "./markup.js";
import { daemonsText } from "./node-cards.js";
import {
  balanceText,
  cacheText,
  countText,
  judgementText,
  numbered,
  probeText,
  secretText,
  serverText,
  whenDownText,
} from "./words.js";

/*
 * The page of a load balancer: one file without outside parts and without scripts, for whoever reviews a change.
 */

const CSS = `
:root{color-scheme:light dark}
body{margin:0;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",Arial,sans-serif;color:#0f172a;background:#ffffff}
main{max-width:1500px;margin:0 auto;padding:16px 20px 60px}
h1{font-size:24px;margin:8px 0 0}h2{font-size:19px;margin:36px 0 8px}h3{font-size:16px;margin:24px 0 6px}
p{margin:4px 0 10px}nav a{margin-right:16px}a{color:#1d58b8}
.quiet{color:#52606f}
.scroll{overflow-x:auto;max-width:100%;border:1px solid #d5dce5;border-radius:8px;margin:8px 0 14px}
.scroll svg{display:block}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:6px 12px;border-bottom:1px solid #e2e8f0;min-width:130px;overflow-wrap:break-word}
td{min-width:190px}
th:first-child{width:22%;position:sticky;left:0}
tbody th{background:#ffffff}
tr:last-child>*{border-bottom:0}
thead th{background:#f1f5f9;white-space:nowrap}tbody th{font-weight:600}
details{border:1px solid #d5dce5;border-radius:8px;margin:8px 0}
summary{cursor:pointer;padding:8px 12px;overflow-wrap:anywhere}
pre{margin:0;padding:12px;overflow-x:auto;background:#f8fafc;border-top:1px solid #d5dce5;font:12.5px/1.5 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;tab-size:4}
@media (prefers-color-scheme:dark){
body{color:#e8edf4;background:#0f141b}a{color:#7fb0ff}.quiet{color:#a9b4c2}
tbody th{background:#0f141b}.scroll,details{border-color:#3b4757}th,td{border-color:#2a3442}thead th{background:#19212c}
pre{background:#141b24;border-color:#3b4757}
}
@media print{.scroll{overflow:visible}}
`;

/** What a page shows. */
export interface PageContent {
  readonly loadBalancer: LoadBalancer;
  readonly specs: readonly NodeSpec[];
  readonly summary: string;
  readonly picture: Markup;
}

/** The page of a load balancer, with its picture and the files of its nodes. */
export function pageOf({ loadBalancer, specs, summary, picture }: PageContent): string {
  const { name } = loadBalancer;
  const html = element(
    "html",
    { lang: "en" },
    element(
      "head",
      {},
      element("meta", { charset: "utf-8" }),
      element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      element("meta", {
        "http-equiv": "Content-Security-Policy",
        content: "default-src 'none'; style-src 'unsafe-inline'",
      }),
      element("title", {}, `${name}: what it serves`),
      styleSheet(CSS),
    ),
    element(
      "body",
      {},
      element(
        "main",
        {},
        element("h1", {}, name),
        element("p", { class: "quiet" }, `${summary} · cdktf-dns-lb ${INSTALLATION.version}`),
        element("nav", {}, ...SECTIONS.map(([id, title]) => element("a", { href: `#${id}` }, title))),
        section("picture", element("div", { class: "scroll" }, picture)),
        section("nodes", nodeTable(loadBalancer, specs)),
        section("listeners", ...loadBalancer.frontends.map((frontend) => frontendPart(loadBalancer, frontend))),
        section("pools", ...poolParts(loadBalancer)),
        section("failures", ...failureParts(loadBalancer, specs)),
        section("files", ...fileParts(specs)),
      ),
    ),
  );
  return `<!doctype html>\n${html.text}\n`;
}

const SECTIONS = [
  ["picture", "Picture"],
  ["nodes", "Nodes"],
  ["listeners", "What is enforced"],
  ["pools", "Pools"],
  ["failures", "Failures"],
  ["files", "Files"],
] as const;

function section(id: (typeof SECTIONS)[number][0], ...content: readonly Content[]): Markup {
  const title = SECTIONS.find(([each]) => each === id)?.[1] ?? "";
  return element("section", { id }, element("h2", {}, title), ...content);
}

function table(heads: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", {}, head)))),
      element(
        "tbody",
        {},
        ...rows.map(([head = "", ...cells]) =>
          element("tr", {}, element("th", {}, head), ...cells.map((cell) => element("td", {}, cell))),
        ),
      ),
    ),
  );
}

function nodeTable(loadBalancer: LoadBalancer, specs: readonly NodeSpec[]): Markup {
  const connections = countText(connectionsOf(loadBalancer));
  const rows = loadBalancer.nodes.map(({ name, addresses, interfaces = [], outOfService }) => {
    const spec = specs.find(({ node }) => node === name);
    const all = [...new Set([...addresses, ...interfaces.flatMap((each) => each.addresses)])];
    return [
      outOfService === true ? `${name}, out of service` : name,
      all.join(", "),
      spec === undefined ? "" : daemonsText(spec),
      connections,
      spec?.manifest.configuration ?? "",
    ];
  });
  return table(["node", "addresses", "daemons", "connections", "configuration"], rows);
}

function frontendPart(loadBalancer: LoadBalancer, frontend: LoadBalancer["frontends"][number]): Markup {
  const paths = pathsOf(frontend);
  return element(
    "div",
    {},
    element("h3", {}, frontend.name),
    element("p", { class: "quiet" }, `on ${frontend.addresses.join(", ")}`),
    table(
      ["", ...paths.map(({ title }) => title)],
      enforcedBy(loadBalancer, frontend).map(({ what, on }) => [what, ...on]),
    ),
  );
}

function poolParts(loadBalancer: LoadBalancer): readonly Markup[] {
  const instead = fallenBackOn(loadBalancer);
  return poolsOf(loadBalancer).map((pool) => {
    const { name, role, healthCheck, cache, zones, servers } = pool;
    const facts: readonly (readonly [string, string])[] = [
      ["role", role],
      ...(zones.length === 0 ? [] : [["zones", zones.join(", ")] as const]),
      ["balance", balanceText(pool)],
      ["health check", probeText(healthCheck)],
      ["checked", judgementText(healthCheck)],
      ["when servers are down", whenDownText(pool)],
      ...(instead.has(name) ? [["stands in for", (instead.get(name) ?? []).join(", ")] as const] : []),
      ["clients", pool.clientAddress === "hidden" ? "hidden from servers" : "told by PROXY headers"],
      ...(cache === undefined ? [] : [["cache", cacheText(cache)] as const]),
    ];
    return element(
      "div",
      {},
      element("h3", {}, name),
      table(["setting", "value"], facts),
      element(
        "details",
        {},
        element("summary", {}, numbered(servers.length, "server")),
        element("pre", {}, `${servers.map(serverText).join("\n")}\n`),
      ),
    );
  });
}

/** The pools whose fallback a pool is, by its name. */
function fallenBackOn(loadBalancer: LoadBalancer): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const pool of poolsOf(loadBalancer)) {
    for (const fallback of withFallback(pool).slice(1)) {
      found.set(fallback.name, [...(found.get(fallback.name) ?? []), pool.name]);
    }
  }
  return found;
}

function failureParts(loadBalancer: LoadBalancer, specs: readonly NodeSpec[]): readonly Markup[] {
  const [spec] = specs;
  if (spec === undefined) return [];
  const rows = detectionsOf(loadBalancer, spec.manifest.watch).map((each) => [
    each.failure,
    longestText(each),
    each.arithmetic,
    each.outcome,
  ]);
  const note = "What the settings allow at most, on a node that has processor time; measured times are shorter.";
  return [
    element("p", { class: "quiet" }, note),
    table(["failure", "noticed and answered within", "because", "then"], rows),
  ];
}

/** Files that are the same on every node of every load balancer, or are for the agent alone. */
const NOT_SHOWN: ReadonlySet<string> = new Set(["dnsdist/runtime.lua", "manifest.json"]);

/** The files of the nodes: one that is the same on several of them is there once. */
function fileParts(specs: readonly NodeSpec[]): readonly Markup[] {
  const found = new Map<string, { readonly path: string; readonly content: string; readonly nodes: string[] }>();
  for (const { node, files } of specs) {
    for (const { path, content } of files) {
      if (NOT_SHOWN.has(path)) continue;
      const key = `${path}\0${content}`;
      const same = found.get(key);
      if (same === undefined) found.set(key, { path, content, nodes: [node] });
      else same.nodes.push(node);
    }
  }
  const parts = [...found.values()]
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(({ path, content, nodes }) =>
      element(
        "details",
        {},
        element("summary", {}, `${path} `, element("span", { class: "quiet" }, `of ${nodes.join(", ")}`)),
        // A line of its own, because HTML leaves out an end of line at the beginning of `pre`.
        element("pre", {}, `\n${content}`),
      ),
    );
  const note =
    "As the nodes get them, without secrets; manifest.json, for the agent, and runtime.lua, the same everywhere, lie beside this page below nodes/.";
  return [element("p", { class: "quiet" }, note), ...parts, ...secretParts(specs)];
}

function secretParts(specs: readonly NodeSpec[]): readonly Markup[] {
  const rows = specs.flatMap(({ node, secretFiles }) =>
    secretFiles.map(({ path, source }) => [path, node, secretText(source)]),
  );
  return rows.length === 0
    ? []
    : [element("h3", {}, "Secrets, which are in no file"), table(["file", "node", "from"], rows)];
}
