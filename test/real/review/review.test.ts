import { beforeAll, describe, expect, test } from "vitest";
import { reviewFiles } from "../../../lib/review/index.js";
import { manyFrontends, reviewedEverything, reviewedExamples } from "../../review/reviewed.js";
import { CHROMIUM, seenIn } from "./chromium.js";

/** What Chromium says of a picture or a page. */
interface Seen {
  readonly name: string;
  readonly width: number;
  /** What is wrong with it. */
  readonly faults: readonly string[];
  /** Texts that were looked at. */
  readonly texts: number;
}

const WIDTHS = [390, 1_440];

/** Looks at files one by one in frames of these widths. */
const LOOKING = (views: readonly { readonly name: string; readonly width: number }[]) => `<!doctype html><body><script>
const views = ${JSON.stringify(views)};
const seen = [];
const channels = (color) => (color.match(/[\\d.]+/g) ?? []).slice(0, 3).map(Number);
const luminance = (color) => {
  const [r, g, b] = channels(color).map((each) => each / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const covers = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
const lookAt = (frame, view) => {
  const { document, getComputedStyle } = frame.contentWindow;
  const faults = [];
  const texts = [...document.querySelectorAll("svg text")].map((element) => {
    const box = element.getBoundingClientRect();
    const card = element.closest("[data-card]");
    const paper = (card ?? document).querySelector(card ? "rect" : ".dl-ground");
    const room = paper.getBoundingClientRect();
    const text = element.lastChild === null ? "" : element.lastChild.textContent;
    if (box.left < room.left || box.right > room.right) faults.push("wider than its place: " + text);
    const ground = paper.getAttribute("class").includes("dl-more") ? document.querySelector(".dl-ground") : paper;
    const ratio = contrast(getComputedStyle(element).fill, getComputedStyle(ground).fill);
    if (ratio < 4.5) faults.push("contrast " + ratio.toFixed(1) + ": " + text);
    // The lines of a font are higher than its letters.
    const middle = (box.top + box.bottom) / 2;
    const half = (Number(element.getAttribute("font-size")) / 2) * 0.95;
    return { text, left: box.left, right: box.right, top: middle - half, bottom: middle + half };
  });
  for (const [at, one] of texts.entries()) {
    for (const other of texts.slice(at + 1)) if (covers(one, other)) faults.push(one.text + " is over " + other.text);
  }
  const { scrollWidth } = document.documentElement;
  if (view.name.endsWith(".html") && scrollWidth > view.width) faults.push(scrollWidth + " wide in " + view.width);
  if (view.name.endsWith(".html")) {
    for (const cell of document.querySelectorAll("th, td, p, summary")) {
      const { color } = getComputedStyle(cell);
      let ground = cell;
      while (ground && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
      const ratio = contrast(color, getComputedStyle(ground).backgroundColor);
      if (ratio < 4.5) faults.push("contrast " + ratio.toFixed(1) + ": " + cell.textContent.slice(0, 40));
    }
  }
  seen.push({ name: view.name, width: view.width, faults: faults.slice(0, 10), texts: texts.length });
};
const next = () => {
  const view = views.shift();
  if (view === undefined) {
    const pre = document.createElement("pre");
    pre.id = "seen";
    pre.textContent = JSON.stringify(seen);
    document.body.append(pre);
    return;
  }
  const frame = document.createElement("iframe");
  frame.style = "border:0;height:900px;width:" + view.width + "px";
  frame.onload = () => {
    lookAt(frame, view);
    next();
    frame.remove();
  };
  frame.src = view.name;
  document.body.append(frame);
};
next();
</script></body>`;

describe.skipIf(CHROMIUM === undefined && process.env["CI"] === undefined)("in Chromium", () => {
  const files: Record<string, string> = {};
  beforeAll(async () => {
    const all = [...(await reviewedExamples()), ...reviewedEverything(), manyFrontends(40, 100)];
    for (const [at, { loadBalancer, specs }] of all.entries()) {
      const review = reviewFiles(loadBalancer, specs);
      files[`${at}.svg`] = review["topology.svg"] ?? "";
      files[`${at}.html`] = review["stack.html"] ?? "";
    }
  });

  test.each(["light", "dark"] as const)(
    "no text of a picture or page is over another, too wide or too faint: %s",
    async (scheme) => {
      const views = Object.keys(files).flatMap((name) => WIDTHS.map((width) => ({ name, width })));
      const seen = (await seenIn({ ...files, "look.htm": LOOKING(views) }, "look.htm", scheme)) as readonly Seen[];
      expect(seen.filter(({ faults }) => faults.length > 0)).toEqual([]);
      expect(seen.map(({ name, width }) => ({ name, width }))).toEqual(views);
      expect(Math.min(...seen.map(({ texts }) => texts))).toBeGreaterThan(10);
    },
  );
});
