/**
 * Tells whether the output of `dnsdist --check-config` reports a valid configuration: that one line and nothing else.
 * The exit code is not enough: it is 0 on warnings too.
 */
export function isDnsdistCheckOutputClean(text: string): boolean {
  return /^Configuration '[^\n]*' OK!\n?$/.test(text);
}
