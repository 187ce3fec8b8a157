/** What `expect()` learns by `expect.extend(dnsLbMatchers)`, for a node that `nodesOf()` gave. */
export interface DnsLbMatchers<R = unknown> {
  /** Passes if a section of haproxy.cfg, such as `"backend resolvers"`, has exactly this line. */
  toHaveHaproxyLine(section: string, line: string): R;
  /** Passes if the release has this file, and, where it is given, exactly this content. */
  toHaveFile(path: string, content?: string): R;
  /** Passes if the checkers of the daemons that are installed here take the configuration without a word. */
  toPassDaemonChecks(): Promise<R>;
}

// In an ES module: what CommonJS sees of vitest only re-exports these declarations, and an augmentation of what is
// re-exported does not reach tests that are ES modules.
declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that this one extends says any
  interface Matchers<T = any> extends DnsLbMatchers<T> {}
}
