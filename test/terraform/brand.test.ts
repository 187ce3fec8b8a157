import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { describe, expect, test } from "vitest";
import {
  AccessRule,
  AuthoritativePool,
  Balance,
  DnsFrontend,
  DockerNode,
  HealthCheck,
  RateLimit,
  Secret,
  StandaloneLoadBalancer,
} from "../../lib/index.js";
import { factoryMade, isOfKind } from "../../lib/terraform/brand.js";

const servers = [{ name: "auth1", address: "192.0.2.1" }];

function given() {
  const stack = new TerraformStack(new App(), "prod");
  const node = () => new DockerNode(stack, "Node", { address: "10.0.0.2" });
  const pool = (changes: object) =>
    new AuthoritativePool(stack, "Pool", { zones: ["example.com"], servers, ...changes });
  const frontend = (changes: object) => {
    const loadBalancer = new StandaloneLoadBalancer(stack, "Dns", { node: node() });
    return new DnsFrontend(stack, "Front", { loadBalancer, pool: pool({}), ...changes });
  };
  return { stack, node, pool, frontend };
}

test("what a factory made is frozen and known; a copy is neither made nor trusted", () => {
  const value = factoryMade("Secret", { kind: "x" });
  expect(Object.isFrozen(value)).toBe(true);
  expect(isOfKind(value, "Secret")).toBe(true);
  expect(isOfKind({ ...value }, "Secret")).toBe(false);
});

test("what a factory made is frozen to the last list, and prints as plain data", () => {
  const rule = AccessRule.refuse({ from: ["10.0.0.0/8"] });
  expect(Object.isFrozen(rule.from)).toBe(true);
  expect(JSON.parse(JSON.stringify(rule))).toEqual({ action: "refuse", from: ["10.0.0.0/8"], names: [], types: [] });
  expect(Object.getOwnPropertyNames(rule)).toEqual(["action", "from", "names", "types"]);
});

test("fails when a value is of another kind", () => {
  expect(() => given().pool({ healthCheck: Balance.random() })).toThrow("'healthCheck' must be HealthCheck.query()");
  expect(() => given().frontend({ rateLimit: HealthCheck.query({ name: ".", type: "NS" }) })).toThrow(
    "'rateLimit' must be RateLimit.perClient()",
  );
});

test("fails when a construct only looks like a node, and says what a node of one's own is", () => {
  const { stack, node } = given();
  const { description, profile, network } = node();
  const alike = Object.assign(new Construct(stack, "Alike"), {
    description,
    profile,
    network,
    bind: () => ({ done: [] }),
  });
  expect(() => new StandaloneLoadBalancer(stack, "Dns", { node: alike })).toThrow(
    "[prod/Dns] 'node' must be a node such as a DockerNode, got an object of Construct; a node of your own extends NodeBase [DNSLB103]",
  );
});

/* Each fits its exported type, and holds what its factory would have refused. */
describe("fails when a value was made by hand", () => {
  const check = HealthCheck.query({ name: "health.example.com", type: "A" });
  const rule = AccessRule.refuse({ from: ["10.0.0.0/8"] });
  const limit = RateLimit.perClient({ connections: "30/10s" });

  test.each([
    ["healthCheck", { healthCheck: { ...check, name: 'x\n  server evil 192.0.2.66:53 "' } }],
    ["healthCheck", { healthCheck: { ...check, fall: 0 } }],
    ["balance", { balance: { ...Balance.random() } }],
  ])("'%s' of a pool", (property, changes) => {
    expect(() => given().pool(changes)).toThrow(new RegExp(`^\\[prod/Pool\\] '${property}' must be `));
  });

  test.each([
    ["accessRules[0]", { accessRules: [{ ...rule, from: ["10.0.0.0/8\n0.0.0.0/0"] }] }],
    ["rateLimit", { rateLimit: { ...limit, connections: { ...limit.connections, events: 0 } } }],
  ])("'%s' of a frontend", (property, changes) => {
    expect(() => given().frontend(changes)).toThrow(`[prod/Front] '${property}' must be `);
  });

  test("a secret, and its value stays out of the message", () => {
    const { stack, node } = given();
    const password = {
      ...Secret.fromNodeFile("/password"),
      kind: "variable" as const,
      name: "p",
      value: "plain-secret",
    };
    const make = () =>
      new StandaloneLoadBalancer(stack, "Dns", { node: node(), statistics: { user: "ops", password } as never });
    expect(make).toThrow("[prod/Dns] 'statistics.password' must be Secret.fromVariable()");
    expect(make).not.toThrow("plain-secret");
  });
});
