import type { DnsdistServerOptions } from "../config/dnsdist/index.js";
import type { Secret } from "../model/secret.js";
import type { AsymmetricMatcher, ExpectedText } from "./matchers/expected.js";

/**
 * Properties of which some are expected: texts also by regular expressions, anything also by asymmetric matchers,
 * and `undefined` where there must be nothing.
 */
export type Expected<T> =
  | AsymmetricMatcher
  | (T extends string
      ? T | RegExp
      : T extends readonly (infer Item)[]
        ? readonly Expected<Item>[]
        : T extends object
          ? { readonly [Key in keyof T]?: Expected<T[Key]> | undefined }
          : T);

/** A record of a zone, of which some properties are expected. */
export interface ExpectedZoneRecord {
  /**
   * The owner's whole name, with or without its final dot.
   *
   * @default - any name
   */
  readonly name?: ExpectedText;
  /**
   * Seconds.
   *
   * @default - any
   */
  readonly ttl?: number | AsymmetricMatcher;
  /**
   * In capitals: `"A"`.
   *
   * @default - any type
   */
  readonly type?: ExpectedText;
  /**
   * As the zone's file has it: `"10 mail.example.com."`.
   *
   * @default - any data
   */
  readonly data?: ExpectedText;
}

/**
 * What `expect()` learns by `expect.extend(dnsLbMatchers)`.
 *
 * A text is expected whole, by a regular expression, or by an asymmetric matcher such as `expect.stringContaining()`. The
 * arguments before the last name a place, such as a section: the place must be there, also when the expectation is
 * negated. A pattern for a place stands for all places that it matches, and passes if one of them is as expected.
 */
export interface DnsLbMatchers<R = unknown> {
  /** Passes if haproxy.cfg of a node has a section, such as `"backend resolvers"`. */
  toHaveHaproxySection(section: ExpectedText): R;
  /** Passes if a section of haproxy.cfg, such as `"backend resolvers"`, has this line. */
  toHaveHaproxyLine(section: ExpectedText, line: ExpectedText): R;
  /** Passes if keepalived.conf of a node has a block: `"vrrp_instance v4"`, within it `"vrrp_instance v4 / unicast_peer"`. */
  toHaveKeepalivedBlock(block: ExpectedText): R;
  /** Passes if a block of keepalived.conf itself has this line; blocks within it are blocks of their own. */
  toHaveKeepalivedLine(block: ExpectedText, line: ExpectedText): R;
  /** Passes if dnsdist of a node listens on an address, such as `"0.0.0.0:53"`, with these options among others. */
  toHaveDnsdistListener(address: ExpectedText, options?: Readonly<Record<string, unknown>> | AsymmetricMatcher): R;
  /** Passes if dnsdist.conf calls a function so: `"setMaxUDPOutstanding(10000)"`. */
  toHaveDnsdistSetting(call: ExpectedText): R;
  /** Passes if policy.lua has a rule of this name with, as Lua, this selector and action. */
  toHaveDnsdistRule(
    name: ExpectedText,
    parts?: { readonly rule?: ExpectedText; readonly action?: ExpectedText } | AsymmetricMatcher,
  ): R;
  /** Passes if policy.lua has a server of this id, `"resolvers/resolver1"`, in these pools and with these options. */
  toHaveDnsdistServer(
    id: ExpectedText,
    options?: Expected<DnsdistServerOptions & { readonly pools: readonly string[] }>,
  ): R;
  /** Passes if policy.lua has a pool of this name with this policy and the servers of these ids. */
  toHaveDnsdistPool(
    name: ExpectedText,
    parts?: Expected<{ readonly policy: string; readonly servers: readonly string[]; readonly judge: object }>,
  ): R;
  /** Passes if unbound.conf of a node has a clause: `"server"`, and by name `"forward-zone example.com."`. */
  toHaveUnboundClause(clause: ExpectedText): R;
  /** Passes if a clause of unbound.conf has this line: `"access-control: 10.0.0.0/8 allow"`. */
  toHaveUnboundLine(clause: ExpectedText, line: ExpectedText): R;
  /** Passes if nsd.conf of a node has a clause: `"server"`, and by name `"zone example.com."`. */
  toHaveNsdClause(clause: ExpectedText): R;
  /** Passes if a clause of nsd.conf has this line: `"provide-xfr: 192.0.2.1 NOKEY"`. */
  toHaveNsdLine(clause: ExpectedText, line: ExpectedText): R;
  /** Passes if NSD of a node serves a zone; its final dot may be left out. */
  toHaveZone(zone: ExpectedText): R;
  /** Passes if the file of a zone has a record, as a line or by some of its properties. */
  toHaveZoneRecord(zone: ExpectedText, record: ExpectedText | ExpectedZoneRecord): R;
  /** Passes if the release of a node has this file, and, where it is given, this content. */
  toHaveFile(path: ExpectedText, content?: ExpectedText): R;
  /** Passes if a node gets a secret file, and, where it is given, from this source. */
  toHaveSecretFile(
    path: ExpectedText,
    source?: Expected<{ readonly kind: Secret["kind"]; readonly name: string; readonly path: string }>,
  ): R;
  /**
   * Passes if none of these texts, nor a line of the local files that secrets come from, is in the files of a node or, of
   * an app or a stack, in the files of all nodes and in what Terraform gets; plain, in Base64 or in hexadecimal.
   */
  toKeepSecrets(...texts: readonly string[]): R;
  /**
   * Passes if an app or a stack has a resource of this type, such as `"docker_container"` or the class `Container`, with
   * these properties in the names of Terraform.
   */
  toHaveTerraformResource(
    type: ExpectedText | { readonly tfResourceType: string },
    properties?: Readonly<Record<string, unknown>> | AsymmetricMatcher,
  ): R;
  /**
   * Passes if an app, a stack or what a function constructs breaks the rule of a code, and, where it is given, with this
   * line, as synthesis prints it: `[prod/Dns] ... [DNSLB006]`.
   */
  toBreakRule(code: string, text?: ExpectedText): R;
  /** Passes if an app, a stack or what a function constructs breaks no rule. */
  toPassRules(): R;
  /**
   * Passes if the checkers of the daemons that the node has, as they are installed here, take the configuration without a
   * word. Must be awaited: a test that ends before fails.
   */
  toPassDaemonChecks(): Promise<R>;
}

// In an ES module: what CommonJS sees of vitest only re-exports these declarations, and an augmentation of what is
// re-exported does not reach tests that are ES modules. A runner that is not installed is not to be found here.
// biome-ignore lint/suspicious/noTsIgnore: an error there is only without vitest
/** @ts-ignore */
declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that this one extends says any
  interface Matchers<T = any> extends DnsLbMatchers<T> {}
}

// biome-ignore lint/suspicious/noTsIgnore: an error there is only without jest
/** @ts-ignore */
declare module "expect" {
  interface Matchers<R> extends DnsLbMatchers<R> {}
}

declare global {
  namespace jest {
    interface Matchers<R> extends DnsLbMatchers<R> {}
  }
}
