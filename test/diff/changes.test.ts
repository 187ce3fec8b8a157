import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { run, STATUS } from "../../lib/diff/command.js";
import * as lib from "../../lib/index.js";
import { FakeNode, scratch } from "../constructs.js";

/** Makes an app in its stack. */
type Make = (stack: TerraformStack) => void;

function synthesize(make: Make): string {
  const outdir = mkdtempSync(join(scratch, "changes-"));
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "dns");
  new DockerProvider(stack, "docker", {});
  make(stack);
  app.synth();
  return outdir;
}

function diff(before: string, after: string) {
  let [markdown, problem] = ["", ""];
  const status = run(["diff", before, after], {
    out: (text) => {
      markdown += text;
    },
    err: (text) => {
      problem += text;
    },
  });
  return { status, markdown, problem };
}

/** What apps are made of, each of which may be another one. */
interface Parts {
  readonly id?: string;
  readonly kind?: "pair" | "standalone" | "group";
  readonly node?: Partial<lib.DockerNodeProps>;
  readonly second?: Partial<lib.DockerNodeProps>;
  readonly pair?: Partial<lib.HaPairProps>;
  readonly servers?: lib.ResolverPoolProps["servers"];
  readonly pool?: Partial<lib.ResolverPoolProps>;
  readonly frontendId?: string;
  readonly frontend?: Partial<lib.DnsFrontendOptions>;
  readonly dot?: Partial<lib.DotListenerProps>;
  readonly more?: (stack: TerraformStack, loadBalancer: lib.ILoadBalancer, pool: lib.ResolverPool) => void;
}

const TWO = [
  { name: "one", address: "192.168.1.1" },
  { name: "two", address: "192.168.1.2" },
];
const NEIGHBORS = [{ address: "10.0.0.1", asn: 64_500 }];
const network = (kind: Parts["kind"]) =>
  kind === "group"
    ? { network: lib.DockerNetwork.macvlan({ subnet: "10.0.0.0/24", gateway: "10.0.0.1", parent: "eth0" }) }
    : {};

/** A load balancer in front of two resolvers. */
function balancer(parts: Parts = {}): Make {
  const { id = "Dns", kind = "pair", frontendId = "Internal" } = parts;
  return (stack) => {
    const image = kind === "group" ? { image: "anycast:1" } : {};
    const docker = { ...network(kind), ...image };
    const lb1 = new lib.DockerNode(stack, "Lb1", { address: "10.0.0.2", ...docker, ...parts.node });
    const lb2 = () => new lib.DockerNode(stack, "Lb2", { address: "10.0.0.3", ...docker, ...parts.second });
    const loadBalancer =
      kind === "standalone"
        ? new lib.StandaloneLoadBalancer(stack, id, { node: lb1 })
        : kind === "group"
          ? new lib.AnycastGroup(stack, id, {
              ...{ asn: 64_512, addresses: ["192.0.2.53"] },
              members: [lb1, lb2()].map((node) => ({ node, neighbors: NEIGHBORS })),
            })
          : new lib.HaPair(stack, id, {
              ...{ nodes: [lb1, lb2()], virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53 },
              ...parts.pair,
            });
    const pool = new lib.ResolverPool(stack, "Resolvers", { servers: parts.servers ?? TWO, ...parts.pool });
    const frontend = loadBalancer.addDnsFrontend(frontendId, {
      ...{ pool, allowFrom: ["10.0.0.0/8"], tcpPath: "inspected" },
      ...parts.frontend,
    });
    if (parts.dot !== undefined) {
      const certificate = lib.Certificate.fromNodeFile("/etc/dns/one.pem");
      new lib.DotListener(stack, "Dot", { frontend, serverName: "dns.example.com", certificate, ...parts.dot });
    }
    parts.more?.(stack, loadBalancer, pool);
  };
}

