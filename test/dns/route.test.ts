import { describe, expect, test } from "vitest";
import { AccessRule } from "../../lib/dns/access-rule.js";
import { AuthoritativePool } from "../../lib/dns/authoritative-pool.js";
import type { DnsFrontendOptions } from "../../lib/dns/dns-frontend.js";
import { Route } from "../../lib/dns/route.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { FakeNode, modelOf, newStack, refusal, resolverPool } from "../constructs.js";

function given() {
  const stack = newStack();
  const lb = new StandaloneLoadBalancer(stack, "Dns", { node: new FakeNode(stack, "Node1", ["10.0.0.2"]) });
  const zones = new AuthoritativePool(stack, "Zones", {
    zones: ["corp.example"],
    servers: [{ name: "auth1", address: "192.168.1.20" }],
  });
  return { stack, lb, resolvers: resolverPool(stack), directory: resolverPool(stack, "Directory"), zones };
}

const allowFrom = ["10.0.0.0/8"];

describe("Route.toPool()", () => {
  test("leads queries of a frontend to a pool, which stays as it is", () => {
    const { lb, resolvers: pool, directory, stack } = given();
    const route = Route.toPool(directory, { names: ["Corp.Example"], types: ["SRV", 65_280], from: ["10.9.0.0/16"] });
    lb.addDnsFrontend("Internal", { pool, allowFrom, tcpPath: "inspected", routes: [route] });
    expect(modelOf(lb).frontends[0]?.routes).toMatchObject([
      { pool: { name: "directory" }, names: ["corp.example."], types: ["SRV", 65_280], from: ["10.9.0.0/16"] },
    ]);
    expect([route, route.names].every(Object.isFrozen)).toBe(true);
    expect([directory, stack].some(Object.isFrozen)).toBe(false);
  });

  test("is none of a frontend's where nothing is said", () => {
    const { lb, resolvers: pool } = given();
    lb.addDnsFrontend("Internal", { pool, allowFrom, routes: [] });
    expect(modelOf(lb).frontends[0]).not.toHaveProperty("routes");
  });

  test("fails when it has no condition, an empty one, or one that matches everything", () => {
    const { directory } = given();
    const refused = (options: object) => refusal(() => Route.toPool(directory, options));
    expect(refused({})).toMatchInlineSnapshot(
      `"[Route.toPool()] Route.toPool() would lead every query to the pool; give 'names', 'types' or 'from', or make the pool that of the frontend [DNSLB117]"`,
    );
    expect(refused({ names: [], types: [] })).toMatchInlineSnapshot(`
      "[Route.toPool()] 'names' must not be an empty list; leave it out to match everything [DNSLB111]
      [Route.toPool()] 'types' must not be an empty list; leave it out to match everything [DNSLB111]"
    `);
    expect(refused({ names: ["."] })).toMatchInlineSnapshot(
      `"[Route.toPool()] 'names[0]' matches every name, got "."; leave 'names' out for that [DNSLB117]"`,
    );
    expect(refused({ names: ["a.example", "A.example."] })).toMatchInlineSnapshot(
      `"[Route.toPool()] 'names[1]' must be unique, got "A.example.", which is names[0] too [DNSLB112]"`,
    );
    expect(refusal(() => Route.toPool("directory" as never, { names: ["a.example"] }))).toMatchInlineSnapshot(
      `"[Route.toPool()] 'pool' must be a ResolverPool or an AuthoritativePool, got "directory" [DNSLB103]"`,
    );
  });

  test("fails when the servers of a zone would refuse the names", () => {
    const { zones } = given();
    const refused = (...names: string[]) => refusal(() => Route.toPool(zones, { names }));
    expect(() => Route.toPool(zones, { names: ["Corp.Example", "a.corp.example."] })).not.toThrow();
    expect(refused("example", "acorp.example")).toMatchInlineSnapshot(`
      "[Route.toPool()] 'names[0]' must be in a zone of the pool ("corp.example."), whose servers refuse all others, got "example"; name the zones, or lead it to a ResolverPool [DNSLB113]
      [Route.toPool()] 'names[1]' must be in a zone of the pool ("corp.example."), whose servers refuse all others, got "acorp.example"; name the zones, or lead it to a ResolverPool [DNSLB113]"
    `);
  });

  const refused = (make: (pools: ReturnType<typeof given>) => Partial<DnsFrontendOptions>) => {
    const pools = given();
    const base = { pool: pools.resolvers, allowFrom, tcpPath: "inspected" as const };
    return refusal(() => pools.lb.addDnsFrontend("Internal", { ...base, ...make(pools) }));
  };

  test("fails when one before it takes all that it matches", () => {
    const answered = refused(({ directory, zones }) => ({
      routes: [
        Route.toPool(directory, { names: ["corp.example"], types: ["SRV", "A"] }),
        Route.toPool(zones, { names: ["corp.example"], types: [33] }),
        Route.toPool(zones, { names: ["corp.example"] }),
        Route.toPool(directory, { from: ["10.9.0.0/16"] }),
        Route.toPool(zones, { from: ["10.9.1.0/24"], types: ["A"] }),
        Route.toPool(zones, { from: ["10.8.0.0/15"] }),
        Route.toPool(directory, { names: ["a.corp.example", "corp.example"] }),
      ],
    }));
    expect(answered).toMatchInlineSnapshot(`
      "[prod/Dns/Internal] 'routes[1]' never decides about "corp.example.", because routes[0] comes first and matches all that it does; leave out one of the two [DNSLB112]
      [prod/Dns/Internal] 'routes[4]' never decides, because routes[3] comes first and matches all that it does; leave out one of the two [DNSLB112]
      [prod/Dns/Internal] 'routes[6]' never decides about "corp.example.", because routes[2] comes first and matches all that it does; leave out one of the two [DNSLB112]"
    `);
  });

  test("fails when it opens resolvers to the world, and not for clients that are named", () => {
    const routesOf = ({ directory, zones: pool }: ReturnType<typeof given>, from?: readonly string[]) => ({
      ...{ pool, allowFrom: undefined as never },
      routes: [Route.toPool(directory, { names: ["corp.example"], ...(from ? { from } : {}) })],
    });
    expect(refused((pools) => routesOf(pools))).toMatchInlineSnapshot(
      `"[prod/Dns/Internal] 'routes[0]' must not open resolvers to the world (RFC 5358); give the route the networks of your clients as 'from', or the frontend as 'allowFrom' [DNSLB114]"`,
    );
    expect(refused((pools) => routesOf(pools, ["0.0.0.0/1", "128.0.0.0/1"]))).toContain("DNSLB114");
    expect(refused((pools) => routesOf(pools, ["10.0.0.0/8"]))).toBe("nothing was refused");
    expect(refused((pools) => ({ ...routesOf(pools), allowFrom }))).toBe("nothing was refused");
  });

  test("fails when it is none", () => {
    expect(refused(() => ({ routes: [{ names: ["a.example"] }] as never }))).toMatchInlineSnapshot(
      `"[prod/Dns/Internal] 'routes[0]' must be Route.toPool(), got {"names":["a.example"]} [DNSLB103]"`,
    );
  });

  test("fails on the direct path", () => {
    const { lb, resolvers: pool, directory } = given();
    const routes = [Route.toPool(directory, { names: ["corp.example"] })];
    lb.addDnsFrontend("Internal", { pool, allowFrom, routes, tcpPath: "direct" });
    expect(lb.node.validate()).toEqual([
      expect.stringContaining(
        "[prod/Dns/Internal] 'routes[0]' leads some queries to another pool, which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: \"inspected\" [DNSLB004]",
      ),
    ]);
  });

  test("lets a frontend answer ANY for the zones of its pool", () => {
    const { lb, resolvers: pool, zones } = given();
    lb.addDnsFrontend("Internal", {
      ...{ pool, allowFrom, tcpPath: "inspected" },
      routes: [Route.toPool(zones, { names: ["corp.example"] })],
      accessRules: [AccessRule.minimalAny()],
    });
    expect(lb.node.validate()).toEqual([]);
  });
});
