// Which pages the site of the documentation has, in which order, and what their modules are called.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFiles } from "../files.mjs";
import { root } from "../run.mjs";

/** Pages that are read first; what else lies in docs/ follows by name. */
const FIRST = [
  "quickstart",
  "pools",
  "frontends",
  "certificates",
  "pair",
  "anycast",
  "servers",
  "daemons",
  "docker",
  "hosts",
  "machines",
  "networks",
  "review",
  "changes",
  "failures",
  "performance",
  "known-limits",
  "security",
  "operations",
  "metrics",
  "monitoring",
  "runbooks",
  "errors",
  "testing",
];
const LAST = ["SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"];

/** Addresses of pages that would have that of another one. @type {Readonly<Record<string, string>>} */
const NAMES = { SECURITY: "security-policy" };

/** The entry points of the package, by the file that TypeDoc names them after. */
export const MODULES = {
  index: {
    name: "cdktf-dns-lb",
    summary: "The constructs: nodes, pools, frontends, pairs, servers, and the values that they take.",
  },
  config: {
    name: "cdktf-dns-lb/config",
    summary: "Typed configuration files of the daemons, printed and parsed, without cdktf.",
  },
  testing: {
    name: "cdktf-dns-lb/testing",
    summary: "Matchers over what an app makes, and the lab that runs its nodes.",
  },
};

/** What the namespaces are about, by their names in the site. */
export const NAMESPACES = {
  "cdktf-dns-lb/config.bird": "The configuration file of BIRD.",
  "cdktf-dns-lb/config.dnsdist": "The configuration file of dnsdist.",
  "cdktf-dns-lb/config.haproxy": "The configuration file of HAProxy.",
  "cdktf-dns-lb/config.keepalived": "The configuration file of keepalived.",
  "cdktf-dns-lb/config.nsd": "The configuration file of NSD.",
  "cdktf-dns-lb/config.unbound": "The configuration file of unbound.",
  "cdktf-dns-lb/config.zone": "Zone files.",
  "cdktf-dns-lb.model": "The plain data that constructs make, and that files for the daemons are compiled from.",
};

/** The Markdown files that are pages, in the order in which the site lists them. README.md is its first page. */
export function pageFiles() {
  const files = repositoryFiles();
  const rank = (/** @type {string} */ file) => {
    const index = FIRST.indexOf(file.slice("docs/".length, -".md".length));
    return index < 0 ? FIRST.length : index;
  };
  const docs = files.filter((file) => /^docs\/[\w-]+\.md$/.test(file)).sort((a, b) => rank(a) - rank(b));
  const examples = files.filter((file) => /^examples\/[\w-]+\/README\.md$/.test(file));
  return [...docs, ...examples, ...LAST.filter((file) => files.includes(file))];
}

/**
 * The name of a page in addresses, its title, what it is about in a line, and its text without the title.
 *
 * @param {string} file
 */
export function pageOf(file) {
  const text = withoutComments(readFileSync(join(root, file), "utf8"));
  const [, title = "", body = ""] = /^# (.+)\n([\s\S]*)$/.exec(text) ?? [];
  const summary = body.split(/\n{2,}/).find((part) => /^[A-Z`[]/.test(part.trim())) ?? "";
  const [, folder, base = ""] = /(?:([\w-]+)\/)?([\w-]+)\.md$/.exec(file) ?? [];
  const name = NAMES[base] ?? (base === "README" && folder !== undefined ? `example-${folder}` : base.toLowerCase());
  return { file, name, title, summary: firstSentence(plain(summary)), text };
}

/** Markdown without the comments that only our checks read. @param {string} text */
export function withoutComments(text) {
  return text.replace(/^<!--.*-->\n/gm, "").replace(/ ?<!--.*?-->/g, "");
}

/** Markdown without its links, in one line. @param {string} text */
export function plain(text) {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

/** @param {string} text */
export function firstSentence(text) {
  return (/^.*?\.(?= [A-Z`]|$)/.exec(text)?.[0] ?? text).replace(/:$/, ".");
}