/** Nodes for many servers and frontends. */
const LARGE: Parts = { node: { memory: "64g" }, second: { memory: "64g" } };
const several = (count: number, at: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => ({ name: `server${index}`, address: at(index) }));
const refusing = (...names: string[]) => ({ frontend: { accessRules: [lib.AccessRule.refuse({ names })] } });
const because = (extendedError: lib.AccessRefusalOptions["extendedError"] & string, extendedErrorText?: string) => ({
  frontend: {
    accessRules: [
      lib.AccessRule.refuse({
        ...{ names: ["ads.example"], extendedError },
        ...(extendedErrorText === undefined ? {} : { extendedErrorText }),
      }),
    ],
  },
});
/** A second frontend, with a route to a pool of this id. */
const routed = (id: string): Parts => ({
  more: (stack, loadBalancer, pool) => {
    const corp = new lib.ResolverPool(stack, id, { servers: [{ name: "corp", address: "192.168.2.1" }] });
    const routes = [lib.Route.toPool(corp, { names: ["corp.example"] })];
    new lib.DnsFrontend(stack, "Second", { loadBalancer, pool, port: 54, allowFrom: ["10.0.0.0/8"], routes });
  },
});
const unbound =
  (more: Partial<lib.UnboundServerProps> = {}, node: Partial<lib.DockerNodeProps> = {}): Make =>
  (stack) => {
    const own = new lib.DockerNode(stack, "Node1", { address: "10.0.0.9", image: "unbound:1", ...node });
    new lib.UnboundServer(stack, "Resolver1", { node: own, allowFrom: ["10.0.0.0/8"], ...more });
  };
const ssh =
  (more: Partial<lib.SshNodeProps> = {}): Make =>
  (stack) => {
    const node = new lib.SshNode(stack, "Lb1", {
      address: "10.0.0.2",
      ssh: { host: "lb1.test", user: "debian", hostKey: lib.SshHostKey.unchecked() },
      ...more,
    });
    const pool = new lib.ResolverPool(stack, "Resolvers", { servers: TWO });
    new lib.StandaloneLoadBalancer(stack, "Dns", { node }).addDnsFrontend("Internal", {
      pool,
      allowFrom: ["10.0.0.0/8"],
    });
  };
const drained = "one node after the other is drained for it, a planned move each";
const alone = "**no other node serves meanwhile**, which takes seconds";
const { undisturbed, disturbed } = STATUS;

interface Row {
  readonly change: string;
  readonly before?: Make;
  readonly after: Make;
  readonly status: number;
  readonly says: readonly string[];
  /** What it must not say. */
  readonly keeps?: readonly string[];
}

const SERVERS: readonly Row[] = [
  {
    change: "a server is added",
    after: balancer({ servers: [...TWO, { name: "three", address: "192.168.1.3" }] }),
    status: undisturbed,
    says: ["- pool `resolvers`: in `three 192.168.1.3:53`", "**Loaded without a restart**"],
  },
  {
    change: "a server is removed",
    after: balancer({ servers: TWO.slice(1) }),
    status: undisturbed,
    says: ["- pool `resolvers`: out `one 192.168.1.1:53`", "- pool `resolvers`: **one server is left**"],
  },
  {
    change: "a server has another name",
    after: balancer({ servers: [{ name: "deux", address: "192.168.1.2" }, ...TWO.slice(0, 1)] }),
    status: undisturbed,
    says: ["- pool `resolvers`: `two 192.168.1.2:53` is `deux 192.168.1.2:53`"],
    keeps: [": in ", ": out ", "Settings"],
  },
  {
    change: "a server has another weight",
    after: balancer({ servers: TWO.map((each, at) => (at === 0 ? { ...each, weight: 2 } : each)) }),
    status: undisturbed,
    says: ["- pool `resolvers`: `one 192.168.1.1:53` is `one 192.168.1.1:53 ×2`"],
  },
  {
    change: "all of many servers are others",
    before: balancer({ ...LARGE, servers: several(2_000, (at) => `10.1.${at >> 8}.${at & 255}`) }),
    after: balancer({ ...LARGE, servers: several(2_000, (at) => `10.2.${at >> 8}.${at & 255}`) }),
    status: undisturbed,
    says: ["- pool `resolvers`: `server0 10.1.0.0:53` is `server0 10.2.0.0:53`", "- and 1970 more"],
  },
];

