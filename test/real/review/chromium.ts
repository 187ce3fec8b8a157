import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { command } from "../../../lib/testing/lab/command.js";

/** Chromium, where there is one. */
export const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

/** Light or dark, as Chromium numbers them. */
const SCHEMES = { dark: 0, light: 1 } as const;

/**
 * Opens a page with some files beside it, and returns what its script leaves as JSON in the element with the id `seen`.
 */
export async function seenIn(
  files: Readonly<Record<string, string>>,
  page: string,
  scheme: keyof typeof SCHEMES,
): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "dns-lb-review-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    if (CHROMIUM === undefined) throw new RangeError("chromium is not installed");
    const words = [
      ...[CHROMIUM, "--headless", "--allow-file-access-from-files", "--disable-gpu", "--no-first-run"],
      ...[
        "--disable-background-networking",
        "--disable-sync",
        "--timeout=50000",
        `--user-data-dir=${join(folder, "profile")}`,
      ],
      `--blink-settings=preferredColorScheme=${SCHEMES[scheme]}`,
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ...["--dump-dom", `file://${join(folder, page)}`],
    ];
    const { stdout } = await command(words);
    const [, json] = /<pre id="seen">([\s\S]*?)<\/pre>/.exec(stdout) ?? [];
    if (json === undefined) throw new RangeError(`Chromium did not come to an end: ${stdout.slice(-500)}`);
    return JSON.parse(json.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
