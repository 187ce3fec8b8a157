import { readFileSync, statSync } from "node:fs";
import { LARGEST_SCRIPT } from "../model/health-check.js";
import { type Field, parsed, show } from "../terraform/schema.js";

const ALLOWED = `the path of a script, or its text, in UTF-8, of at most ${LARGEST_SCRIPT} bytes, that begins with "#!" and the absolute path of its interpreter`;

/** A script for the nodes: the path of a file of this machine, or the text itself. Its text is kept. */
export const localScript: Field<string> = parsed<string, string>({
  code: "DNSLB167",
  type: "string",
  allowed: ALLOWED,
  read: (value) => {
    const found = typeof value === "string" ? read(value) : undefined;
    return found !== undefined && "text" in found ? found.text : undefined;
  },
  // A whole script is too much for a message.
  refusal: (value) => {
    const found = typeof value === "string" ? read(value) : undefined;
    return found !== undefined && "problem" in found ? `must be ${ALLOWED}, ${found.problem}` : undefined;
  },
});

type Found = { readonly text: string } | { readonly problem: string };

function read(script: string): Found {
  if (script.startsWith("#!") || script.includes("\n")) return judged(script, Buffer.byteLength(script), "got a text");
  const file = show(script);
  const size = sizeOf(script);
  if (size === undefined) return { problem: `got ${file}, which is no file; correct the path` };
  if (size > LARGEST_SCRIPT) return { problem: `got ${file}, which has ${size} bytes; shorten it` };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(script));
    return judged(text, size, `got ${file}`);
  } catch {
    return { problem: `got ${file}, which cannot be read as UTF-8; correct it` };
  }
}

function judged(text: string, size: number, got: string): Found {
  if (size > LARGEST_SCRIPT) return { problem: `${got} of ${size} bytes; shorten it` };
  if (/[\0\ud800-\udfff]/u.test(text)) return { problem: `${got} with a NUL or half a character; correct it` };
  const [first = ""] = text.split("\n");
  if (first.includes("\r")) return { problem: `${got} with the line ends of Windows; save it with those of Unix` };
  if (!/^#! *\/\S/.test(first))
    return { problem: `${got} that begins otherwise; begin it with "#!/bin/sh" or the like` };
  return { text };
}

/** The size of a file, and of nothing else: a device may have no end. */
function sizeOf(path: string): number | undefined {
  try {
    const found = statSync(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}
