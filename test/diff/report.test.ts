import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { reportOf } from "../../lib/diff/report.js";
import { readSynthesis } from "../../lib/diff/synthesis.js";
import { AccessRule } from "../../lib/dns/access-rule.js";
import { AuthoritativePool, type AuthoritativePoolProps } from "../../lib/dns/authoritative-pool.js";
import { DnsFrontend, type DnsFrontendProps } from "../../lib/dns/dns-frontend.js";
import { HealthCheck } from "../../lib/dns/health-check.js";
import { RateLimit } from "../../lib/dns/rate-limit.js";
import { ResolverPool, type ResolverPoolProps } from "../../lib/dns/resolver-pool.js";
import { Route } from "../../lib/dns/route.js";
import { HaPair, type HaPairProps } from "../../lib/ha/ha-pair.js";
import { DockerNode, type DockerNodeProps } from "../../lib/platforms/docker/docker-node.js";
import { scratch } from "../constructs.js";

/** What may be changed of the app. */
interface Changes {
  readonly pool?: Partial<ResolverPoolProps>;
  readonly zones?: Partial<AuthoritativePoolProps>;
  readonly frontend?: Partial<DnsFrontendProps>;
  readonly pair?: Partial<HaPairProps>;
  readonly node?: Partial<DockerNodeProps>;
  readonly secondNode?: Partial<DockerNodeProps>;
  readonly nodeId?: string;
  readonly routes?: (pool: ResolverPool) => readonly Route[];
  readonly second?: boolean;
}

/** Writes a synthesis of the app, and returns its folder. */
function synthesis({
  pool,
  zones,
  frontend,
  pair,
  node,
  secondNode,
  routes,
  second,
  nodeId = "Lb1",
}: Changes = {}): string {
  const outdir = mkdtempSync(join(scratch, "diff-"));
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "dns");
  new DockerProvider(stack, "docker", {});
  const nodes = [
    new DockerNode(stack, nodeId, { address: "10.0.0.2", name: "lb1", ...node }),
    new DockerNode(stack, "Lb2", { address: "10.0.0.3", name: "lb2", ...secondNode }),
  ] as const;
  const loadBalancer = new HaPair(stack, "Dns", {
    ...{ nodes, virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53 },
    ...pair,
  });
  const resolvers = new ResolverPool(stack, "Resolvers", {
    servers: [
      { name: "one", address: "192.168.1.1" },
      { name: "two", address: "192.168.1.2" },
    ],
    ...pool,
  });
  const own = new AuthoritativePool(stack, "Zones", {
    ...{ zones: ["example.com"], servers: [{ name: "auth", address: "192.168.1.9" }] },
    zoneTransfer: { primary: "auth", allowFrom: ["198.51.100.0/24"] },
    ...zones,
  });
  new DnsFrontend(stack, "Internal", {
    ...{ loadBalancer, pool: resolvers, allowFrom: ["10.0.0.0/8", "192.168.0.0/16"], tcpPath: "inspected" },
    rateLimit: RateLimit.perClient({ queries: "100/s", connections: "30/10s" }),
    accessRules: [AccessRule.refuse({ names: ["ads.example"] })],
    ...(routes === undefined ? {} : { routes: routes(resolvers) }),
    ...frontend,
  });
  new DnsFrontend(stack, "Public", { loadBalancer, pool: own, port: 5_353, tcpPath: "inspected" });
  if (second) new DnsFrontend(stack, "Second", { loadBalancer, pool: resolvers, port: 54, allowFrom: ["10.0.0.0/8"] });
  app.synth();
  return outdir;
}

const before = synthesis();
const compare = (changes: Changes) => reportOf(readSynthesis(before), readSynthesis(synthesis(changes)));

test("no change is no change", () => {
  expect(compare({})).toEqual({ markdown: "## DNS load balancers: no change\n", disturbs: false });
});

