// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { App, Lazy, type TerraformStack, TerraformVariable, Testing, Token } from "cdktf";
import { describe, expect, test, vi } from "vitest";
import { Certificate } from "../../../lib/dns/certificate.js";
import { DotListener } from "../../../lib/dns/dot-listener.js";
import { Secret } from "../../../lib/dns/secret.js";
import { TrustStore } from "../../../lib/dns/trust-store.js";
import { HaPair } from "../../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../../lib/ha/standalone-load-balancer.js";
import { DockerNetwork, type MacvlanNetworkOptions } from "../../../lib/platforms/docker/docker-network.js";
import {
  DockerNode,
  type DockerNodeInterface,
  type DockerNodeProps,
} from "../../../lib/platforms/docker/docker-node.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { newApp, newStack, problemsAtSynthesis, refusal, resolverPool, scratch } from "../../constructs.js";

type Json = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** The resources of a stack as Terraform reads them, after validations. */
function synthesized(stack: TerraformStack): Resources {
  return JSON.parse(Testing.synth(stack, true)).resource;
}

/** A resource by the start of its id. */
function resource(resources: Resources, type: string, id: string): Json {
  const found = Object.entries(resources[type] ?? {}).find(([name]) => name.startsWith(`${id}_`));
  if (found === undefined)
    throw new RangeError(`no ${type} ${id} among ${Object.keys(resources[type] ?? {}).join(", ")}`);
  const { "//": _, ...properties } = found[1];
  return properties;
}

const allowFrom = ["10.0.0.0/8"];

const PUBLIC: DockerNodeInterface = {
  name: "eth1",
  address: "203.0.113.2",
  address6: "2001:db8:113::2",
  network: DockerNetwork.macvlan({
    parent: "eth1",
    subnet: "203.0.113.0/24",
    gateway: "203.0.113.1",
    subnet6: "2001:db8:113::/64",
    gateway6: "2001:db8:113::1",
  }),
};

function macvlanOf(options: Partial<MacvlanNetworkOptions>): DockerNetwork {
  return DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24", ...options });
}

function givenSingle(props: Partial<DockerNodeProps> = {}) {
  const stack = newStack();
  const lb = new StandaloneLoadBalancer(stack, "Dns", {
    node: new DockerNode(stack, "Node", { address: "10.0.0.2", ...props }),
  });
  const frontend = lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom });
  return { stack, lb, frontend };
}

function givenPair(
  stacks: readonly [TerraformStack, TerraformStack],
  network = stacks[0] === stacks[1]
    ? DockerNetwork.bridge({ subnet: "10.0.0.0/24" })
    : DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24" }),
  outOfService = false,
) {
  for (const stack of new Set(stacks)) new DockerProvider(stack, "docker", { host: `ssh://${stack.node.id}` });
  const nodes = [
    new DockerNode(stacks[0], "Lb1", { address: "10.0.0.2", network, outOfService }),
    new DockerNode(stacks[1], "Lb2", { address: "10.0.0.3", network }),
  ] as const;
  const lb = new HaPair(stacks[0], "Dns", { nodes, virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53 });
  lb.addDnsFrontend("Internal", { pool: resolverPool(stacks[0]), allowFrom });
  return lb;
}