const CLIENTS: readonly Row[] = [
  {
    change: "a network is denied",
    after: balancer({ frontend: { allowFrom: ["10.0.0.0/9"] } }),
    status: undisturbed,
    says: ["**Refused now**\n\n- `10.0.0.0/8` but for `10.0.0.0/9` at `internal`\n"],
  },
  {
    change: "a network is allowed",
    after: balancer({ frontend: { allowFrom: ["10.0.0.0/8", "172.16.0.0/12"] } }),
    status: undisturbed,
    says: ["**Served now**\n\n- `172.16.0.0/12` at `internal`\n"],
    keeps: ["Refused"],
  },
  {
    change: "a network is written in halves",
    after: balancer({ frontend: { allowFrom: ["10.0.0.0/9", "10.128.0.0/9"] } }),
    status: undisturbed,
    says: ["**Loaded without a restart**"],
    keeps: ["Refused", "Served"],
  },
  {
    change: "a client is limited",
    after: balancer({ frontend: { rateLimit: lib.RateLimit.perClient({ queries: "9/s", exempt: ["10.1.0.0/16"] }) } }),
    status: undisturbed,
    says: [
      "- a client of `internal` is limited now: `9/s queries, then truncate`",
      "- a client of `internal`: without limits stay `10.1.0.0/16`",
    ],
  },
  {
    change: "a list of refused names has one more, and one fewer",
    before: balancer(refusing("ads.example", "old.example")),
    after: balancer(refusing("ads.example", "new.example")),
    status: undisturbed,
    says: [
      "**Refused now**\n\n- names `new.example.` at `internal`, by the access rule `refuse names ads.example. new.example.`",
      "**Served now**\n\n- names `old.example.` at `internal`, no more judged by the access rule",
    ],
    keeps: ["new access rule"],
  },
  {
    change: "a rule has another reason",
    before: balancer(because("blocked")),
    after: balancer(because("prohibited", "ask us")),
    status: undisturbed,
    says: [
      "**Access rules**\n\n- the access rule `refuse names ads.example., extended error blocked` at `internal` is `refuse names ads.example., extended error prohibited: ask us`\n",
    ],
    keeps: ["Refused now", "Served now", "Settings"],
  },
  {
    change: "a frontend has another name, and its access rule one more",
    before: balancer(refusing("ads.example")),
    after: balancer({ frontendId: "Office", ...refusing("ads.example", "new.example") }),
    status: undisturbed,
    says: [
      "- frontend `internal` is `office` now",
      "**Refused now**\n\n- names `new.example.` at `office`, by the access rule `refuse names ads.example. new.example.`\n",
    ],
    keeps: ["Served now", "Access rules", "everybody"],
  },
  {
    change: "a pool to which a route leads has another name",
    before: balancer(routed("Corp")),
    after: balancer(routed("Office")),
    status: undisturbed,
    says: [
      "- pool `office` is new, with `corp 192.168.2.1:53`",
      "- pool `corp` is gone, with `corp 192.168.2.1:53`",
      "**Routes**\n\n- a route at `second` was `names corp.example. to corp` and is `names corp.example. to office`\n",
    ],
    keeps: ["Refused now", "Served now", "Access rules"],
  },
  {
    change: "a frontend has another name",
    after: balancer({ frontendId: "Office", frontend: { allowFrom: ["10.0.0.0/9"], idleTimeout: "20s" } }),
    status: undisturbed,
    says: [
      "- frontend `internal` is `office` now",
      "**Refused now**\n\n- `10.0.0.0/8` but for `10.0.0.0/9` at `office`\n",
      "| `frontends[office].listeners[office].idleTimeout` | `10s` | `20s` |",
    ],
    keeps: ["everybody"],
  },
  {
    change: "a frontend takes the place of another one, for fewer",
    before: balancer({
      more: (stack, loadBalancer, pool) =>
        new lib.DnsFrontend(stack, "Old", { loadBalancer, pool, port: 54, allowFrom: ["10.0.0.0/8"] }),
    }),
    after: balancer({ frontend: { port: 54, allowFrom: ["10.0.0.0/9"] } }),
    status: disturbed,
    says: [
      "- everybody at `10.0.0.53:53`, where `internal` is no more",
      "- `10.0.0.0/8` but for `10.0.0.0/9` at `10.0.0.53:54`, which `internal` has now",
    ],
  },
];

