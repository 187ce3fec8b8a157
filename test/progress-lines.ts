/** How the agent begins to say what takes longer than two seconds. */
export const PROGRESS = /^(?:asking|checking|downloading|installing|loading|reading|waiting)\b/;

/** What the agent wrote to standard error, without what it says only where a machine is busy. */
export function withoutProgress(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !PROGRESS.test(line))
    .join("\n");
}