test("servers in and out, and weights, are loaded", () => {
  const servers = [
    { name: "one", address: "192.168.1.1", weight: 2 },
    { name: "three", address: "192.168.1.3" },
  ];
  const { markdown, disturbs } = compare({ pool: { servers } });
  expect(disturbs).toBe(false);
  expect(markdown).toMatchInlineSnapshot(`
    "## DNS load balancers: nothing restarts, nothing is replaced

    ### \`dns/dns\`

    **Servers**

    - pool \`resolvers\`: in \`three 192.168.1.3:53\`
    - pool \`resolvers\`: out \`two 192.168.1.2:53\`
    - pool \`resolvers\`: \`one 192.168.1.1:53\` is \`one 192.168.1.1:53 ×2\`

    **Loaded without a restart**

    - \`dnsdist/policy.lua\` on \`lb1\`, \`lb2\`
    "
  `);
});

test("a pool of which one server is left is told, and when a hung server is noticed", () => {
  const { markdown } = compare({
    pool: { servers: [{ name: "one", address: "192.168.1.1" }], healthCheck: HealthCheck.tcp({ interval: "9s" }) },
  });
  expect(markdown).toContain("pool `resolvers`: **one server is left**");
  expect(markdown).toContain("a server that hangs is noticed after at most 29 s, before 8 s");
});

test("who is refused now, who is served, and whose limits change", () => {
  const { markdown, disturbs } = compare({
    frontend: {
      allowFrom: ["10.0.0.0/9", "172.16.0.0/12"],
      rateLimit: RateLimit.perClient({ queries: "50/s", concurrentConnections: 9, exempt: ["10.1.0.0/16"] }),
      accessRules: [AccessRule.drop({ types: ["ANY"] })],
    },
    zones: { zoneTransfer: { primary: "auth", allowFrom: ["198.51.100.0/25"] } },
  });
  expect(disturbs).toBe(false);
  expect(markdown).toMatchInlineSnapshot(`
    "## DNS load balancers: nothing restarts, nothing is replaced

    ### \`dns/dns\`

    **Refused now**

    - \`10.0.0.0/8\` but for \`10.0.0.0/9\` at \`internal\`
    - \`192.168.0.0/16\` at \`internal\`
    - \`drop types ANY\` at \`internal\`, by a new access rule, but for what was judged by \`refuse names ads.example.\`
    - zone transfers of pool \`zones\` for \`198.51.100.0/24\` but for \`198.51.100.0/25\`

    **Served now**

    - \`172.16.0.0/12\` at \`internal\`
    - what an access rule judged at \`internal\` that is gone: \`refuse names ads.example.\`, but for what is judged by \`drop types ANY\`

    **Limits**

    - a client of \`internal\` is limited now: \`9 connections at once\`
    - a client of \`internal\` is limited no more: \`30/10s new connections\`
    - a client of \`internal\`: \`100/s queries, then truncate\` is \`50/s queries, then truncate\`, **less**
    - a client of \`internal\`: without limits is now \`10.1.0.0/16\`

    **Settings**

    | setting | before | after |
    |---|---|---|
    | \`pools[zones].zoneTransfer.allowFrom\` | \`198.51.100.0/24\` | \`198.51.100.0/25\` |

    **Loaded without a restart**

    - \`dnsdist/policy.lua\`, \`haproxy/haproxy.cfg\`, \`haproxy/lists/internal-allow.lst\`, \`haproxy/lists/internal-exempt.lst\`, \`haproxy/lists/public-transfer.lst\` on \`lb1\`, \`lb2\`
    "
  `);
});

