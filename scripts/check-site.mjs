// Builds the site of the documentation, and follows every link: those of the Markdown files to files of the repository
// and to headings, those of the built pages to pages and to what has the name of the anchor. Nothing may be loaded from
// elsewhere.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, resolve } from "node:path";
import { repositoryFiles } from "./files.mjs";
import { Failure, root, runMain } from "./run.mjs";
import { buildSite } from "./typedoc/build.mjs";

const SITE = join(root, "site");

await runMain(async () => {
  const markdown = repositoryFiles().filter((file) => file.endsWith(".md") && !/^(api|test)\//.test(file));
  const broken = markdown.flatMap(brokenIn);
  if (broken.length > 0) throw new Failure(broken.join("\n"));

  const { documents, api } = await buildSite(SITE);
  const pages = readdirSync(SITE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));
  const names = new Map(pages.map((page) => [page, namesIn(read(page))]));
  const problems = [...pages.flatMap((page) => brokenOn(page, names)), ...pages.flatMap(loadedElsewhere), ...listed()];
  if (problems.length > 0) throw new Failure(problems.join("\n"));
  console.log(`${documents} pages, ${api} of the API`);
});

/** Links of a Markdown file that lead nowhere. @param {string} file */
function brokenIn(file) {
  return linksIn(readFileSync(join(root, file), "utf8")).flatMap(({ line, target }) => {
    if (/^(https:|mailto:)/.test(target)) return [];
    const [path = "", anchor] = target.split("#");
    const to = path === "" ? file : relative(root, resolve(root, dirname(file), decodeURI(path)));
    const what = `${file}:${line}: ${target}`;
    if (/^[a-z]+:/.test(target)) return [`${what}: must be https`];
    if (to.startsWith("..") || !existsSync(join(root, to))) return [`${what}: there is no ${to}`];
    if (anchor === undefined) return [];
    const headings = to.endsWith(".md") ? headingsIn(readFileSync(join(root, to), "utf8")) : [];
    return headings.includes(anchor) ? [] : [`${what}: ${to} has no heading #${anchor}`];
  });
}

/** @param {string} text */
function linksIn(text) {
  return withoutCode(text)
    .split("\n")
    .flatMap((line, index) =>
      [...line.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => ({ line: index + 1, target })),
    );
}

/** The anchors of the headings, as GitHub and the site make them. @param {string} text */
function headingsIn(text) {
  return withoutCode(text)
    .split("\n")
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
}

/** Blanks out blocks of code, so that line numbers stay. @param {string} text */
function withoutCode(text) {
  return text.replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/.+/g, ""));
}

/** @param {string} page @param {ReadonlyMap<string, ReadonlySet<string>>} names */
function brokenOn(page, names) {
  const links = [...new Set([...read(page).matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, target = ""]) => target))];
  return links.flatMap((target) => {
    if (/^(https:|data:)/.test(target)) return [];
    const [path = "", anchor = ""] = target.replaceAll("&amp;", "&").split("#");
    const to = path === "" ? page : normalize(join(dirname(page), decodeURI(path.split("?")[0] ?? "")));
    if (!existsSync(join(SITE, to))) return [`site/${page}: ${target}: there is no site/${to}`];
    const known = names.get(to);
    if (anchor === "" || known === undefined || known.has(decodeURIComponent(anchor))) return [];
    return [`site/${page}: ${target}: site/${to} has no #${anchor}`];
  });
}

/** @param {string} html */
function namesIn(html) {
  return new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, name = ""]) => name));
}

/** What a page loads from another place than the site. @param {string} page */
function loadedElsewhere(page) {
  const loading = /<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)="(?:https?:)?\/\/[^"]*"/g;
  return (read(page).match(loading) ?? []).map((tag) => `site/${page}: loads from elsewhere: ${tag}`);
}

/** llms.txt leads to every page that it names, and says of each what it is. */
function listed() {
  const lines = read("llms.txt").split("\n");
  return lines.flatMap((line) => {
    const [, url, summary] = /^- \[.*\]\((.*)\): ?(.*)$/.exec(line) ?? [];
    if (url === undefined) return [];
    if (!existsSync(join(SITE, url))) return [`site/llms.txt: there is no ${url}`];
    return summary === "" ? [`site/llms.txt: ${url} has no summary`] : [];
  });
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(SITE, file), "utf8");
}
