// Builds the documentation as a static site that is read without a server or a network: README.md and docs/ as pages, the
// public API from the code, and llms.txt for programs that read.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Application, Configuration, Converter, Logger, LogLevel, ReflectionKind, RendererEvent } from "typedoc";
import { Failure, root } from "../run.mjs";
import { firstSentence, MODULES, NAMESPACES, pageFiles, pageOf, plain } from "./pages.mjs";

/** Tags that the generator of the manifest's schema reads. */
const SCHEMA_TAGS = /** @type {const} */ (["@asType", "@minimum", "@maximum", "@pattern"]);

/**
 * What public declarations mention and users never name.
 */
const NOT_EXPORTED = [
  ...["UNITS", "Attribute", "Clause", "InputCode", "RuleCode", "ConfigurationCode"],
  ...[
    "ParsedByteRate",
    "ParsedRate",
    "Network",
    "LabPrograms",
    "NodeSurroundings",
    "RouterSurroundings",
    "RouterWork",
    "Host",
    "ProcessPlan",
    "StandIn",
    "ServerPaths",
  ],
];

class Complaints extends Logger {
  /** @type {string[]} */
  complaints = [];

  /** @override @param {string} message @param {LogLevel} level */
  log(message, level) {
    if (level >= LogLevel.Warn) this.complaints.push(message);
  }
}

/** Builds the site; whatever TypeDoc warns of is a failure. @param {string} out */
export async function buildSite(out) {
  const pages = new Map(pageFiles().map((file) => [join(root, file), pageOf(file)]));
  const untitled = [...pages.values()].filter(({ title, summary }) => title === "" || summary === "");
  if (untitled.length > 0) {
    const names = untitled.map(
      ({ file }) => `${file}: must begin with a title and a sentence that says what it is about`,
    );
    throw new Failure(names.join("\n"));
  }
  const app = await Application.bootstrap({
    name: "cdktf-dns-lb",
    tsconfig: join(root, "tsconfig.build.json"),
    entryPoints: Object.keys(MODULES).map((name) => join(root, "lib", name === "index" ? "" : name, "index.ts")),
    readme: join(root, "README.md"),
    projectDocuments: [...pages.keys()],
    out,
    // `npm test -- types` does it.
    skipErrorChecking: true,
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    includeHierarchySummary: false,
    hideGenerator: true,
    blockTags: [...Configuration.OptionDefaults.blockTags, ...SCHEMA_TAGS],
    excludeTags: [...SCHEMA_TAGS],
    intentionallyNotExported: NOT_EXPORTED,
    customCss: join(root, "scripts", "typedoc", "site.css"),
    highlightLanguages: ["typescript", "javascript", "json", "sh", "text", "lua", "yaml"],
    navigation: { includeGroups: false, includeCategories: false, includeFolders: false },
    // "README.md" is a host to those who make links of what looks like one.
    markdownItOptions: { html: true, linkify: false },
    jsDocCompatibility: { defaultTag: false },
    headings: { readme: false, document: true },
    sortEntryPoints: false,
    searchInDocuments: true,
    searchInComments: true,
    validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
    logLevel: LogLevel.Warn,
  });
  const logger = new Complaints();
  app.logger = logger;
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const page = pages.get(document.project.files.getReflectionPath(document) ?? "");
    if (page !== undefined) document.name = page.name;
    const [first] = document.content;
    // A page shows its name as its title.
    if (first?.kind === "text") first.text = first.text.replace(/^\s*# .*\n/, "");
  });
  // Members named by a symbol of ours are for other modules of the library.
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const own = Object.values(project.reflections).filter(({ name }) => name.startsWith("["));
    for (const reflection of own) project.removeReflection(reflection);
  });
  app.converter.on(Converter.EVENT_RESOLVE, (_context, reflection) => {
    for (const { tag, content } of reflection.comment?.blockTags ?? []) if (tag === "@default") showDefault(content);
  });
  /** @type {{ title: string, url: string, summary: string }[]} */
  const documents = [];
  /** @type {{ title: string, url: string, summary: string }[]} */
  const api = [];
  app.renderer.on(RendererEvent.BEGIN, ({ project, pages: rendered }) => {
    // Only now: the addresses of pages are made of shorter names.
    for (const { model, url } of rendered) {
      if (model === project || !("kind" in model)) continue;
      const reflection = /** @type {import("typedoc").Reflection} */ (model);
      if (reflection.isDocument()) {
        const page = pages.get(project.files.getReflectionPath(reflection) ?? "");
        if (page === undefined) throw new Failure(`${url}: the page of no file`);
        reflection.name = page.file.startsWith("examples/") ? `Example: ${page.title}` : page.title;
        documents.push({ title: reflection.name, url, summary: page.summary });
      } else if (reflection.kind === ReflectionKind.Module) {
        const module = MODULES[/** @type {keyof typeof MODULES} */ (reflection.name)];
        reflection.name = module.name;
        api.push({ title: module.name, url, summary: module.summary });
      } else {
        const title = reflection.getFullName();
        const summary = NAMESPACES[/** @type {keyof typeof NAMESPACES} */ (title)] ?? summaryOf(reflection);
        api.push({ title, url, summary });
      }
    }
  });

  const project = await app.convert();
  if (project === undefined) throw new Failure(logger.complaints.join("\n"));
  app.validate(project);
  await app.generateDocs(project, out);
  const nameless = api.filter(({ summary }) => summary === "").map(({ title }) => `${title}: has no summary`);
  const problems = [...logger.complaints, ...nameless];
  if (problems.length > 0) throw new Failure(problems.join("\n"));
  writeForPrograms(out, documents, api);
  return { documents: documents.length, api: api.length };
}