describe("DockerNode", () => {
  test("runs the daemons in one container with the privileges that they need", () => {
    const container = resource(synthesized(givenSingle().stack), "docker_container", "Node_Container");
    expect(container).toMatchInlineSnapshot(`
      {
        "capabilities": {
          "add": [
            "CAP_NET_ADMIN",
            "CAP_NET_RAW",
            "CAP_SETGID",
            "CAP_SETUID",
          ],
          "drop": [
            "ALL",
          ],
        },
        "destroy_grace_seconds": 15,
        "hostname": "prod",
        "image": "dns-lb-node:debian-13",
        "lifecycle": {
          "ignore_changes": [
            "log_opts",
            "ulimit",
          ],
        },
        "log_driver": "json-file",
        "log_opts": {
          "max-file": "3",
          "max-size": "10m",
        },
        "memory": 1024,
        "memory_swap": 1024,
        "name": "dns-lb-prod",
        "networks_advanced": [
          {
            "ipv4_address": "10.0.0.2",
            "name": "\${docker_network.Node_Network_4EE2B69E.id}",
          },
        ],
        "provider": "docker",
        "read_only": true,
        "restart": "unless-stopped",
        "security_opts": [
          "no-new-privileges",
        ],
        "sysctls": {
          "net.ipv4.conf.all.arp_announce": "2",
          "net.ipv4.conf.all.arp_ignore": "1",
          "net.ipv4.ip_nonlocal_bind": "1",
          "net.ipv4.ip_unprivileged_port_start": "0",
          "net.ipv4.tcp_retries2": "5",
        },
        "tmpfs": {
          "/run": "mode=755,size=16m",
          "/tmp": "mode=1777,size=16m",
        },
        "ulimit": [
          {
            "hard": 20000,
            "name": "nofile",
            "soft": 20000,
          },
          {
            "hard": 3072,
            "name": "nproc",
            "soft": 3072,
          },
        ],
        "volumes": [
          {
            "container_path": "/var/lib/dns-lb",
            "volume_name": "\${docker_volume.Node_State_D967D13C.name}",
          },
          {
            "container_path": "/run/dns-lb-agent",
            "volume_name": "\${docker_volume.Node_Inbox_9451465B.name}",
          },
        ],
      }
    `);
  });

  test("makes a bridge around its addresses by default", () => {
    const { stack } = givenSingle({ address6: "fd53::2" });
    expect(resource(synthesized(stack), "docker_network", "Node_Network")).toMatchObject({
      name: "dns-lb-prod",
      driver: "bridge",
      ipv6: true,
      ipam_config: [
        { subnet: "10.0.0.0/24", gateway: "10.0.0.1" },
        { subnet: "fd53::/64", gateway: "fd53::1" },
      ],
    });
    expect(resource(synthesized(stack), "docker_container", "Node_Container")).toMatchObject({
      networks_advanced: [{ ipv4_address: "10.0.0.2", ipv6_address: "fd53::2" }],
      sysctls: { "net.ipv6.ip_nonlocal_bind": "1" },
    });
  });

  test("joins a network of the host's own", () => {
    const network = DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24", gateway: "10.0.0.1", name: "lan" });
    expect(resource(synthesized(givenSingle({ network }).stack), "docker_network", "Node_Network")).toMatchObject({
      name: "lan",
      driver: "macvlan",
      options: { parent: "eth0" },
      ipam_config: [{ subnet: "10.0.0.0/24", gateway: "10.0.0.1" }],
    });
  });

  test("makes no network where it uses the host's namespace", () => {
    const resources = synthesized(givenSingle({ network: DockerNetwork.host() }).stack);
    expect(resources).not.toHaveProperty("docker_network");
    const container = resource(resources, "docker_container", "Node_Container");
    expect(container).toMatchObject({
      network_mode: "host",
      capabilities: {
        add: ["CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID"],
        drop: ["ALL"],
      },
    });
    expect(container).not.toHaveProperty("sysctls");
    expect(container).not.toHaveProperty("networks_advanced");
    expect(container).not.toHaveProperty("command");
  });

  test("keeps virtual addresses on lo; on the host's network, whose kernel is not its own, when that is asked for", () => {
    const keeps = (network?: DockerNetwork) =>
      new DockerNode(newStack(), "Node", { address: "10.0.0.2", ...(network ? { network } : {}) }).profile
        .keepsAddresses;
    expect(keeps()).toBe(true);
    expect(keeps(DockerNetwork.existing({ name: "lan", subnet: "10.0.0.0/24" }))).toBe(true);
    expect(keeps(DockerNetwork.host())).toBe(false);
    expect(keeps(DockerNetwork.host({ keepsAddresses: true }))).toBe(true);
  });

  test("knows its interfaces, save on the host's network", () => {
    const describe = (props: Partial<DockerNodeProps>) =>
      new DockerNode(newStack(), "Node", { address: "10.0.0.2", ...props }).description;
    expect(describe({ interfaces: [PUBLIC] })).toEqual({
      name: "prod",
      memory: 1_073_741_824,
      addresses: ["10.0.0.2"],
      interface: "eth0",
      interfaces: [
        { name: "eth0", addresses: ["10.0.0.2"], subnets: ["10.0.0.0/24"] },
        {
          name: "eth1",
          addresses: ["203.0.113.2", "2001:db8:113::2"],
          subnets: ["203.0.113.0/24", "2001:db8:113::/64"],
        },
      ],
    });
    expect(describe({ network: DockerNetwork.host() })).toEqual({
      name: "prod",
      memory: 1_073_741_824,
      addresses: ["10.0.0.2"],
      interface: "eth0",
    });
  });

  test("knows the routers of its networks, as far as they are known", () => {
    const routers = (props: Partial<DockerNodeProps>) =>
      new DockerNode(newStack(), "Node", { address: "10.0.0.2", ...props }).routers;
    expect(routers({ interfaces: [PUBLIC] })).toEqual(["10.0.0.1", "203.0.113.1", "2001:db8:113::1"]);
    expect(routers({ network: DockerNetwork.host() })).toEqual([]);
    const existing = { name: "lan", subnet: "10.0.0.0/24" };
    expect(routers({ network: DockerNetwork.existing(existing) })).toEqual([]);
    const gateway = "10.0.0.9";
    expect(routers({ network: DockerNetwork.existing({ ...existing, gateway }) })).toEqual([gateway]);
  });

  test("joins a network that is there already, and makes none", () => {
    const network = DockerNetwork.existing({ name: "lan.1", subnet: "10.0.0.0/24", subnet6: "fd53::/64" });
    const resources = synthesized(givenSingle({ network, address6: "fd53::2" }).stack);
    expect(resources).not.toHaveProperty("docker_network");
    const container = resource(resources, "docker_container", "Node_Container");
    expect(container).toMatchObject({
      networks_advanced: [{ name: "lan.1", ipv4_address: "10.0.0.2", ipv6_address: "fd53::2" }],
      sysctls: { "net.ipv6.ip_nonlocal_bind": "1" },
    });
    expect(container).not.toHaveProperty("command");
  });

  test("has further interfaces in networks of their own, and tells its image which is which", () => {
    const resources = synthesized(givenSingle({ interfaces: [PUBLIC] }).stack);
    expect(resource(resources, "docker_network", "Node_Network-eth1")).toMatchObject({
      name: "dns-lb-prod-eth1",
      driver: "macvlan",
      options: { parent: "eth1" },
      ipv6: true,
      ipam_config: [
        { subnet: "203.0.113.0/24", gateway: "203.0.113.1" },
        { subnet: "2001:db8:113::/64", gateway: "2001:db8:113::1" },
      ],
    });
    expect(resource(resources, "docker_network", "Node_Network")).toMatchObject({ name: "dns-lb-prod" });
    const { networks_advanced, command, sysctls } = resource(resources, "docker_container", "Node_Container");
    expect({ networks_advanced, command, sysctls }).toMatchInlineSnapshot(`
      {
        "command": [
          "--gateway=10.0.0.1",
          "eth0=10.0.0.2",
          "eth1=203.0.113.2",
        ],
        "networks_advanced": [
          {
            "ipv4_address": "10.0.0.2",
            "name": "\${docker_network.Node_Network_4EE2B69E.id}",
          },
          {
            "ipv4_address": "203.0.113.2",
            "ipv6_address": "2001:db8:113::2",
            "name": "\${docker_network.Node_Network-eth1_FB421DDE.id}",
          },
        ],
        "sysctls": {
          "net.ipv4.conf.all.arp_announce": "2",
          "net.ipv4.conf.all.arp_ignore": "1",
          "net.ipv4.ip_nonlocal_bind": "1",
          "net.ipv4.ip_unprivileged_port_start": "0",
          "net.ipv4.tcp_retries2": "5",
          "net.ipv6.ip_nonlocal_bind": "1",
        },
      }
    `);
  });

  test.each([
    ["Docker's choice of routers", { network: DockerNetwork.bridge({ subnet: "10.0.0.0/24" }) }, ["10.0.0.1"]],
    [
      "the routers of both families",
      {
        address6: "fd53::2",
        network: macvlanOf({ gateway: "10.0.0.254", subnet6: "fd53::/64", gateway6: "fd53::0:9" }),
      },
      ["10.0.0.254", "fd53::9"],
    ],
    [
      "no router of a family that it has no address of",
      { network: macvlanOf({ subnet6: "fd53::/64", gateway6: "fd53::9" }) },
      ["10.0.0.1"],
    ],
    [
      "the first addresses of a network that is there already",
      {
        address6: "fd53::2",
        network: DockerNetwork.existing({ name: "a", subnet: "10.0.0.0/24", subnet6: "fd53::/64" }),
      },
      ["10.0.0.1", "fd53::1"],
    ],
  ])("leads out by %s", (_, props, gateways) => {
    const resources = synthesized(givenSingle({ ...props, interfaces: [PUBLIC] }).stack);
    expect(resource(resources, "docker_container", "Node_Container")["command"]).toEqual([
      ...gateways.map((gateway) => `--gateway=${gateway}`),
      "eth0=10.0.0.2",
      "eth1=203.0.113.2",
    ]);
  });

  test("tells its image the name of an only interface that is not Docker's", () => {
    const resources = synthesized(givenSingle({ interface: "lan0" }).stack);
    expect(resource(resources, "docker_container", "Node_Container")["command"]).toEqual([
      "--gateway=10.0.0.1",
      "lan0=10.0.0.2",
    ]);
  });

  test("says the router of each family, which engines choose later, in the spelling in which they answer", () => {
    const networkOf = (network: DockerNetwork) =>
      resource(synthesized(givenSingle({ network }).stack), "docker_network", "Node_Network")["ipam_config"];
    expect(networkOf(macvlanOf({ subnet6: "FD53:0:0:0::/64" }))).toEqual([
      { subnet: "10.0.0.0/24", gateway: "10.0.0.1" },
      { subnet: "fd53::/64", gateway: "fd53::1" },
    ]);
    const given = { subnet: "10.0.0.0/24", subnet6: "fd53::/64", gateway: "10.0.0.254", gateway6: "FD53::00FE" };
    expect(networkOf(DockerNetwork.bridge(given))).toEqual([
      { subnet: "10.0.0.0/24", gateway: "10.0.0.254" },
      { subnet: "fd53::/64", gateway: "fd53::fe" },
    ]);
    expect(networkOf(DockerNetwork.bridge({ subnet: "10.0.0.2/31", gateway: "10.0.0.3" }))).toEqual([
      { subnet: "10.0.0.2/31", gateway: "10.0.0.3" },
    ]);
  });

  test("shares a network that another node of its stack describes with the default router", () => {
    const stack = newStack();
    const node = (host: number, gateway?: string) =>
      new DockerNode(stack, `Lb${host}`, {
        address: `10.0.0.${host}`,
        network: DockerNetwork.bridge({ subnet: "10.0.0.0/24", ...(gateway === undefined ? {} : { gateway }) }),
      });
    node(2);
    node(3, "10.0.0.1");
    expect(Object.keys(JSON.parse(Testing.synth(stack)).resource["docker_network"])).toHaveLength(1);
    expect(refusal(() => node(4, "10.0.0.254"))).toMatchInlineSnapshot(
      `"[prod/Lb4] 'network' must have subnets of its own on an engine, got 10.0.0.0/24, which overlaps 10.0.0.0/24 of prod/Lb2; give both nodes the same network [DNSLB146]"`,
    );
  });

  test("shares the network of a further interface with a node of its stack", () => {
    const stack = newStack();
    const nodes = [2, 3].map(
      (host) =>
        new DockerNode(stack, `Lb${host}`, {
          address: `10.0.0.${host}`,
          network: DockerNetwork.bridge({ subnet: "10.0.0.0/24" }),
          interfaces: [{ ...PUBLIC, address: `203.0.113.${host}`, address6: `2001:db8:113::${host}` }],
        }),
    );
    expect(nodes).toHaveLength(2);
    expect(Object.keys(JSON.parse(Testing.synth(stack)).resource["docker_network"])).toHaveLength(2);
  });

  test("serves on each of its addresses", () => {
    const { lb } = givenSingle({ interfaces: [PUBLIC] });
    lb.addDnsFrontend("Public", { address: "203.0.113.2", pool: resolverPool(lb, "Others"), allowFrom });
    expect(problemsAtSynthesis(lb)).toBe("nothing was refused");
    const lonely = givenSingle().lb;
    lonely.addDnsFrontend("Public", { address: "203.0.113.2", pool: resolverPool(lonely, "Others"), allowFrom });
    expect(problemsAtSynthesis(lonely)).toContain(
      'must be an address of load balancer "dns" (of the construct id "Dns") (10.0.0.2)',
    );
  });

  test("keeps releases in a volume, and shares with its loader only the agent's socket", () => {
    const resources = synthesized(givenSingle().stack);
    expect(resource(resources, "docker_volume", "Node_State")).toMatchObject({ name: "dns-lb-prod-state" });
    expect(resource(resources, "docker_volume", "Node_Inbox")).toMatchObject({ name: "dns-lb-prod-inbox" });
    const paths = (id: string) =>
      (resource(resources, "docker_container", id)["volumes"] as { container_path: string }[]).map(
        (volume) => volume.container_path,
      );
    expect(paths("Node_Container")).toEqual(["/var/lib/dns-lb", "/run/dns-lb-agent"]);
    expect(paths("Node_Loader")).toEqual(["/run/dns-lb-agent"]);
  });

  test("is brought its release by a container that runs once", () => {
    const { upload, ...loader } = resource(synthesized(givenSingle().stack), "docker_container", "Node_Loader");
    expect(loader).toMatchInlineSnapshot(`
      {
        "attach": true,
        "capabilities": {
          "drop": [
            "ALL",
          ],
        },
        "command": [
          "submit",
          "/run/dns-lb-agent/socket",
          "/bundle",
          "--remove",
        ],
        "depends_on": [
          "docker_container.Node_Container_CAD27D98",
        ],
        "entrypoint": [
          "/usr/libexec/dns-lb/dns-lb-agent",
        ],
        "image": "\${docker_container.Node_Container_CAD27D98.image}",
        "lifecycle": {
          "ignore_changes": [
            "log_opts",
            "ulimit",
          ],
          "postcondition": [
            {
              "condition": "\${self.exit_code == 0}",
              "error_message": "The node refused its configuration:
      \${coalesce(self.container_logs, "the loader did not run")}",
            },
          ],
        },
        "log_driver": "json-file",
        "logs": true,
        "mounts": [],
        "must_run": false,
        "name": "dns-lb-prod-loader",
        "network_mode": "none",
        "provider": "docker",
        "restart": "no",
        "security_opts": [
          "no-new-privileges",
        ],
        "tty": true,
        "volumes": [
          {
            "container_path": "/run/dns-lb-agent",
            "read_only": true,
            "volume_name": "\${docker_volume.Node_Inbox_9451465B.name}",
          },
        ],
      }
    `);
    expect((upload as { file: string }[]).map(({ file }) => file)).toMatchInlineSnapshot(`
      [
        "/bundle/dnsdist/dnsdist.conf",
        "/bundle/dnsdist/policy.lua",
        "/bundle/dnsdist/runtime.lua",
        "/bundle/haproxy/haproxy.cfg",
        "/bundle/haproxy/lists/internal-allow.lst",
        "/bundle/manifest.json",
      ]
    `);
  });

  test("escapes what Terraform would read in the files", () => {
    const { stack } = givenSingle();
    const node = new DockerNode(stack, "Other", { address: "10.0.0.9" });
    const [spec] = nodesOf(stack.node.findChild("Dns")).map((each) => each.spec);
    if (spec === undefined) throw new RangeError("no node");
    const files = [{ path: "a.cfg", content: 'log-format "%{+Q}r ${X}"\n' }];
    node.bind({ workload: "prod/Other", spec: () => ({ ...spec, files }), others: [], after: [] });
    expect(resource(synthesized(stack), "docker_container", "Other_Loader")).toMatchObject({
      upload: [{ file: "/bundle/a.cfg", content: 'log-format "%%{+Q}r $${X}"\n' }],
    });
  });

  test("is handed secrets by path and hash, by mount, or by a sensitive value, never by content", () => {
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(scratch);
    const app = new App({ outdir: join(scratch, "cdktf.out") });
    const stack = newStack("prod", app);
    const password = Secret.fromVariable(new TerraformVariable(stack, "password", { sensitive: true }));
    const lb = new StandaloneLoadBalancer(stack, "Dns", {
      node: new DockerNode(stack, "Node", { address: "10.0.0.2" }),
      statistics: { user: "ops", password },
    });
    const frontend = lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom });
    new DotListener(stack, "Dot", {
      frontend,
      certificate: Certificate.fromLocalFile("certs/dns.pem"),
      clientAuth: { trust: TrustStore.fromNodeFile("/etc/ssl/ca.pem") },
    });
    const { upload, mounts } = resource(synthesized(stack), "docker_container", "Node_Loader");
    cwd.mockRestore();
    const secrets = (upload as { file: string }[]).filter(({ file }) => file.includes("/secrets/"));
    expect({ secrets, mounts }).toMatchInlineSnapshot(`
      {
        "mounts": [
          {
            "read_only": true,
            "source": "/etc/ssl/ca.pem",
            "target": "/bundle/secrets/dot-clients.pem",
            "type": "bind",
          },
        ],
        "secrets": [
          {
            "file": "/bundle/secrets/dot.pem",
            "permissions": "0600",
            "source": "../../../certs/dns.pem",
            "source_hash": "\${nonsensitive(sha256(join("", [terraform_data.Node_Loader_DigestKey_8CBFC872.triggers_replace.key, filesha256("../../../certs/dns.pem"), terraform_data.Node_Loader_DigestKey_8CBFC872.triggers_replace.key])))}",
          },
          {
            "content": "\${sensitive(var.password)}",
            "file": "/bundle/secrets/statistics-password",
            "permissions": "0600",
          },
        ],
      }
    `);
  });

  test("takes an absolute path of a secret as it is", () => {
    const { stack, frontend } = givenSingle();
    new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromLocalFile("/etc/dns.pem") });
    const { upload } = resource(synthesized(stack), "docker_container", "Node_Loader");
    expect(upload).toContainEqual({
      file: "/bundle/secrets/dot.pem",
      permissions: "0600",
      source: "/etc/dns.pem",
      source_hash: expect.stringMatching(
        /^\$\{nonsensitive\(sha256\(join\("", \[(\S+), filesha256\("\/etc\/dns\.pem"\), \1\]\)\)\)\}$/,
      ),
    });
  });

  test("makes as many resources with one listener as with many", () => {
    const count = (listeners: number) => {
      const { stack, frontend } = givenSingle();
      for (let port = 1; port <= listeners; port += 1) {
        new DotListener(stack, `Dot${port}`, { frontend, certificate: Certificate.fromLocalFile("a.pem"), port });
      }
      return Object.values(synthesized(stack)).flatMap(Object.keys).length;
    };
    expect(count(5)).toBe(count(0));
  });

  test("is changed after the first node of its pair, which shares its network", () => {
    const stack = newStack();
    givenPair([stack, stack]);
    const resources = synthesized(stack);
    const named = (prefix: string) =>
      `docker_container.${Object.keys(resources["docker_container"] ?? {}).find((id) => id.startsWith(prefix))}`;
    const dependencies = (id: string) => resource(resources, "docker_container", id)["depends_on"];
    expect(dependencies("Lb1_Loader")).toEqual([named("Lb1_Container")]);
    expect(dependencies("Lb2_Loader")).toEqual([named("Lb2_Container"), named("Lb1_Loader")]);
    expect(Object.keys(resources["docker_network"] ?? {})).toHaveLength(1);
  });

  test("is ordered by stacks where each node has its own", () => {
    const app = newApp();
    const stacks = [newStack("lb1", app), newStack("lb2", app)] as const;
    givenPair(stacks);
    expect(stacks[1].dependsOn(stacks[0])).toBe(true);
    expect(resource(synthesized(stacks[1]), "docker_container", "Lb2_Loader")["depends_on"]).toEqual([
      expect.stringMatching(/^docker_container\.Lb2_Container_/),
    ]);
  });

  test("comes last while it is out of service, and the other node's plan says so", () => {
    const app = newApp();
    const stacks = [newStack("lb1", app), newStack("lb2", app)] as const;
    givenPair(stacks, undefined, true);
    expect(stacks.map(({ dependencies }) => dependencies)).toEqual([[stacks[1]], []]);
    expect(problemsAtSynthesis(app)).toBe("nothing was refused");
    const { output } = JSON.parse(Testing.synth(stacks[1], true));
    expect(output).toEqual({
      Lb2_OutOfService_36AC9CD4: {
        description: "Nodes that share the work of this one and are out of service.",
        value: "node lb1 is out of service: its configuration is not changed",
      },
    });
    expect(JSON.parse(Testing.synth(stacks[0], true)).output).toBeUndefined();
    expect(resource(synthesized(stacks[0]), "docker_container", "Lb1_Loader")).toHaveProperty("upload");
  });

  test("is what it was while the other node is out of service, but for what it tells of it", () => {
    const uploads = (outOfService: boolean) => {
      const app = newApp();
      const stacks = [newStack("lb1", app), newStack("lb2", app)] as const;
      givenPair(stacks, undefined, outOfService);
      const { upload } = resource(synthesized(stacks[1]), "docker_container", "Lb2_Loader");
      return upload as readonly { file: string; content: string }[];
    };
    const [before, after] = [uploads(false), uploads(true)];
    const changed = after.filter(({ content }, index) => content !== before[index]?.content);
    expect(changed.map(({ file }) => file)).toEqual(["/bundle/manifest.json"]);
    expect(JSON.parse(changed[0]?.content ?? "")).toMatchObject({
      outOfService: [{ name: "lb1", address: "10.0.0.2" }],
    });
  });

  test("DNSLB017: fails when it is out of service in a stack that the other node needs", () => {
    const stack = newStack();
    givenPair([stack, stack], undefined, true);
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`"nothing was refused"`);
    const app = newApp();
    const stacks = [newStack("lb1", app), newStack("lb2", app)] as const;
    stacks[1].addDependency(stacks[0]);
    givenPair(stacks, undefined, true);
    expect(problemsAtSynthesis(app)).toMatchInlineSnapshot(
      `"[lb1/Lb1] 'outOfService' needs a stack that no other node needs, got lb1, on which lb2, the stack of lb2/Lb2, depends: while the node is away, nothing of these can be planned; remove that dependency [DNSLB017]"`,
    );
  });

  test("fails when its being out of service is said by a word", () => {
    expect(refusal(() => givenSingle({ outOfService: "yes" as never }))).toMatchInlineSnapshot(
      `"[prod/Node] 'outOfService' must be true or false, got "yes" [DNSLB103]"`,
    );
  });

  test("shares no network with a node of another engine", () => {
    const stack = newStack();
    const network = DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24" });
    const on = (alias: string) => new DockerProvider(stack, alias, { alias, host: `ssh://${alias}` });
    const nodes = [
      new DockerNode(stack, "Lb1", { address: "10.0.0.2", network, provider: on("one") }),
      new DockerNode(stack, "Lb2", { address: "10.0.0.3", network, provider: on("two") }),
    ] as const;
    const lb = new HaPair(stack, "Dns", { nodes, virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53 });
    lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom });
    const resources = synthesized(stack);
    expect(resource(resources, "docker_network", "Lb1_Network")).toMatchObject({ provider: "docker.one" });
    expect(resource(resources, "docker_network", "Lb2_Network")).toMatchObject({ provider: "docker.two" });
  });

  test("uses the provider of the stack, or makes one", () => {
    expect(JSON.parse(Testing.synth(givenSingle().stack, true)).provider).toEqual({ docker: [{}] });
    const stack = newStack();
    new DockerProvider(stack, "engine", { host: "ssh://lb1" });
    const lb = new StandaloneLoadBalancer(stack, "Dns", {
      node: new DockerNode(stack, "Node", { address: "10.0.0.2" }),
    });
    lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom });
    expect(JSON.parse(Testing.synth(stack, true)).provider).toEqual({ docker: [{ host: "ssh://lb1" }] });
  });

  test("takes its name from its id, or from what stands around it", () => {
    const stack = newStack("Lb7");
    expect(new DockerNode(stack, "Node", { address: "10.0.0.2" }).description.name).toBe("lb7");
    expect(new DockerNode(stack, "EdgeNode", { address: "10.0.0.2" }).description.name).toBe("edge-node");
    expect(new DockerNode(stack, "Third", { address: "10.0.0.2", name: "lb9" }).description.name).toBe("lb9");
  });

  test("takes its image from a token", () => {
    const image = Token.asString(Lazy.stringValue({ produce: () => "registry.test/node:1" }));
    expect(resource(synthesized(givenSingle({ image }).stack), "docker_container", "Node_Container")).toMatchObject({
      image: "registry.test/node:1",
    });
  });

  test("synthesizes to the same bytes each time", () => {
    const bytes = () => {
      const stack = newStack();
      givenPair([stack, stack]);
      return Testing.synth(stack, true);
    };
    expect(bytes()).toBe(bytes());
  });

  test("keeps its place in the tree", () => {
    expect(Testing.renderConstructTree(givenSingle().stack)).toMatchInlineSnapshot(`
      "prod (TerraformStack)
      ├── Node (DockerNode)
          ├── State (Volume)
          ├── Inbox (Volume)
          ├── Network (EngineNetwork)
              └── Resource (Network)
          ├── Container (Container)
          └── Loader (Loader)
              ├── DigestKey (DigestKey)
                  └── Resource (TerraformData)
              └── Resource (Container)
      ├── docker (DockerProvider)
      ├── Dns (StandaloneLoadBalancer)
          └── Internal (DnsFrontend)
      └── Resolvers (ResolverPool)
      "
    `);
  });

  test("uploads nothing while a rule is broken, so that the messages of validations are seen", () => {
    const stack = newStack();
    new StandaloneLoadBalancer(stack, "Dns", { node: new DockerNode(stack, "Node", { address: "10.0.0.2" }) });
    expect(() => Testing.synth(stack, true)).toThrow("has no frontend");
    const { upload } = resource(JSON.parse(Testing.synth(stack)).resource, "docker_container", "Node_Loader");
    expect(upload).toEqual([]);
  });

  test("fails when no load balancer runs on it", () => {
    const stack = newStack();
    new DockerNode(stack, "Node", { address: "10.0.0.2" });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Node] runs nothing; give it to a load balancer (HaPair, AnycastGroup, StandaloneLoadBalancer) or a server (UnboundServer, NsdServer), or remove it [DNSLB007]"`,
    );
  });

  const refused = (props: object, id = "Node") =>
    refusal(() => new DockerNode(newStack(), id, { address: "10.0.0.2", ...props } as DockerNodeProps));

  test("fails when a directory of secrets is none, or one of the container's own", () => {
    const refused = (secretDirectories: readonly unknown[]) =>
      refusal(() => new DockerNode(newStack(), "Node", { address: "10.0.0.2", secretDirectories } as never));
    for (const each of [
      ...["/", "/etc", "/etc/", "/srv", "etc/lego", "/etc/../srv/a", "/etc/lego/", "/usr/local/certs", "/var/lib"],
      ...["/var/lib/dns-lb/x", "/run/certs", "/etc/ssl/certs", "/etc//lego", "/etc/a\nb", 1],
    ]) {
      expect(refused([each]), `${each}`).toContain("'secretDirectories[0]' must be");
    }
    for (const each of [
      "/etc/lego",
      "/srv/dns/certs",
      "/var/lib/dehydrated",
      "/etc/sslx/a",
      "/runs/a",
      "/srv/a b,c:d",
    ]) {
      expect(refused([each]), each).toBe("nothing was refused");
    }
    expect(refused(["/etc"])).toMatchInlineSnapshot(
      `"[prod/Node] 'secretDirectories[0]' must be the absolute path of a directory such as "/etc/letsencrypt", in no directory that the container has itself, got "/etc" [DNSLB109]"`,
    );
    expect(refused(["/etc/lego", "/etc/lego"])).toMatchInlineSnapshot(
      `"[prod/Node] 'secretDirectories[1]' must be unique, got "/etc/lego" again; remove it [DNSLB112]"`,
    );
  });

  test("sees directories of its machine, read-only, under the same paths", () => {
    const mountsOf = (secretDirectories: readonly string[]) => {
      const stack = newStack();
      const node = new DockerNode(stack, "Node", { address: "10.0.0.2", secretDirectories });
      new StandaloneLoadBalancer(stack, "Dns", { node }).addDnsFrontend("Internal", {
        ...{ pool: resolverPool(stack), allowFrom },
      });
      return resource(synthesized(stack), "docker_container", "Node_Container")["mounts"];
    };
    expect(mountsOf([])).toBeUndefined();
    expect(mountsOf(["/etc/lego", "/srv/%{x}"])).toEqual([
      { type: "bind", source: "/etc/lego", target: "/etc/lego", read_only: true },
      { type: "bind", source: "/srv/%%{x}", target: "/srv/%%{x}", read_only: true },
    ]);
  });

  test("fails when addresses are none, or of the other family", () => {
    expect(refused({ address: "10.0.0" })).toMatchInlineSnapshot(
      `"[prod/Node] 'address' must be an IPv4 address, got "10.0.0"; an IPv4 address has four numbers [DNSLB105]"`,
    );
    expect(refused({ address: "fd53::2", address6: "10.0.0.2" })).toMatchInlineSnapshot(`
      "[prod/Node] 'address' must be an IPv4 address, got "fd53::2"; 'address6' takes IPv6 [DNSLB105]
      [prod/Node] 'address6' must be an IPv6 address, got "10.0.0.2"; 'address' takes IPv4 [DNSLB105]"
    `);
  });

  test("fails when an image is described instead of made", () => {
    expect(refused({ image: { name: "dns-lb-node", daemons: "unbound" } })).toMatchInlineSnapshot(
      `"[prod/Node] 'image' must be a DockerNodeImage, or the reference of an image such as "dns-lb-node:debian-13", got {"name":"dns-lb-node","daemons":"unbound"}; make one by \`new DockerNodeImage(this, "Image", { ... })\`, or give the reference as a text and the daemons' 'versions' beside it [DNSLB103]"`,
    );
    expect(refused({ image: "a b" })).toContain("[DNSLB109]");
  });

  test("fails when an address is outside of the network", () => {
    const network = DockerNetwork.bridge({ subnet: "10.1.0.0/24" });
    expect(refused({ network, address6: "fd53::2" })).toMatchInlineSnapshot(`
      "[prod/Node] 'address' must be an address of its network (10.1.0.0/24), got "10.0.0.2" [DNSLB119]
      [prod/Node] 'address6' must be an address of its network (10.1.0.0/24), got "fd53::2" [DNSLB119]"
    `);
  });

  test("DNSLB137: fails when an address is that of the network's router", () => {
    expect(refused({ address: "10.0.0.1", address6: "fd53::1" })).toMatchInlineSnapshot(`
      "[prod/Node] 'address' must not be the router of its network (10.0.0.0/24, fd53::/64), got "10.0.0.1"; choose another address, or name the router by the 'gateway' of DockerNetwork.bridge() [DNSLB137]
      [prod/Node] 'address6' must not be the router of its network (10.0.0.0/24, fd53::/64), got "fd53::1"; choose another address, or name the router by the 'gateway6' of DockerNetwork.bridge() [DNSLB137]"
    `);
    const gateway = "10.0.0.2";
    expect(refused({ network: macvlanOf({ gateway }) })).toMatchInlineSnapshot(
      `"[prod/Node] 'address' must not be the router of its network (10.0.0.0/24), got "10.0.0.2"; choose another address, or name the router by the 'gateway' of DockerNetwork.macvlan() [DNSLB137]"`,
    );
    const lan = { name: "lan", subnet: "10.0.0.0/24" };
    expect(refused({ network: DockerNetwork.existing({ ...lan, gateway }) })).toMatchInlineSnapshot(
      `"[prod/Node] 'address' must not be the router of its network (10.0.0.0/24), got "10.0.0.2"; choose another address, or name the router by the 'gateway' of DockerNetwork.existing() [DNSLB137]"`,
    );
    expect(refused({ address: "10.0.0.1", network: DockerNetwork.existing(lan) })).toBe("nothing was refused");
    expect(refused({ interfaces: [{ ...PUBLIC, address: "203.0.113.1" }] })).toMatchInlineSnapshot(
      `"[prod/Node] 'interfaces[0].address' must not be the router of its network (203.0.113.0/24, 2001:db8:113::/64), got "203.0.113.1"; choose another address, or name the router by the 'gateway' of DockerNetwork.macvlan() [DNSLB137]"`,
    );
  });

  test("DNSLB137: fails when a virtual address is that of a network's router", () => {
    const stack = newStack();
    const nodes = [2, 3].map((host) => new DockerNode(stack, `Lb${host}`, { address: `10.0.0.${host}` }));
    const pair = { nodes: nodes as [DockerNode, DockerNode], virtualRouterId: 53 };
    const virtualAddresses = [{ address: "10.0.0.1" }];
    expect(refusal(() => new HaPair(stack, "Dns", { ...pair, virtualAddresses }))).toMatchInlineSnapshot(`
      "[prod/Dns] 'virtualAddresses[0].address' must not be the router of a network of prod/Lb2, got "10.0.0.1"; choose another address, or give that network its real router [DNSLB137]
      [prod/Dns] 'virtualAddresses[0].address' must not be the router of a network of prod/Lb3, got "10.0.0.1"; choose another address, or give that network its real router [DNSLB137]"
    `);
  });

  test("DNSLB138: fails when a network has no room for a router", () => {
    const small = { subnet: "10.0.0.2/31", subnet6: "fd53::2/127" };
    expect(refusal(() => DockerNetwork.bridge(small))).toMatchInlineSnapshot(`
      "[DockerNetwork.bridge()] 'subnet' must have a prefix length of at most 30, got "10.0.0.2/31", which has no room for a router and a node [DNSLB138]
      [DockerNetwork.bridge()] 'subnet6' must have a prefix length of at most 126, got "fd53::2/127", which has no room for a router and a node [DNSLB138]"
    `);
    expect(refusal(() => macvlanOf({ subnet: "10.0.0.2/32" }))).toMatchInlineSnapshot(
      `"[DockerNetwork.macvlan()] 'subnet' must have a prefix length of at most 30, got "10.0.0.2/32", which has no room for a router and a node [DNSLB138]"`,
    );
    expect(refusal(() => macvlanOf({ subnet: "10.0.0.0/30", subnet6: "fd53::/126" }))).toBe("nothing was refused");
  });

  const net = (subnet: string, name?: string) => DockerNetwork.bridge({ subnet, ...(name ? { name } : {}) });
  const { address6: _, ...eth1 } = PUBLIC;
  const further = (...interfaces: object[]) => ({ interfaces: interfaces.map((each) => ({ ...eth1, ...each })) });

  test.each([
    [
      "a further interface has the name of the first",
      further({ name: "eth0" }),
      `'interfaces[0].name' must be unique, got "eth0", which the node has too [DNSLB112]`,
    ],
    [
      "two interfaces have one name",
      further({}, { address: "198.51.100.2", network: net("198.51.100.0/24") }),
      `'interfaces[1].name' must be unique, got "eth1", which interfaces[0] has too [DNSLB112]`,
    ],
    [
      "an interface has the name of the loopback's",
      further({ name: "lo" }),
      `'interfaces[0].name' must not be the loopback interface, got "lo" [DNSLB120]`,
    ],
    [
      "the first interface has the name of the loopback's",
      { interface: "lo" },
      `'interface' must not be the loopback interface, got "lo" [DNSLB120]`,
    ],
    [
      "the address of an interface is outside of its network",
      further({ address: "198.51.100.2" }),
      `'interfaces[0].address' must be an address of its network (203.0.113.0/24, 2001:db8:113::/64), got "198.51.100.2" [DNSLB119]`,
    ],
    [
      "addresses of an interface are of the other family",
      further({ address: "2001:db8:113::2", address6: "203.0.113.2" }),
      `'interfaces[0].address' must be an IPv4 address, got "2001:db8:113::2"; 'address6' takes IPv6 [DNSLB105]
[prod/Node] 'interfaces[0].address6' must be an IPv6 address, got "203.0.113.2"; 'address' takes IPv4 [DNSLB105]`,
    ],
    [
      "an interface has an address of the node, in whatever spelling",
      {
        address6: "2001:db8:113:0::2",
        network: DockerNetwork.bridge({ subnet: "10.0.0.0/24", subnet6: "2001:db8:113::/64" }),
        ...further({ address6: "2001:db8:113::2" }),
      },
      `'interfaces[0].address6' must be unique, got "2001:db8:113::2", which the node has too [DNSLB112]
[prod/Node] 'interfaces[0].network' must have subnets of its own, got 2001:db8:113::/64; the node is in 2001:db8:113::/64 [DNSLB120]`,
    ],
    [
      "an interface stands in the network that the node has by default",
      further({ address: "10.0.0.9", network: net("10.0.0.0/28") }),
      `'interfaces[0].network' must have subnets of its own, got 10.0.0.0/28; the node is in 10.0.0.0/24 [DNSLB120]`,
    ],
    [
      "two interfaces stand in one network",
      { network: net("10.0.0.0/24", "lan"), ...further({ address: "10.1.0.2", network: net("10.1.0.0/24", "lan") }) },
      `'interfaces[0].network' must be another network, got "lan", the network of the node [DNSLB112]`,
    ],
    [
      "two macvlan networks have one parent",
      { network: macvlanOf({ parent: "eth1" }), ...further({}) },
      `'interfaces[0].network' must have a parent of its own, got "eth1", the parent of the network of the node; Docker allows one network on a parent, so use a VLAN on it, such as "eth1.20" [DNSLB112]`,
    ],
    [
      "the network of an interface is the host's",
      further({ network: DockerNetwork.host() }),
      `'interfaces[0].network' must be a network that Docker can attach, got DockerNetwork.host(), which has all interfaces of the host; give it as the node's 'network' and leave 'interfaces' out, or use DockerNetwork.macvlan() with the interface of the host as its parent [DNSLB120]`,
    ],
    [
      "interfaces are added to the host's",
      { network: DockerNetwork.host(), ...further({}) },
      "'interfaces' must be left out with DockerNetwork.host(), whose interfaces are the host's; 'virtualAddresses' takes their names [DNSLB120]",
    ],
    [
      "an interface is told too little, and too much",
      { interfaces: [{ nam: "eth1", network: "lan" }] },
      `'interfaces[0].address' is required: an IPv4 address; networks without IPv4 need Docker Engine 28.0 or later, and Terraform's Docker provider cannot make them yet, so give an IPv4 one beside IPv6 [DNSLB102]
[prod/Node] 'interfaces[0].nam' is no property of DockerNode, did you mean 'name'? [DNSLB101]
[prod/Node] 'interfaces[0].name' is required: the name of a network interface: letters, digits, . - _ and at most 15 long [DNSLB102]
[prod/Node] 'interfaces[0].network' must be DockerNetwork.bridge(), DockerNetwork.macvlan(), DockerNetwork.existing() or DockerNetwork.host(), got "lan" [DNSLB103]`,
    ],
    ["interfaces are no list", { interfaces: "eth1" }, `'interfaces' must be a list, got "eth1" [DNSLB103]`],
  ])("fails when %s", (_, props, problems) => {
    expect(refused(props)).toBe(`[prod/Node] ${problems}`);
  });

  test("fails when the id gives no name", () => {
    expect(refused({}, "1st")).toMatchInlineSnapshot(
      `"[prod/1st] 'name' is required, because the construct id gives the name "1st", which must start with a letter and be at most 63 long [DNSLB109]"`,
    );
  });

  test("fails when a token stands where a value is compiled", () => {
    expect(refused({ address: Token.asString(Lazy.stringValue({ produce: () => "10.0.0.2" })) })).toMatchInlineSnapshot(
      `"[prod/Node] 'address' must be a value known at synthesis, got a cdktf token; it is written into a configuration file, so give the value itself [DNSLB110]"`,
    );
  });

  test("fails when values have the wrong type", () => {
    expect(
      refused({ provider: "docker", network: "host", image: "a b", versions: "13", interface: "eth 0" }),
    ).toMatchInlineSnapshot(`
      "[prod/Node] 'image' must be a DockerNodeImage, or the reference of an image such as "dns-lb-node:debian-13", got "a b" [DNSLB109]
      [prod/Node] 'interface' must be the name of a network interface: letters, digits, . - _ and at most 15 long, got "eth 0" [DNSLB109]
      [prod/Node] 'network' must be DockerNetwork.bridge(), DockerNetwork.macvlan(), DockerNetwork.existing() or DockerNetwork.host(), got "host" [DNSLB103]
      [prod/Node] 'provider' must be a DockerProvider, got "docker" [DNSLB103]
      [prod/Node] 'versions' must be an object of properties, got "13" [DNSLB103]"
    `);
  });
});

