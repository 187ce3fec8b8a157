import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentFiles } from "../../../node/agent/files.js";

/** A file of the build context of a node's image; its path is relative to the context. */
export interface ImageFile {
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
}

/** The build context: the library's folder. Its `.dockerignore` excludes what Docker does not need. */
export function imageContext(): string {
  return join(__dirname, "..", "..", "..");
}

/** The Dockerfile of a node's image, relative to the context. */
export const DOCKERFILE = "platforms/docker/image/Dockerfile";

const PROGRAMS = ["agent", "daemon", "health", "install", "sbom", "start"];

/** Reads the files from which a node's image is built, besides its base and Debian's packages. Sorted by path. */
export function imageFiles(): readonly ImageFile[] {
  const own = ["Dockerfile", ...PROGRAMS].map((name) => ({
    path: `platforms/docker/image/${name}`,
    content: readFileSync(join(__dirname, name), "utf8"),
    executable: PROGRAMS.includes(name),
  }));
  const agent = agentFiles().map((file) => ({ ...file, path: `node/agent/${file.path}` }));
  return [...agent, ...own].sort((a, b) => (a.path < b.path ? -1 : 1));
}