/** Shows a default that says what happens as text, and one that is a value as code. @param {import("typedoc").CommentDisplayPart[]} content */
function showDefault(content) {
  const text = content
    .map((part) => part.text)
    .join("")
    .trim();
  if (text.startsWith("- ")) content[0] = { kind: "text", text: (content[0]?.text ?? "").replace(/^\s*- /, "") };
  else if (!text.includes("`")) content.splice(0, content.length, { kind: "code", text: `\`${text}\`` });
}

/** The first sentence of a comment. @param {import("typedoc").Reflection} reflection */
function summaryOf(reflection) {
  const declared = reflection.isDeclaration() ? reflection : undefined;
  const found = [reflection, ...(declared?.signatures ?? [])].find(({ comment }) => comment?.hasVisibleComponent());
  const text = (found?.comment?.summary ?? []).map((part) => part.text).join("");
  return firstSentence(plain(text));
}

/**
 * llms.txt lists every page with what it is about, llms-full.txt holds the text of all that are no API pages.
 *
 * @param {string} out
 * @param {readonly { title: string, url: string, summary: string }[]} documents
 * @param {readonly { title: string, url: string, summary: string }[]} api
 */
function writeForPrograms(out, documents, api) {
  const { summary, title, text } = pageOf("README.md");
  const line = (/** @type {{ title: string, url: string, summary: string }} */ page) =>
    `- [${page.title}](${page.url}): ${page.summary}`;
  const head = [`# ${title}`, "", `> ${summary}`, ""];
  const home = line({ title: "Overview", url: "index.html", summary });
  const list = [
    ...head,
    "The text of all pages but those of the API, in one file: [llms-full.txt](llms-full.txt)",
    ...["", "## Documentation", "", home, ...documents.map(line)],
    ...["", "## API", "", ...api.map(line), ""],
  ];
  const texts = [text, ...pageFiles().map((file) => pageOf(file).text)];
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "llms.txt"), list.join("\n"));
  writeFileSync(join(out, "llms-full.txt"), `${texts.map((page) => page.trim()).join("\n\n---\n\n")}\n`);
}
