import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TerraformStack, TerraformVariable, Testing } from "cdktf";
import { describe, expect, test } from "vitest";
import { Certificate } from "../../lib/dns/certificate.js";
import { Secret } from "../../lib/dns/secret.js";
import { HaPair, type HaPairProps } from "../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import type { NodeInterface } from "../../lib/model/node.js";
import { testCertificate } from "../certificates.js";
import { FakeNode, modelOf, newApp, newStack, problemsAtSynthesis, refusal, resolverPool } from "../constructs.js";

function givenNodes(stack: TerraformStack) {
  return [new FakeNode(stack, "Lb1", ["10.0.0.2"]), new FakeNode(stack, "Lb2", ["10.0.0.3"])] as const;
}

const BASE = { virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53 };

describe("HaPair", () => {
  test("fills in defaults", () => {
    const stack = newStack();
    const pair = new HaPair(stack, "LoadBalancer", { ...BASE, nodes: givenNodes(stack) });
    expect(modelOf(pair)).toEqual({
      name: "load-balancer",
      identity: false,
      nodes: [
        { name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" },
        { name: "lb2", addresses: ["10.0.0.3"], interface: "eth0" },
      ],
      frontends: [],
      virtualAddresses: [{ address: "10.0.0.53", interface: "eth0" }],
      mobility: { kind: "vrrp", virtualRouterId: 53, advertisementInterval: "200ms", ttlSecurity: true },
    });
  });

  test("keeps what it is told", () => {
    const stack = newStack();
    const nodes = givenNodes(stack);
    const password = Secret.fromVariable(new TerraformVariable(stack, "password", { sensitive: true }));
    const certificate = Certificate.fromNodeFile("/etc/ops.pem");
    const pair = new HaPair(stack, "LoadBalancer", {
      nodes,
      virtualAddresses: [{ address: "203.0.113.53", interface: "eth1", gateway: "203.0.113.1" }],
      virtualRouterId: 255,
      advertisementInterval: "1s",
      preferredNode: nodes[1],
      statistics: {
        address: "203.0.113.53",
        port: 9000,
        allowFrom: ["10.0.0.0/24"],
        user: "ops",
        password,
        certificate,
      },
      maximumConnectionAge: "10m",
    });
    expect(modelOf(pair)).toMatchObject({
      virtualAddresses: [{ address: "203.0.113.53", interface: "eth1", gateway: "203.0.113.1" }],
      mobility: { kind: "vrrp", virtualRouterId: 255, advertisementInterval: "1s", preferredNode: "lb2" },
      statistics: {
        addresses: ["203.0.113.53"],
        port: 9000,
        allowFrom: ["10.0.0.0/24"],
        user: "ops",
        password,
        certificate,
      },
      maximumConnectionAge: "10m",
    });
  });

  test("shows statistics on the nodes' own addresses and port 8404 by default", () => {
    const stack = newStack();
    const password = Secret.fromNodeFile("/etc/password");
    const pair = new HaPair(stack, "Dns", { ...BASE, nodes: givenNodes(stack), statistics: { user: "ops", password } });
    expect(modelOf(pair).statistics).toEqual({ addresses: [], port: 8404, user: "ops", password });
  });

  test("sorts its frontends, so that the order of declaration changes nothing", () => {
    const names = (ids: readonly string[]) => {
      const stack = newStack();
      const pair = new HaPair(stack, "Dns", { ...BASE, nodes: givenNodes(stack) });
      for (const id of ids)
        pair.addDnsFrontend(id, { pool: resolverPool(stack, `${id}Pool`), allowFrom: ["10.0.0.0/8"] });
      return modelOf(pair).frontends.map(({ name }) => name);
    };
    expect(names(["B", "A", "C"])).toEqual(names(["C", "B", "A"]));
  });

  test("hands each node what it is to run, and nothing while a rule is broken", () => {
    const stack = newStack();
    const [lb1, lb2] = givenNodes(stack);
    const pair = new HaPair(stack, "Dns", { ...BASE, nodes: [lb1, lb2] });
    expect(lb1.bindings[0]?.spec()).toBeUndefined();
    pair.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
    const spec = lb1.bindings[0]?.spec();
    expect(spec).toMatchObject({ workload: "dns", node: "lb1" });
    expect(lb2.bindings[0]?.spec()).toMatchObject({ workload: "dns", node: "lb2" });
    expect(lb1.bindings[0]?.spec()).toBe(spec);
    pair.addDnsFrontend("Again", { pool: resolverPool(stack, "Others"), allowFrom: ["10.0.0.0/8"] });
    expect(lb1.bindings[0]?.spec()).toBeUndefined();
  });

  test("orders the stacks of its nodes", () => {
    const app = newApp();
    const [first, second] = [newStack("first", app), newStack("second", app)];
    new HaPair(newStack("dns", app), "Dns", {
      ...BASE,
      nodes: [new FakeNode(first, "Lb1", ["10.0.0.2"]), new FakeNode(second, "Lb2", ["10.0.0.3"])],
    });
    expect(second.dependsOn(first)).toBe(true);
  });

  test("leaves an order of stacks that the user has set", () => {
    const app = newApp();
    const [first, second] = [newStack("first", app), newStack("second", app)];
    first.addDependency(second);
    new HaPair(newStack("dns", app), "Dns", {
      ...BASE,
      nodes: [new FakeNode(first, "Lb1", ["10.0.0.2"]), new FakeNode(second, "Lb2", ["10.0.0.3"])],
    });
    expect([first.dependsOn(second), second.dependsOn(first)]).toEqual([true, false]);
  });

  test("keeps its place in the tree", () => {
    const stack = newStack();
    const pair = new HaPair(stack, "Dns", { ...BASE, nodes: givenNodes(stack) });
    pair.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
    expect(Testing.renderConstructTree(stack)).toMatchInlineSnapshot(`
      "prod (TerraformStack)
      ├── Lb1 (FakeNode)
      ├── Lb2 (FakeNode)
      ├── Dns (HaPair)
          └── Internal (DnsFrontend)
      └── Resolvers (ResolverPool)
      "
    `);
  });

  const refused = (props: object, nodes?: (stack: TerraformStack) => readonly unknown[]) => {
    const stack = newStack();
    const all = { ...BASE, nodes: (nodes ?? givenNodes)(stack), ...props };
    return refusal(() => new HaPair(stack, "Dns", all as unknown as HaPairProps));
  };

  test("fails when there is one node, or three", () => {
    expect(refused({}, (stack) => [new FakeNode(stack, "Lb1", ["10.0.0.2"])])).toMatchInlineSnapshot(
      `"[prod/Dns] 'nodes' must be two nodes, got 1; a StandaloneLoadBalancer takes one [DNSLB121]"`,
    );
    expect(
      refused({}, (stack) => [...givenNodes(stack), new FakeNode(stack, "Lb3", ["10.0.0.4"])]),
    ).toMatchInlineSnapshot(`"[prod/Dns] 'nodes' must be two nodes, got 3 [DNSLB121]"`);
  });

  test("fails when one node is given twice", () => {
    expect(
      refused({}, (stack) => {
        const node = new FakeNode(stack, "Lb1", ["10.0.0.2"]);
        return [node, node];
      }),
    ).toMatchInlineSnapshot(
      `"[prod/Dns] 'nodes[1]' must be another node than nodes[0], got prod/Lb1 again [DNSLB112]"`,
    );
  });

  test("fails when both nodes are on one address", () => {
    expect(
      refused({}, (stack) => [new FakeNode(stack, "Lb1", ["10.0.0.2"]), new FakeNode(stack, "Lb2", ["10.0.0.2"])]),
    ).toMatchInlineSnapshot(
      `"[prod/Dns] 'nodes[1]' must have addresses of its own, got 10.0.0.2, an address of prod/Lb1 [DNSLB112]"`,
    );
  });

  test("fails when both nodes have one name", () => {
    expect(
      refused({}, (stack) => [new FakeNode(stack, "LB", ["10.0.0.2"]), new FakeNode(stack, "lb", ["10.0.0.3"])]),
    ).toMatchInlineSnapshot(
      `"[prod/Dns] 'nodes[1]' must have a name of its own, got "lb", the name of prod/LB; give one of them another name [DNSLB112]"`,
    );
  });

  test("fails when a node runs another load balancer already", () => {
    const stack = newStack();
    const nodes = givenNodes(stack);
    new StandaloneLoadBalancer(stack, "Single", { node: nodes[1] });
    expect(refusal(() => new HaPair(stack, "Dns", { ...BASE, nodes }))).toMatchInlineSnapshot(
      `"[prod/Dns] 'nodes[1]' must be a node that runs nothing else, got prod/Lb2, which runs prod/Single already [DNSLB112]"`,
    );
  });

  test("fails when connections shall end at an age that dnsdist cannot count", () => {
    expect(refused({ maximumConnectionAge: "10500ms" })).toMatchInlineSnapshot(
      `"[prod/Dns] 'maximumConnectionAge' must be a duration of whole seconds between "10s" and "1d", got "10500ms" [DNSLB107]"`,
    );
  });

  test("fails when the virtual router id is out of range", () => {
    expect(refused({ virtualRouterId: 300 })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualRouterId' must be a whole number between 1 and 255, got 300 [DNSLB104]"`,
    );
    expect(refused({ virtualRouterId: 0 })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualRouterId' must be a whole number between 1 and 255, got 0 [DNSLB104]"`,
    );
    expect(refused({ virtualRouterId: undefined })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualRouterId' is required: a whole number between 1 and 255 [DNSLB102]"`,
    );
  });

  test("fails when VRRP authentication is asked for", () => {
    expect(refused({ authentication: { type: "PASS", password: "hunter2" } })).toMatchInlineSnapshot(
      `"[prod/Dns] 'authentication' is no property of HaPair, VRRPv3 has no authentication (RFC 9568 dropped it, since it protected nothing); peers are unicast and checked by address, so keep hosts that could forge that address out of the network of the nodes [DNSLB101]"`,
    );
  });

  test("fails when the advertisement interval is none of VRRPv3", () => {
    expect(refused({ advertisementInterval: "15ms" })).toMatchInlineSnapshot(
      `"[prod/Dns] 'advertisementInterval' must be a multiple of 10 ms, the unit of VRRPv3, got "15ms" [DNSLB107]"`,
    );
    expect(refused({ advertisementInterval: "41s" })).toMatchInlineSnapshot(
      `"[prod/Dns] 'advertisementInterval' must be a duration between "10ms" and "40s", got "41s" [DNSLB107]"`,
    );
    expect(refused({ advertisementInterval: "0.2" })).toMatchInlineSnapshot(
      `"[prod/Dns] 'advertisementInterval' must be a duration between "10ms" and "40s", got "0.2" [DNSLB107]"`,
    );
  });

  test("fails when there are no virtual addresses", () => {
    expect(refused({ virtualAddresses: [] })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses' must hold at least one address, got an empty list [DNSLB111]"`,
    );
  });

  test("fails when virtual addresses are none, there twice, or a node's own", () => {
    expect(
      refused({
        virtualAddresses: [
          { address: "10.0.0.53/24" },
          { address: "10.0.0.54" },
          { address: "10.0.0.54", interface: "eth1" },
          { address: "10.0.0.3" },
        ],
      }),
    ).toMatchInlineSnapshot(`
      "[prod/Dns] 'virtualAddresses[0].address' must be an IPv4 or IPv6 address, got "10.0.0.53/24"; leave out the prefix length: "10.0.0.53" [DNSLB105]
      [prod/Dns] 'virtualAddresses[2].address' must be unique, got "10.0.0.54", which is virtualAddresses[1] too [DNSLB112]
      [prod/Dns] 'virtualAddresses[3].address' must not be a node's own address, got "10.0.0.3", an address of prod/Lb2 [DNSLB112]"
    `);
  });

  test("fails when an IPv6 virtual address meets nodes without IPv6", () => {
    expect(refused({ virtualAddresses: [{ address: "fd53::53" }] })).toMatchInlineSnapshot(`
      "[prod/Dns] 'virtualAddresses[0].address' needs an IPv6 address of prod/Lb1, which has none; give the node one [DNSLB118]
      [prod/Dns] 'virtualAddresses[0].address' needs an IPv6 address of prod/Lb2, which has none; give the node one [DNSLB118]"
    `);
  });

  test("fails when a gateway is of the other family", () => {
    expect(refused({ virtualAddresses: [{ address: "10.0.0.53", gateway: "fd53::1" }] })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses[0].gateway' must be of the family of "10.0.0.53", got "fd53::1" [DNSLB118]"`,
    );
  });

  test("fails when an interface could break out of a configuration line", () => {
    expect(refused({ virtualAddresses: [{ address: "10.0.0.53", interface: "eth0 }" }] })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses[0].interface' must be the name of a network interface: letters, digits, . - _ and at most 15 long, got "eth0 }" [DNSLB109]"`,
    );
  });

  describe("with nodes that know their interfaces", () => {
    const knowing = (stack: TerraformStack, id: string, ...interfaces: NodeInterface[]) => {
      const [first] = interfaces;
      const node = new FakeNode(stack, id, first?.addresses ?? []);
      Object.assign(node.description, { interface: first?.name, interfaces });
      return node;
    };
    const pair = (stack: TerraformStack) => [
      knowing(stack, "Lb1", { name: "eth0", addresses: ["10.0.0.2"] }, { name: "eth1", addresses: ["203.0.113.2"] }),
      knowing(stack, "Lb2", { name: "eth0", addresses: ["10.0.0.3"] }, { name: "eth1", addresses: ["203.0.113.3"] }),
    ];

    test("takes virtual addresses on each of them", () => {
      expect(
        refused({ virtualAddresses: [{ address: "10.0.0.53" }, { address: "203.0.113.53", interface: "eth1" }] }, pair),
      ).toBe("nothing was refused");
    });

    test("fails when a virtual address is on another one", () => {
      expect(refused({ virtualAddresses: [{ address: "10.0.0.53", interface: "eth2" }] }, pair)).toMatchInlineSnapshot(`
        "[prod/Dns] 'virtualAddresses[0].interface' must be an interface of prod/Lb1 (eth0, eth1), got "eth2"; name one of these, or give the node one of that name [DNSLB116]
        [prod/Dns] 'virtualAddresses[0].interface' must be an interface of prod/Lb2 (eth0, eth1), got "eth2"; name one of these, or give the node one of that name [DNSLB116]"
      `);
      const differing = (stack: TerraformStack) => [
        knowing(stack, "Lb1", { name: "lan0", addresses: ["10.0.0.2"] }),
        knowing(stack, "Lb2", { name: "eth0", addresses: ["10.0.0.3"] }),
      ];
      expect(refused({}, differing)).toMatchInlineSnapshot(
        `"[prod/Dns] 'virtualAddresses[0].interface' must be an interface of prod/Lb2 (eth0), got "lan0", that of the first node; name one of these, or give the node one of that name [DNSLB116]"`,
      );
    });

    test("fails when a virtual address is of a family that its interface lacks", () => {
      const without = (stack: TerraformStack) => [
        knowing(stack, "Lb1", { name: "eth0", addresses: ["10.0.0.2", "fd53::2"] }, { name: "eth1", addresses: [] }),
        knowing(
          stack,
          "Lb2",
          { name: "eth0", addresses: ["10.0.0.3", "fd53::3"] },
          { name: "eth1", addresses: ["::5"] },
        ),
      ];
      expect(
        refused({ virtualAddresses: [{ address: "2001:db8:113::53", interface: "eth1" }] }, without),
      ).toMatchInlineSnapshot(
        `"[prod/Dns] 'virtualAddresses[0].address' needs an IPv6 address of prod/Lb1 on eth1, which has none; give the interface one [DNSLB118]"`,
      );
    });

    test("fails when addresses on further interfaces are the same, or virtual", () => {
      const same = (stack: TerraformStack) => [
        knowing(stack, "Lb1", { name: "eth0", addresses: ["10.0.0.2"] }, { name: "eth1", addresses: ["203.0.113.2"] }),
        knowing(stack, "Lb2", { name: "eth0", addresses: ["10.0.0.3"] }, { name: "eth1", addresses: ["203.0.113.2"] }),
      ];
      expect(
        refused({ virtualAddresses: [{ address: "203.0.113.2", interface: "eth1" }] }, same),
      ).toMatchInlineSnapshot(`
        "[prod/Dns] 'nodes[1]' must have addresses of its own, got 203.0.113.2, an address of prod/Lb1 [DNSLB112]
        [prod/Dns] 'virtualAddresses[0].address' must not be a node's own address, got "203.0.113.2", an address of prod/Lb1 [DNSLB112]
        [prod/Dns] 'virtualAddresses[0].address' must not be a node's own address, got "203.0.113.2", an address of prod/Lb2 [DNSLB112]"
      `);
    });
  });

  test("fails when the preferred node is no node of the pair", () => {
    expect(refused({ preferredNode: new FakeNode(newStack("other"), "Lb9", ["10.0.0.9"]) })).toMatchInlineSnapshot(
      `"[prod/Dns] 'preferredNode' must be one of 'nodes', got other/Lb9 [DNSLB116]"`,
    );
  });

  test("fails when nobody may open the statistics, or networks are none", () => {
    const statistics = { user: "ops", password: Secret.fromNodeFile("/etc/password") };
    expect(refused({ statistics: { ...statistics, allowFrom: [] } })).toMatchInlineSnapshot(
      `"[prod/Dns] 'statistics.allowFrom' must hold at least one network, got an empty list; leave it out for everyone who knows the password [DNSLB111]"`,
    );
    expect(refused({ statistics: { ...statistics, allowFrom: ["10.0.0.1"] } })).toMatchInlineSnapshot(
      `"[prod/Dns] 'statistics.allowFrom[0]' must be a network with its prefix length, such as "10.0.0.0/8", got "10.0.0.1"; did you mean "10.0.0.1/32"? [DNSLB106]"`,
    );
  });

  test("fails when the certificate of the statistics is none, or its key is missing", () => {
    const statistics = { user: "ops", password: Secret.fromNodeFile("/etc/password") };
    expect(refused({ statistics: { ...statistics, certificate: "-----BEGIN" } })).toMatchInlineSnapshot(
      `"[prod/Dns] 'statistics.certificate' must be Certificate.fromVariable(), Certificate.fromEphemeral(), Certificate.fromLocalFile() or Certificate.fromNodeFile(), got a string [DNSLB103]"`,
    );
    const folder = mkdtempSync(join(tmpdir(), "dns-lb-statistics-"));
    try {
      const file = join(folder, "ops.pem");
      writeFileSync(file, testCertificate({ subject: "ops" }).pem);
      const text = refused({ statistics: { ...statistics, certificate: Certificate.fromLocalFile(file) } });
      expect(text.replaceAll(folder, "certs")).toMatchInlineSnapshot(
        `"[prod/Dns] 'statistics.certificate' must hold the private key of its certificate, got none; append the key ("certs/ops.pem") [DNSLB158]"`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("fails when the statistics have no secret password, and keeps the value to itself", () => {
    expect(refused({ statistics: { user: "ops", password: "hunter2" } })).toMatchInlineSnapshot(
      `"[prod/Dns] 'statistics.password' must be Secret.fromVariable(), Secret.fromEphemeral(), Secret.fromLocalFile() or Secret.fromNodeFile(), got a string [DNSLB103]"`,
    );
    expect(refused({ statistics: { user: "a b", passwort: "hunter2", port: 0 } })).toMatchInlineSnapshot(`
      "[prod/Dns] 'statistics.password' is required: Secret.fromVariable(), Secret.fromEphemeral(), Secret.fromLocalFile() or Secret.fromNodeFile() [DNSLB102]
      [prod/Dns] 'statistics.passwort' is no property of HaPair, did you mean 'password'? [DNSLB101]
      [prod/Dns] 'statistics.port' must be a whole number between 1 and 65535, got 0 [DNSLB104]
      [prod/Dns] 'statistics.user' must be a name of letters, digits, - and _ that starts with a letter, at most 63 long, got "a b" [DNSLB109]"
    `);
  });

  describe("at synthesis", () => {
    function givenPair(
      stack: TerraformStack,
      id: string,
      nodes: readonly [string, string],
      virtual: string,
      network?: string,
    ) {
      return new HaPair(stack, id, {
        nodes: [
          new FakeNode(stack, `${id}Lb1`, [nodes[0]], network),
          new FakeNode(stack, `${id}Lb2`, [nodes[1]], network),
        ],
        virtualAddresses: [{ address: virtual }],
        virtualRouterId: 53,
      });
    }

    test("fails when nothing is served", () => {
      const stack = newStack();
      givenPair(stack, "Dns", ["10.0.0.2", "10.0.0.3"], "10.0.0.53");
      expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
        `"[prod/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]"`,
      );
    });

    test("fails when a virtual router id is used twice on a network of the app", () => {
      const app = newApp();
      const pool = resolverPool(newStack("pools", app));
      const a = givenPair(newStack("a", app), "Dns", ["10.0.0.2", "10.0.0.3"], "10.0.0.53");
      const b = givenPair(newStack("b", app), "Dns", ["10.0.0.4", "10.0.0.5"], "10.0.0.54");
      for (const pair of [a, b]) pair.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
      expect(problemsAtSynthesis(app)).toMatchInlineSnapshot(
        `"[b/Dns] 'virtualRouterId' must be unique on a network, got 53, which a/Dns uses already; choose another between 1 and 255 [DNSLB005]"`,
      );
    });

    test("takes a virtual router id twice on different networks", () => {
      const app = newApp();
      const pool = resolverPool(newStack("pools", app));
      const a = givenPair(newStack("a", app), "Dns", ["10.0.0.2", "10.0.0.3"], "10.0.0.53", "10.0.0.0/24");
      const b = givenPair(newStack("b", app), "Dns", ["10.9.0.4", "10.9.0.5"], "10.9.0.54", "10.9.0.0/24");
      for (const pair of [a, b]) pair.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
      expect(problemsAtSynthesis(app)).toBe("nothing was refused");
    });
  });
});