describe("DockerNetwork", () => {
  test("gives frozen data", () => {
    const network = DockerNetwork.bridge({ subnet: "10.0.0.0/24" });
    expect(network).toEqual({ kind: "bridge", subnet: "10.0.0.0/24" });
    expect(Object.isFrozen(network)).toBe(true);
  });

  const macvlan = (options: object) =>
    refusal(() => DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24", ...options }));

  test("fails when a subnet is of the other family", () => {
    expect(macvlan({ subnet: "fd53::/64", subnet6: "10.0.0.0/24" })).toMatchInlineSnapshot(`
      "[DockerNetwork.macvlan()] 'subnet' must be an IPv4 network, got "fd53::/64"; 'subnet6' takes it [DNSLB118]
      [DockerNetwork.macvlan()] 'subnet6' must be an IPv6 network, got "10.0.0.0/24"; 'subnet' takes it [DNSLB118]"
    `);
  });

  test("fails when a gateway is outside of its subnet", () => {
    expect(macvlan({ gateway: "10.1.0.1", gateway6: "fd53::1" })).toMatchInlineSnapshot(`
      "[DockerNetwork.macvlan()] 'gateway' must be an address in the subnet 10.0.0.0/24, got "10.1.0.1" [DNSLB119]
      [DockerNetwork.macvlan()] 'gateway6' must be an address in the subnet of its family, got "fd53::1" [DNSLB119]"
    `);
  });

  test("fails when a network that is there already is not told rightly", () => {
    const existing = (options: object) =>
      refusal(() => DockerNetwork.existing({ name: "lan", subnet: "10.0.0.0/24", ...options }));
    expect(existing({ name: "-lan" })).toMatchInlineSnapshot(
      `"[DockerNetwork.existing()] 'name' must be the name of a Docker network: letters, digits, _ . - and the first a letter or digit, got "-lan" [DNSLB109]"`,
    );
    expect(existing({ subnet: "10.0.0.1/24", subnet6: "10.0.0.0/24" })).toMatchInlineSnapshot(`
      "[DockerNetwork.existing()] 'subnet' must be a network with its prefix length, such as "10.0.0.0/8", got "10.0.0.1/24"; did you mean "10.0.0.0/24"? [DNSLB106]
      [DockerNetwork.existing()] 'subnet6' must be an IPv6 network, got "10.0.0.0/24"; 'subnet' takes it [DNSLB118]"
    `);
    expect(existing({ gateway: "10.1.0.1", gateway6: "fd53::1" })).toMatchInlineSnapshot(`
      "[DockerNetwork.existing()] 'gateway' must be an address in the subnet 10.0.0.0/24, got "10.1.0.1" [DNSLB119]
      [DockerNetwork.existing()] 'gateway6' must be an address in the subnet of its family, got "fd53::1" [DNSLB119]"
    `);
    expect(existing({ name: undefined, parent: "eth0" })).toMatchInlineSnapshot(`
      "[DockerNetwork.existing()] 'name' is required: the name of a Docker network: letters, digits, _ . - and the first a letter or digit [DNSLB102]
      [DockerNetwork.existing()] 'parent' is no property of DockerNetwork.existing(), it takes 'name', 'subnet', 'gateway', 'subnet6', 'gateway6' [DNSLB101]"
    `);
  });

  test("fails when a property is unknown", () => {
    expect(macvlan({ subnets: [] })).toMatchInlineSnapshot(
      `"[DockerNetwork.macvlan()] 'subnets' is no property of DockerNetwork.macvlan(), did you mean 'subnet' or 'subnet6'? [DNSLB101]"`,
    );
    const host = (options: object) => refusal(() => DockerNetwork.host(options));
    expect(host({ keepsAddresses: "yes", interface: "eth0" })).toMatchInlineSnapshot(`
      "[DockerNetwork.host()] 'interface' is no property of DockerNetwork.host(), it takes 'keepsAddresses' [DNSLB101]
      [DockerNetwork.host()] 'keepsAddresses' must be true or false, got "yes" [DNSLB103]"
    `);
  });
});
