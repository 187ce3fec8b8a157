export { Lab, type LabSource } from "./app-lab.js";
export { InvalidAppError, TestingError } from "./errors.js";
export * from "./lab/index.js";
export { loadBalancersOf } from "./load-balancers-of.js";
export { type DnsLbMatchers, dnsLbMatchers, type MatcherResult } from "./matchers.js";
export { NodeUnderTest, nodesOf } from "./nodes-of.js";
