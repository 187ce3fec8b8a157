export type * as model from "../model/index.js";
export { Lab, type LabSource } from "./app-lab.js";
export { InvalidAppError, TestingError } from "./errors.js";
export * from "./lab/index.js";
export { Lab as ModelLab } from "./lab/lab.js";
export { loadBalancersOf } from "./load-balancers-of.js";
export type {
  DnsLbMatchers,
  Expected,
  ExpectedZoneRecord,
} from "./matcher-types.mjs" with { "resolution-mode": "import" };
export {
  type AsymmetricMatcher,
  dnsLbMatchers,
  type ExpectedText,
  type MatcherResult,
} from "./matchers.js";
export { NodeUnderTest, type NodeWork, nodeOf, nodesOf } from "./nodes-of.js";
