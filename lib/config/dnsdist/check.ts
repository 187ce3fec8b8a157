/**
 * Judges what `dnsdist --check-config` wrote: a good configuration gives one line and nothing else. The exit code
 * alone is too mild; warnings leave it at 0.
 */
export function isDnsdistCheckOutputClean(text: string): boolean {
  return /^Configuration '[^\n]*' OK!\n?$/.test(text);
}
