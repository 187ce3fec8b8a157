// `npm run docs:look`: opens the pages of the built site in Chromium, as wide as a telephone and as a screen, and tells
// which of them would have to be scrolled sideways. It is skipped, and says so, where there is no Chromium.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { hasProgram } from "./install.mjs";
import { Failure, root, run, runMain, scratchFolder } from "./run.mjs";
import { step } from "./step.mjs";

const SITE = join(root, "site");
const WIDTHS = [390, 1440];
/** Every page of prose, and each so many of the API. */
const EACH_OF_API = 12;

await runMain(async () => {
  const chromium = ["chromium", "chromium-browser", "google-chrome"].find(hasProgram);
  if (chromium === undefined) {
    console.log("skipped: chromium is not installed");
    return;
  }
  if (!existsSync(join(SITE, "index.html"))) throw new Failure("site/ does not exist; run npm run docs");

  const all = readdirSync(SITE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));
  const isProse = (/** @type {string} */ page) => /^(?:documents\/|modules\/|[^/]*$)/.test(page);
  const sample = all.filter((page) => !isProse(page)).filter((_, index) => index % EACH_OF_API === 0);
  const pages = [...all.filter(isProse), ...sample].sort();

  const folder = scratchFolder("look");
  const frame = join(folder, "look.html");
  writeFileSync(frame, lookingPage(pages.map((page) => pathToFileURL(join(SITE, page)).href)));
  const quiet = ["--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"];
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const looking = ["--headless", "--allow-file-access-from-files", `--user-data-dir=${folder}`, "--timeout=240000"];
  const words = [...looking, ...quiet, ...asRoot, "--dump-dom", frame];
  const { output } = await step(`looking at ${pages.length} pages`, () => run(chromium, words, { limit: 270 }));
  const [, json] = /<pre id="seen">(\[.*\])<\/pre>/.exec(output) ?? [];
  if (json === undefined) throw new Failure(`${chromium} did not come to an end:\n${output.slice(-2_000)}`);
  /** @type {{ page: string, width: number, needs: number }[]} */
  const seen = JSON.parse(json.replaceAll("&amp;", "&"));
  const problems = seen
    .filter(({ width, needs }) => needs > width)
    .map(({ page, width, needs }) => `${page.slice(pathToFileURL(SITE).href.length + 1)}: ${needs} wide in ${width}`);
  if (seen.length !== pages.length * WIDTHS.length) problems.push(`only ${seen.length} views of ${pages.length} pages`);
  if (problems.length > 0) throw new Failure(problems.join("\n"));
  console.log(`${pages.length} pages, each ${WIDTHS.join(" and ")} wide`);
});

/** A page that opens others one by one in a frame, and writes down how wide they are. @param {readonly string[]} pages */
function lookingPage(pages) {
  const views = pages.flatMap((page) => WIDTHS.map((width) => ({ page, width })));
  return `<!doctype html><body><script>
    const views = ${JSON.stringify(views)};
    const seen = [];
    // The next frame begins before the one before it has ended: Chromium prints this page when none is left.
    const look = () => {
      const view = views.shift();
      if (view === undefined) {
        const pre = document.createElement("pre");
        pre.id = "seen";
        pre.textContent = JSON.stringify(seen);
        document.body.append(pre);
        return;
      }
      const frame = document.createElement("iframe");
      frame.style = "border: 0; height: 900px; width: " + view.width + "px";
      frame.onload = () => {
        const { body, documentElement } = frame.contentDocument;
        // TypeDoc hides a page until its scripts have run.
        body.style.display = "";
        seen.push({ ...view, needs: documentElement.scrollWidth });
        look();
        frame.remove();
      };
      frame.src = view.page;
      document.body.append(frame);
    };
    look();
  </script></body>`;
}
