import { App, TerraformStack } from "cdktf";
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