test("frontends and routes that come and go", () => {
  const { markdown } = compare({ second: true, frontend: { address: "10.0.0.53", port: 55 } });
  expect(markdown).toMatchInlineSnapshot(`
    "## DNS load balancers: something restarts, is replaced or removed

    ### \`dns/dns\`

    **Restarts**

    - \`dnsdist\` restarts, because of \`dnsdist/dnsdist.conf\`, on \`lb1\`, \`lb2\`: one node after the other is drained for it, a planned move each

    **Refused now**

    - everybody at \`10.0.0.53:53\`, where \`internal\` is no more

    **Served now**

    - \`10.0.0.0/8\` at \`10.0.0.53:54\`, by the new frontend \`second\`
    - clients of \`internal\` also at \`10.0.0.53:55\`

    **Settings**

    | setting | before | after |
    |---|---|---|
    | \`frontends[internal].listeners[internal].port\` | \`53\` | \`55\` |

    **Files**

    - \`dnsdist/dnsdist.conf\`, \`dnsdist/policy.lua\`, \`haproxy/haproxy.cfg\`, \`haproxy/lists/second-allow.lst\` on \`lb1\`, \`lb2\`
    "
  `);
  const names = Array.from({ length: 7 }, (_, at) => `n${at}.example`);
  const [one, other] = [names, names.with(6, "other.example")].map((each) =>
    synthesis({ routes: (pool) => [Route.toPool(pool, { names: each })] }),
  );
  const routes = reportOf(readSynthesis(one as string), readSynthesis(other as string));
  expect(routes.markdown).toContain(", with names `other.example.` and without names `n6.example.`\n");
});

test("what dnsdist reads at its start restarts it", () => {
  const { markdown, disturbs } = compare({ pair: { outstandingQueries: 20_000 } });
  expect(disturbs).toBe(true);
  expect(markdown).toMatchInlineSnapshot(`
    "## DNS load balancers: something restarts, is replaced or removed

    ### \`dns/dns\`

    **Restarts**

    - \`dnsdist\` restarts, because of \`dnsdist/dnsdist.conf\`, on \`lb1\`, \`lb2\`: one node after the other is drained for it, a planned move each

    **Settings**

    | setting | before | after |
    |---|---|---|
    | \`outstandingQueries\` |  | \`20000\` |

    **Files**

    - \`dnsdist/dnsdist.conf\` on \`lb1\`, \`lb2\`
    "
  `);
});

test("settings of its start in the manifest restart it, too", () => {
  const { markdown, disturbs } = compare({ node: { processors: 3 } });
  expect(disturbs).toBe(true);
  expect(markdown).toContain("`dnsdist` restarts, because of `settings of its start`");
  expect(markdown).toContain("on `lb1`");
});

test("a container is replaced when its networks are others", () => {
  const one = compare({ node: { address: "10.0.0.4" } });
  expect(one.disturbs).toBe(true);
  expect(one.markdown).toMatchInlineSnapshot(`
    "## DNS load balancers: something restarts, is replaced or removed

    **Replaced**

    - \`dns/Lb1/Container\`: the container is replaced, because of \`networks_advanced\`: its addresses move, and connections that stay are reset

    ### \`dns/dns\`

    **Settings**

    | setting | before | after |
    |---|---|---|
    | \`nodes[lb1].addresses\` | \`10.0.0.2\` | \`10.0.0.4\` |
    | \`nodes[lb1].interfaces[eth0].addresses\` | \`10.0.0.2\` | \`10.0.0.4\` |

    **Loaded without a restart**

    - \`dnsdist/policy.lua\`, \`keepalived/adverts.nft\`, \`keepalived/keepalived.conf\` on \`lb1\`, \`lb2\`
    "
  `);
});

test("two containers of one stack may be replaced at once", () => {
  const keys = { secretDirectories: ["/etc/keys"] };
  const { markdown } = compare({ node: keys, secondNode: keys });
  expect(markdown.match(/\*\*1 more of stack `dns` may be at the same time\*\*/g)).toHaveLength(2);
});

test("a node that is gone is told, as is a new one", () => {
  const { markdown, disturbs } = compare({ nodeId: "Other" });
  expect(disturbs).toBe(true);
  expect(markdown).toContain("- `dns/Lb1/Container` is removed\n");
  expect(markdown).toContain("- `dns/Other/Container` is made\n");
});

test("memory is changed in place", () => {
  const { markdown } = compare({ node: { memory: "768m" } });
  expect(markdown).not.toContain("Replaced");
});

test("the same two syntheses give the same words", () => {
  const after = synthesis({ pool: { servers: [{ name: "x", address: "192.168.1.7" }] } });
  const words = () => reportOf(readSynthesis(before), readSynthesis(after)).markdown;
  expect(words()).toBe(words());
});
