import { toHaveNsdClause, toHaveNsdLine, toHaveUnboundClause, toHaveUnboundLine } from "./matchers/clauses.js";
import { toPassDaemonChecks } from "./matchers/daemon-checks.js";
import {
  toHaveDnsdistListener,
  toHaveDnsdistPool,
  toHaveDnsdistRule,
  toHaveDnsdistServer,
  toHaveDnsdistSetting,
} from "./matchers/dnsdist.js";
import { toHaveFile } from "./matchers/files.js";
import { toHaveHaproxyLine, toHaveHaproxySection } from "./matchers/haproxy.js";
import { toHaveKeepalivedBlock, toHaveKeepalivedLine } from "./matchers/keepalived.js";
import { toHaveTerraformResource } from "./matchers/resources.js";
import { toBreakRule, toPassRules } from "./matchers/rules.js";
import { toHaveSecretFile, toKeepSecrets } from "./matchers/secrets.js";
import { toHaveZone, toHaveZoneRecord } from "./matchers/zones.js";

export type { AsymmetricMatcher, ExpectedText } from "./matchers/expected.js";
export type { MatcherResult } from "./matchers/runner.js";

/** Matchers for what an app makes, in vitest and in jest: `expect.extend(dnsLbMatchers)`. */
export const dnsLbMatchers = {
  toBreakRule,
  toHaveDnsdistListener,
  toHaveDnsdistPool,
  toHaveDnsdistRule,
  toHaveDnsdistServer,
  toHaveDnsdistSetting,
  toHaveFile,
  toHaveHaproxyLine,
  toHaveHaproxySection,
  toHaveKeepalivedBlock,
  toHaveKeepalivedLine,
  toHaveNsdClause,
  toHaveNsdLine,
  toHaveSecretFile,
  toHaveTerraformResource,
  toHaveUnboundClause,
  toHaveUnboundLine,
  toHaveZone,
  toHaveZoneRecord,
  toKeepSecrets,
  toPassDaemonChecks,
  toPassRules,
} as const;