const NODES: readonly Row[] = [
  {
    change: "the image is another",
    after: balancer({ node: { image: "lb:2" } }),
    status: disturbed,
    says: [
      "- `dns/Lb1/Container`: the container is replaced, because of `image`: its addresses move, and connections that stay are reset\n",
    ],
    keeps: ["at the same time"],
  },
  {
    change: "the image of both nodes of a stack is another",
    after: balancer({ node: { image: "lb:2" }, second: { image: "lb:2" } }),
    status: disturbed,
    says: ["- `dns/Lb2/Container`: ", "; **1 more of stack `dns` may be at the same time**"],
  },
  {
    change: "the image of a node that stands alone is another",
    before: balancer({ kind: "standalone" }),
    after: balancer({ kind: "standalone", node: { image: "lb:2" } }),
    status: disturbed,
    says: ["because of `image`: **no other node serves meanwhile**\n"],
  },
  {
    change: "nodes use other processors",
    after: balancer({ node: { processors: 2 }, second: { processors: 2 } }),
    status: disturbed,
    says: [`- \`dnsdist\` restarts, because of \`settings of its start\`, on \`lb1\`, \`lb2\`: ${drained}`],
    keeps: ["Replaced"],
  },
  {
    change: "dnsdist restarts on a node that stands alone",
    before: balancer({ kind: "standalone" }),
    after: balancer({ kind: "standalone", node: { processors: 2 } }),
    status: disturbed,
    says: [`on \`lb1\`: ${alone}`],
  },
  {
    change: "a certificate is another",
    before: balancer({ dot: {} }),
    after: balancer({ dot: { certificate: lib.Certificate.fromNodeFile("/etc/dns/two.pem") } }),
    status: undisturbed,
    says: ["| `frontends[internal].listeners[dot].certificate.path` | `/etc/dns/one.pem` | `/etc/dns/two.pem` |"],
  },
  {
    change: "a node has another address",
    after: balancer({ second: { address: "10.0.0.4" } }),
    status: disturbed,
    says: [
      "- `dns/Lb2/Container`: the container is replaced, because of `networks_advanced`",
      "| `nodes[lb2].addresses` | `10.0.0.3` | `10.0.0.4` |",
    ],
  },
  {
    change: "limits of descriptors, which Terraform ignores, and memory are others",
    before: balancer({ node: { memory: "900m" } }),
    after: balancer({ node: { memory: "1g" } }),
    status: undisturbed,
    says: ["| `nodes[lb1].memory` | `943718400` | `1073741824` |"],
  },
  {
    change: "the virtual address is another",
    after: balancer({ pair: { virtualAddresses: [{ address: "10.0.0.54" }] } }),
    status: undisturbed,
    says: [
      "- **its nodes have `10.0.0.53` no more**",
      "- its nodes have `10.0.0.54` now",
      "- everybody at `10.0.0.53:53`",
    ],
  },
];

const KINDS: readonly Row[] = [
  {
    change: "the load balancer is removed, and nothing is left",
    after: () => {},
    status: disturbed,
    says: [
      "- `dns/Lb1/Container` is removed",
      "### `dns/dns`\n\nThe load balancer is gone: **nobody is served by it any more**.",
    ],
  },
  {
    change: "a load balancer is added",
    before: () => {},
    after: balancer(),
    status: undisturbed,
    says: ["- `dns/Lb1/Container` is made", "### `dns/dns`\n\nThe load balancer is new.\n"],
  },
  {
    change: "the load balancer has another name",
    after: balancer({ id: "Other", servers: TWO.slice(1) }),
    status: undisturbed,
    says: ["### `dns/other`\n\nIt was `dns/dns` before.\n", "- pool `resolvers`: out `one 192.168.1.1:53`"],
    keeps: ["is gone", "is new"],
  },
  {
    change: "a pair becomes a node that stands alone",
    after: balancer({ kind: "standalone" }),
    status: disturbed,
    says: [
      "- `keepalived` ends, on `lb1`",
      "- node `lb2` is gone",
      "- addresses are each node's own now, before moved between the nodes by VRRP",
      "- **its nodes have `10.0.0.53` no more**",
      "- `dns/Lb2/Container` is removed",
    ],
  },
  {
    change: "a node that stands alone becomes one of a pair",
    before: balancer({ kind: "standalone" }),
    after: balancer(),
    status: undisturbed,
    says: ["**Starts**\n\n- `keepalived`, on `lb1`\n", "- its nodes have `10.0.0.53` now", "- node `lb2` is new"],
    keeps: ["nodes[lb2]"],
  },
  {
    change: "a pair becomes a group",
    after: balancer({ kind: "group" }),
    status: disturbed,
    says: [
      "- `keepalived` ends, on `lb1`, `lb2`",
      "- `bird`, on `lb1`, `lb2`",
      "- addresses are announced to routers by BGP now, before moved between the nodes by VRRP",
      "- `dns/Lb1/Container`: the container is replaced, because of `image`",
    ],
  },
];

