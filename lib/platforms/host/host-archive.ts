import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { hostFiles } from "./host-files.js";

/** All that makes a host a node, as one text. */
export interface HostArchive {
  /** A compressed shell script in Base64, which writes the files into the folder that is its first argument. */
  readonly content: string;
  /** Changes whenever a file does. */
  readonly digest: string;
}

/** Ends each file in the script; no file has such a line. */
const END = "=== end of this file ===";

let made: HostArchive | undefined;

/** Packs the agent, the units and the program that installs them. */
export function hostArchive(): HostArchive {
  made ??= pack();
  return made;
}

function pack(): HostArchive {
  const script = hostScript();
  return {
    content: gzipSync(script, { level: 9 }).toString("base64"),
    digest: createHash("sha256").update(script).digest("hex").slice(0, 16),
  };
}

/**
 * A shell script that writes all files into the folder that is its first argument, because a host that was just installed
 * has a shell, but no Python. In one piece, because over SSH each file costs several round trips.
 */
export function hostScript(): string {
  const files = hostFiles();
  const folders = [...new Set(files.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf("/")))))];
  const lines = [
    "set -eu",
    'mkdir -p "$1"',
    'cd "$1"',
    ...folders.filter((folder) => folder !== "").map((folder) => `mkdir -p ${folder}`),
    ...files.flatMap(({ path, content, executable }) => [
      `cat >${path} <<'${END}'`,
      ...content.replace(/\n$/, "").split("\n"),
      END,
      `chmod ${executable ? 755 : 644} ${path}`,
    ]),
    "",
  ];
  return lines.join("\n");
}
