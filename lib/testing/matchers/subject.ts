import { App, TerraformStack } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { TestingError } from "../errors.js";
import { NodeUnderTest } from "../nodes-of.js";
import { isRecord, isThenable, kindOf } from "./expected.js";

/** The node that a matcher judges. Throws for anything else, also when the expectation is negated. */
export function nodeUnderTest(received: unknown, matcher: string): NodeUnderTest {
  if (received instanceof NodeUnderTest) return received;
  throw refusal(received, matcher, "a node that nodesOf() returned");
}

/** The app or stack that a matcher judges. Throws for anything else, also when the expectation is negated. */
export function appOrStack(received: unknown, matcher: string): IConstruct {
  if (isAppOrStack(received)) return received;
  throw refusal(received, matcher, "an app or a stack");
}

/** Tells whether a value is an app or a stack of cdktf. */
export function isAppOrStack(value: unknown): value is App | TerraformStack {
  return Construct.isConstruct(value) && (App.isApp(value) || TerraformStack.isStack(value));
}

/** The error for a subject that a matcher cannot judge. */
export function refusal(received: unknown, matcher: string, wanted: string): TestingError {
  return new TestingError(`${matcher}() must get ${wanted}, got ${nameOf(received)}`);
}

function nameOf(received: unknown): string {
  if (isThenable(received)) return 'a promise: await it, or write "await expect(...).resolves"';
  if (received instanceof NodeUnderTest) return `node "${received.name}"`;
  if (isAppOrStack(received)) return "an app or a stack: take its nodes by nodesOf()";
  if (Construct.isConstruct(received)) return `the construct "${received.node.path}"`;
  if (Array.isArray(received) && received.some((each) => each instanceof NodeUnderTest))
    return "a list: take one of its nodes";
  if (isRecord(received) && received.constructor?.name === NodeUnderTest.name) {
    return "a node of another copy of cdktf-dns-lb/testing";
  }
  return kindOf(received);
}