const DEPLOYED: readonly Row[] = [
  {
    change: "a deployed resolver has other threads",
    before: unbound(),
    after: unbound({ threads: 4 }),
    status: disturbed,
    says: [
      "### `dns/resolver1`",
      "- `unbound` restarts, because of `settings of its start`, on `node1`: what is under way to it, and what goes there until its probes tell",
      "| `threads` | `2` | `4` |",
    ],
  },
  {
    change: "a deployed resolver serves other networks",
    before: unbound(),
    after: unbound({ allowFrom: ["10.0.0.0/9"] }),
    status: undisturbed,
    says: [
      "| `allowFrom` | `10.0.0.0/8` | `10.0.0.0/9` |",
      "**Loaded without a restart**\n\n- `unbound/unbound.conf` on `node1`",
    ],
  },
  {
    change: "the image of a deployed resolver is another",
    before: unbound(),
    after: unbound({}, { image: "unbound:2" }),
    status: disturbed,
    says: ["because of `image`: what is under way to it, and what goes there until its probes tell\n"],
  },
  {
    change: "a host is another machine",
    before: ssh({ machine: "vm-1" }),
    after: ssh({ machine: "vm-2" }),
    status: disturbed,
    says: ["- `dns/Lb1/Host/Resource`: the host is made a node again: it is another machine\n"],
  },
  {
    change: "a host gets other daemons",
    before: ssh(),
    after: ssh({ keepsAddresses: false }),
    status: disturbed,
    says: ["the host is made a node again: with `--debian 13 --no-keep-addresses --daemons"],
  },
];

const base = synthesize(balancer());

test.each([...SERVERS, ...CLIENTS, ...NODES, ...KINDS, ...DEPLOYED])(
  "$change",
  ({ before, after, status, says, keeps = [] }) => {
    const found = diff(before === undefined ? base : synthesize(before), synthesize(after));
    expect(found.problem).toBe("");
    for (const text of says) expect(found.markdown).toContain(text);
    for (const text of keeps) expect(found.markdown).not.toContain(text);
    expect(found.status, found.markdown).toBe(status);
    expect(found.markdown.length).toBeLessThan(10_000);
  },
);

test("a node that is out of service can take nothing over, and gets changes later", () => {
  const make =
    (outstandingQueries: number): Make =>
    (stack) => {
      const nodes = [1, 2].map(
        (at) => new FakeNode(stack, `Lb${at}`, [`10.0.0.${at}`], "10.0.0.0/24", at === 2 ? { outOfService: true } : {}),
      ) as unknown as lib.HaPairProps["nodes"];
      const pair = { nodes, virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53, outstandingQueries };
      const pool = new lib.ResolverPool(stack, "Resolvers", { servers: TWO });
      new lib.HaPair(stack, "Dns", pair).addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
    };
  const { status, markdown } = diff(synthesize(make(1_000)), synthesize(make(2_000)));
  expect(status).toBe(STATUS.disturbed);
  expect(markdown).toContain(`on \`lb1\`: ${alone}`);
  expect(markdown).toContain("- `lb2`, which is out of service, gets the change when it is back");
});

test("without Terraform's JSON nothing is said about replacements", () => {
  const after = synthesize(balancer({ node: { image: "lb:2" } }));
  rmSync(join(after, "stacks/dns/cdk.tf.json"));
  expect(diff(base, after)).toEqual({
    status: STATUS.undisturbed,
    markdown:
      "## DNS load balancers: no change\n\n**Not compared**\n\n- stack `dns` has no `cdk.tf.json`: what Terraform replaces is not told\n",
    problem: "",
  });
});

test("fails when reviews are missing although there are nodes", () => {
  const after = synthesize(balancer());
  rmSync(join(after, "stacks/dns/dns-lb"), { recursive: true });
  expect(diff(base, after)).toMatchObject({ status: STATUS.failed, markdown: "" });
  const empty = mkdtempSync(join(scratch, "changes-"));
  mkdirSync(join(empty, "stacks/dns"), { recursive: true });
  expect(diff(base, empty)).toMatchObject({ status: STATUS.failed, markdown: "" });
});

test("a comment with changes of everything stays so short that it can be posted", () => {
  const many = (port: number, name: string): Make =>
    balancer({
      ...LARGE,
      more: (stack, loadBalancer, pool) => {
        for (let at = 0; at < 150; at += 1) {
          const allowFrom = Array.from({ length: 60 }, (_, index) => `10.${at}.${index + port}.0/24`);
          new lib.DnsFrontend(stack, `${name}${at}`, { loadBalancer, pool, port: 6_000 + port + at, allowFrom });
        }
      },
    });
  const { markdown } = diff(synthesize(many(0, "Front")), synthesize(many(100, "Other")));
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toMatch(/- and \d+ more\n/);
});
