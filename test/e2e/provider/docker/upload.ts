import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Container } from "dockerode";
import { pack } from "tar-stream";
import type { Attributes } from "../sdk/draft.js";
import { Refusal } from "../sdk/resource.js";
import { attempt, type Connection } from "./connection.js";

/** Copies the `upload` blocks into a container that was created and not yet started, one after the other. */
export async function uploadFiles(
  container: Container,
  blocks: readonly Attributes[],
  { directory }: Connection,
): Promise<void> {
  for (const block of blocks) {
    const content = contentOf(block, directory);
    const archive = pack();
    archive.entry({ name: block.text("file"), mode: modeOf(block), mtime: new Date() }, content);
    archive.finalize();
    await attempt("Unable to upload volume content", () => container.putArchive(archive, { path: "/" }));
  }
}

function contentOf(block: Attributes, directory: string): Buffer {
  const given = ["content", "content_base64", "source"].filter((name) => block.has(name));
  if (given.length === 0) {
    throw new Refusal("error with upload content: one of 'content', 'content_base64', or 'source' must be set");
  }
  if (given.length > 1) {
    throw new Refusal("error with upload content: only one of 'content', 'content_base64', or 'source' can be set");
  }
  if (block.has("content")) return Buffer.from(block.text("content"));
  if (block.has("content_base64")) return Buffer.from(block.text("content_base64"), "base64");
  const source = block.text("source");
  try {
    return readFileSync(resolve(directory, source));
  } catch {
    throw new Refusal(`could not read file: open ${source}: no such file or directory`);
  }
}

function modeOf(block: Attributes): number {
  if (block.has("permissions")) return Number.parseInt(block.text("permissions"), 8);
  return block.flag("executable") ? 0o744 : 0o644;
}
