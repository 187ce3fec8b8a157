// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ref, type TerraformStack, TerraformVariable, Testing, Token } from "cdktf";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../lib/dns/secret.js";
import { AnycastGroup } from "../../../lib/ha/anycast-group.js";
import { HaPair } from "../../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../../lib/ha/standalone-load-balancer.js";
import { DEBIAN_12 } from "../../../lib/model/platform-profile.js";
import { DockerNetwork } from "../../../lib/platforms/docker/docker-network.js";
import { DockerNode } from "../../../lib/platforms/docker/docker-node.js";
import { SshAuth } from "../../../lib/platforms/ssh/ssh-auth.js";
import type { SshConnectionOptions } from "../../../lib/platforms/ssh/ssh-connection.js";
import { SshHostKey } from "../../../lib/platforms/ssh/ssh-host-key.js";
import { SshNode, type SshNodeProps } from "../../../lib/platforms/ssh/ssh-node.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { newStack, problemsAtSynthesis, refusal, resolverPool, scratch } from "../../constructs.js";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE0";
const hostKey = SshHostKey.known(KEY);
const ssh: SshConnectionOptions = { user: "debian", hostKey };
const allowFrom = ["10.0.0.0/8"];

interface Resource {
  readonly connection?: Readonly<Record<string, unknown>>;
  readonly provisioner?: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
  readonly triggers_replace: Readonly<Record<string, unknown>>;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly depends_on?: readonly string[];
}

/** The resources of a stack by the start of their ids, after validations. */
function resources(stack: TerraformStack): (id: string) => Resource {
  const { terraform_data: all } = JSON.parse(Testing.synth(stack, true)).resource;
  return (id) => {
    const found = Object.entries<Resource>(all).find(([name]) => new RegExp(`^${id}_[0-9A-F]{8}$`).test(name));
    if (found === undefined) throw new RangeError(`no ${id} among ${Object.keys(all).join(", ")}`);
    return found[1];
  };
}

function single(props: Partial<SshNodeProps> = {}, more: { readonly password?: Secret } = {}) {
  const stack = newStack();
  const node = new SshNode(stack, "Lb1", { address: "10.0.0.2", ssh, ...props });
  const statistics = { user: "ops", address: "10.0.0.2", password: more.password ?? Secret.fromNodeFile("/etc/pw") };
  const lb = new StandaloneLoadBalancer(stack, "Dns", { node, ...(more.password ? { statistics } : {}) });
  lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom });
  return { stack, node };
}

function pair(props: Partial<SshNodeProps> = {}, second: Partial<SshNodeProps> = props) {
  const stack = newStack();
  const nodes = [props, second].map(
    (each, index) => new SshNode(stack, `Lb${index + 1}`, { address: `10.0.0.${index + 2}`, ssh, ...each }),
  );
  const lb = new HaPair(stack, "Dns", {
    nodes: nodes as [SshNode, SshNode],
    virtualRouterId: 53,
    virtualAddresses: [{ address: "10.0.0.53" }],
  });
  lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom });
  return stack;
}

/** A group of some hosts, and how they are made. */
function group(count: number, props: Partial<SshNodeProps> = {}) {
  const stack = newStack();
  const site = new AnycastGroup(stack, "Ams", {
    ...{ asn: 64_512, addresses: ["192.0.2.53"] },
    members: Array.from({ length: count }, (_, index) => ({
      node: new SshNode(stack, `Lb${index + 1}`, { address: `10.0.0.${index + 2}`, ssh, ...props }),
      neighbors: [{ address: "10.0.0.1", asn: 64_500 }],
    })),
  });
  site.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom });
  return stack;
}

/** An attribute of a machine that Terraform makes. */
const attribute = (name: string) => Token.asString(ref(`vm.one.${name}`));

/** The commands of a resource, provisioner by provisioner; files by where they go. */
function steps({ provisioner = [] }: Resource): readonly (readonly string[] | string)[] {
  return provisioner.map((each) => (each["remote-exec"]?.["inline"] ?? each["file"]?.["destination"]) as string[]);
}

describe("the resources of a host", () => {
  test("make it a node, then hand it its release", () => {
    const get = resources(single().stack);
    const common = ["set -eu", "rm -f .dns-lb/script-*.sh"];
    expect(steps(get("Lb1_Host"))).toEqual([
      ["set -eu", "rm -f ./.dns-lb-script-*.sh", "umask 077", "mkdir -p .dns-lb"],
      ".dns-lb/host",
      [
        ...common,
        "rm -rf .dns-lb/files",
        "base64 -d .dns-lb/host >.dns-lb/host.sh.gz",
        "gunzip -f .dns-lb/host.sh.gz",
        "sh .dns-lb/host.sh .dns-lb/files",
        'sudo -n sh .dns-lb/files/bootstrap --debian 13 --daemons "haproxy dnsdist"',
        "rm -rf .dns-lb/files .dns-lb/host .dns-lb/host.sh",
      ],
    ]);
    expect(steps(get("Lb1_Release"))).toEqual([
      [...common, "umask 077", "rm -rf .dns-lb/release", "mkdir -p .dns-lb/release"],
      ".dns-lb/release/bundle.json",
      ".dns-lb/release/secrets.json",
      [
        ...common,
        "trap 'rm -rf .dns-lb/release' EXIT",
        "sudo -n dns-lb-agent submit .dns-lb/release/bundle.json --secrets .dns-lb/release/secrets.json --remove",
      ],
    ]);
  });

  test("show the texts of a release in the plan, and use them as they are there", () => {
    const { stack, node } = single();
    const release = resources(stack)("Lb1_Release");
    const spec = nodesOf(stack).find(({ name }) => name === node.description.name);
    const files = release.triggers_replace["files"] as Readonly<Record<string, string>>;
    expect(Object.keys(files).sort()).toEqual([
      "dnsdist/dnsdist.conf",
      "dnsdist/policy.lua",
      "dnsdist/runtime.lua",
      "haproxy/haproxy.cfg",
      "haproxy/lists/internal-allow.lst",
      "manifest.json",
    ]);
    expect(files["haproxy/haproxy.cfg"]).toBe(spec?.file("haproxy/haproxy.cfg"));
    expect(release.provisioner?.[1]?.["file"]?.["content"]).toBe(
      "${jsonencode({ files = self.triggers_replace.files, nodeFiles = self.triggers_replace.node_files })}",
    );
  });

  test("come one node after the other, with all that belongs to it", () => {
    const get = resources(pair());
    const release1 = expect.stringMatching(/^terraform_data\.Lb1_Release_/);
    expect(get("Lb1_Host").depends_on ?? []).toEqual([]);
    expect(get("Lb1_Release").depends_on).toEqual([expect.stringMatching(/^terraform_data\.Lb1_Host_/)]);
    expect(get("Lb2_Host").depends_on).toEqual([release1]);
    expect(get("Lb2_Release").depends_on).toContainEqual(expect.stringMatching(/^terraform_data\.Lb2_Host_/));
    expect(get("Lb1_Release").triggers_replace["host"]).toMatch(/^\$\{terraform_data\.Lb1_Host_\w+\.id\}$/);
  });

  test("share the archive of a stack", () => {
    const json = JSON.parse(Testing.synth(pair()));
    expect(Object.keys(json.locals)).toEqual(["dns_lb_host"]);
    expect(JSON.stringify(json.resource)).not.toContain(json.locals.dns_lb_host);
  });

  test("are made again with another machine", () => {
    expect(resources(single({ machine: "i-1" }).stack)("Lb1_Host").triggers_replace).toMatchObject({ machine: "i-1" });
  });

  test.each<[string, Partial<SshNodeProps>, string]>([
    ["Debian 12", { versions: DEBIAN_12 }, '--debian 12 --daemons "haproxy dnsdist"'],
    ["another version", { versions: { ...DEBIAN_12, haproxy: "2.8" } }, '--daemons "haproxy dnsdist"'],
    ["a host of its own", { keepsAddresses: false }, '--debian 13 --no-keep-addresses --daemons "haproxy dnsdist"'],
    ["a host that serves", { adopt: true }, '--adopt --debian 13 --daemons "haproxy dnsdist"'],
    ["newest packages", { packages: "upgrade" }, '--upgrade --force --debian 13 --daemons "haproxy dnsdist"'],
  ])("say what the host is: %s", (_, props, options) => {
    expect(resources(single(props).stack)("Lb1_Host").triggers_replace).toMatchObject({ options });
  });

  test("of a pair are upgraded only while the other one serves", () => {
    expect(resources(pair({ packages: "upgrade" }))("Lb2_Host").triggers_replace).toMatchObject({
      options: '--upgrade --debian 13 --daemons "haproxy dnsdist keepalived"',
    });
  });

  test("of a group come one after the other, with BIRD, and are upgraded only while another one serves", () => {
    const get = resources(group(3, { packages: "upgrade" }));
    expect(get("Lb2_Host").depends_on).toEqual([expect.stringMatching(/^terraform_data\.Lb1_Release_/)]);
    expect(get("Lb3_Host").depends_on).toEqual([expect.stringMatching(/^terraform_data\.Lb2_Release_/)]);
    const options = (force: string) => ({ options: `--upgrade${force} --debian 13 --daemons "haproxy dnsdist bird"` });
    expect(get("Lb3_Host").triggers_replace).toMatchObject(options(""));
    const alone = resources(group(1, { packages: "upgrade" }));
    expect(alone("Lb1_Host").triggers_replace).toMatchObject(options(" --force"));
  });

  test("of a pair need keepalived", () => {
    expect(resources(pair())("Lb2_Host").triggers_replace).toMatchObject({
      options: '--debian 13 --daemons "haproxy dnsdist keepalived"',
    });
  });
});

describe("secrets", () => {
  test("of files are read by Terraform, and change by a digest that tells nothing", () => {
    const path = join(scratch, "password");
    writeFileSync(path, "correct horse battery staple");
    const { stack } = single({}, { password: Secret.fromLocalFile(path) });
    const release = resources(stack)("Lb1_Release");
    const place = "secrets/statistics-password";
    const { [place]: digest } = release.triggers_replace["secrets"] as Readonly<Record<string, string>>;
    expect(digest).toMatch(/^\$\{nonsensitive\(sha256\(join\(.*triggers_replace\.key, filesha256\(".*password"\), /);
    expect(release.provisioner?.[2]?.["file"]?.["content"]).toBe(
      `\${jsonencode({"${place}" = filebase64("${path}")})}`,
    );
    expect(Testing.synth(stack)).not.toContain("horse");
  });

  test("of variables stand in no command, whose output Terraform would hide", () => {
    const stack = newStack();
    const variable = new TerraformVariable(stack, "password", { type: "string", sensitive: true });
    const node = new SshNode(stack, "Lb1", { address: "10.0.0.2", ssh });
    const statistics = { user: "ops", address: "10.0.0.2", password: Secret.fromVariable(variable) };
    new StandaloneLoadBalancer(stack, "Dns", { node, statistics }).addDnsFrontend("Internal", {
      pool: resolverPool(stack),
      allowFrom,
    });
    const release = resources(stack)("Lb1_Release");
    const places = (release.provisioner ?? []).filter((each) => JSON.stringify(each).includes("var.password"));
    expect(places).toEqual([
      {
        file: {
          content: '${jsonencode({"secrets/statistics-password" = base64encode(var.password)})}',
          destination: ".dns-lb/release/secrets.json",
        },
      },
    ]);
  });

  test("that are ephemeral go where Terraform stores nothing, and change by their version", () => {
    const secret = Secret.fromEphemeral(attribute("secret"), { version: "7" });
    const release = resources(single({}, { password: secret }).stack)("Lb1_Release");
    expect(release.triggers_replace["secrets"]).toEqual({ "secrets/statistics-password": "7" });
    expect(release.provisioner?.[2]?.["file"]?.["content"]).toBe(
      '${jsonencode({"secrets/statistics-password" = base64encode(vm.one.secret)})}',
    );
  });

  test("that are ephemeral are refused on a container, which Terraform would store", () => {
    const stack = newStack();
    const password = Secret.fromEphemeral(attribute("secret"), { version: "7" });
    const statistics = { user: "ops", address: "10.0.0.2", password };
    const node = new DockerNode(stack, "Lb1", { address: "10.0.0.2" });
    new StandaloneLoadBalancer(stack, "Dns", { node, statistics }).addDnsFrontend("Internal", {
      pool: resolverPool(stack),
      allowFrom,
    });
    expect(problemsAtSynthesis(stack)).toContain(
      "[prod/Lb1] would have Terraform store the secret of secrets/statistics-password, which is Secret.fromEphemeral(); use another Secret, or an SshNode [DNSLB019]",
    );
  });

  test("of the node are named, and copied there", () => {
    const release = resources(single({}, { password: Secret.fromNodeFile("/etc/pw") }).stack)("Lb1_Release");
    expect(release.triggers_replace).toMatchObject({
      node_files: { "secrets/statistics-password": "/etc/pw" },
      secrets: {},
    });
  });
});

describe("the connection", () => {
  const connection = (more: Partial<SshConnectionOptions>, props: Partial<SshNodeProps> = {}) =>
    resources(single({ ssh: { hostKey, ...more }, ...props }).stack)("Lb1_Host").connection;

  test("is root's, by the agent's keys, to the node's address", () => {
    expect(connection({})).toEqual({
      type: "ssh",
      host: "10.0.0.2",
      port: 22,
      user: "root",
      host_key: KEY,
      agent: true,
      timeout: "120s",
      script_path: "./.dns-lb-script-%RAND%.sh",
    });
  });

  test("of root needs no sudo", () => {
    const text = JSON.stringify(resources(single({ ssh: { hostKey } }).stack)("Lb1_Release").provisioner);
    expect(text).toContain('"dns-lb-agent submit ');
    expect(text).not.toContain("sudo");
  });

  test("goes where it is told, with a key of its own", () => {
    const auth = SshAuth.privateKeyFile("/keys/deploy");
    const options = { host: "lb1.example.net", port: 2_222, auth, hostKey: SshHostKey.authority(KEY), timeout: "5m" };
    expect(connection(options as SshConnectionOptions)).toMatchObject({
      ...{ host: "lb1.example.net", port: 2_222, host_key: KEY, timeout: "300s" },
      ...{ agent: false, private_key: '${file("/keys/deploy")}' },
    });
  });

  test("goes through a bastion", () => {
    const bastion = { host: "bastion.example.net", hostKey };
    expect(connection({ user: "debian", hostKey: SshHostKey.unchecked(), bastion })).toEqual(
      expect.objectContaining({
        bastion_host: "bastion.example.net",
        bastion_port: 22,
        bastion_user: "debian",
        bastion_host_key: KEY,
      }),
    );
  });

  test("takes the address of a machine that Terraform makes, and its key", () => {
    const host = attribute("address");
    expect(connection({ host, hostKey: SshHostKey.known(attribute("host_key")) })).toMatchObject({
      host: "${vm.one.address}",
      host_key: "${vm.one.host_key}",
    });
  });

  test("uses IPv6 where the node has nothing else", () => {
    const { stack } = single({ ssh: { hostKey } });
    expect(resources(stack)("Lb1_Host").connection).toMatchObject({ host: "10.0.0.2" });
    const six = newStack();
    const node = new SshNode(six, "Lb1", { address6: "fd00::2", ssh: { hostKey } });
    new StandaloneLoadBalancer(six, "Dns", { node }).addDnsFrontend("Internal", {
      pool: resolverPool(six),
      allowFrom: ["fd00::/8"],
    });
    expect(resources(six)("Lb1_Host").connection).toMatchObject({ host: "fd00::2" });
  });
});

test("a host out of service keeps its place, since Terraform cannot turn the order of resources around", () => {
  const get = resources(pair({ outOfService: true }, {}));
  expect(get("Lb2_Host").depends_on).toEqual([expect.stringMatching(/^terraform_data\.Lb1_Release_/)]);
  expect(get("Lb1_Host").depends_on ?? []).toEqual([]);
});

test("a host out of service is left alone, and filled again when it is back", () => {
  const get = resources(pair({}, { outOfService: true }));
  for (const id of ["Lb2_Host", "Lb2_Release"]) {
    expect(get(id)).not.toHaveProperty("provisioner");
    expect(get(id)).not.toHaveProperty("connection");
    expect(get(id).triggers_replace).toMatchObject({ out_of_service: true });
  }
  expect(get("Lb1_Release").triggers_replace).not.toHaveProperty("out_of_service");
});

describe("a node that is destroyed", () => {
  test("leaves the host as it is", () => {
    expect(() => resources(single().stack)("Lb1_Removal")).toThrow("no Lb1_Removal");
  });

  test("is taken off its host, which only the removal itself knows then", () => {
    const removal = resources(single({ onDestroy: "stop" }).stack)("Lb1_Removal");
    expect(removal.input).toEqual({ host: "10.0.0.2", user: "debian", host_key: KEY });
    expect(removal.connection).toMatchObject({ host: "${self.input.host}", host_key: "${self.input.host_key}" });
    expect(removal.provisioner).toEqual([
      {
        "remote-exec": {
          inline: ["set -eu", "rm -f .dns-lb/script-*.sh", "sudo -n dns-lb-agent uninstall"],
          connection: { ...removal.connection, script_path: ".dns-lb/script-%RAND%.sh" },
          when: "destroy",
          on_failure: "continue",
        },
      },
    ]);
  });
});

test("a pair of a container and a host is one like any other", () => {
  const stack = newStack();
  const network = DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24" });
  new HaPair(stack, "Dns", {
    nodes: [
      new DockerNode(stack, "Lb1", { address: "10.0.0.2", network }),
      new SshNode(stack, "Lb2", { address: "10.0.0.3", ssh }),
    ],
    virtualRouterId: 53,
    virtualAddresses: [{ address: "10.0.0.53" }],
  }).addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom });
  expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
});

test("only the script that makes a folder of ours lies where others may get", () => {
  const get = resources(single({ onDestroy: "stop" }).stack);
  const places = ["Lb1_Host", "Lb1_Release", "Lb1_Removal"].flatMap((id) => {
    const { connection, provisioner = [] } = get(id);
    const scripts = provisioner.flatMap((each) => (each["remote-exec"] ? [each["remote-exec"]] : []));
    return scripts.map((script) => {
      const own = script["connection"] as Readonly<Record<string, unknown>> | undefined;
      return (own ?? connection)?.["script_path"];
    });
  });
  const inside = ".dns-lb/script-%RAND%.sh";
  expect(places).toEqual(["./.dns-lb-script-%RAND%.sh", inside, inside, inside, inside]);
});

test("two nodes on one host are refused", () => {
  const stack = pair({}, { address: "10.0.0.3", ssh: { ...ssh, host: "10.0.0.2" } });
  expect(problemsAtSynthesis(stack)).toContain(
    "[prod/Lb2] 'ssh.host' must lead to a host of its own, got 10.0.0.2 port 22, as prod/Lb1 does: each would stop the daemons of the other [DNSLB112]",
  );
});

test("a host that nothing runs on is refused", () => {
  const stack = newStack();
  new SshNode(stack, "Lb1", { address: "10.0.0.2", ssh });
  expect(problemsAtSynthesis(stack)).toContain("[prod/Lb1] runs nothing; give it to a load balancer");
});

describe("what is refused", () => {
  const made = (props: Partial<SshNodeProps>) =>
    refusal(() => new SshNode(newStack(), "Lb1", { address: "10.0.0.2", ssh, ...props }));

  test.each<[string, Partial<SshNodeProps>, string]>([
    [
      "no host key",
      { ssh: {} as SshConnectionOptions },
      "'ssh.hostKey' is required: SshHostKey.known(), SshHostKey.authority() or SshHostKey.unchecked()",
    ],
    ["a host key that is a text", { ssh: { hostKey: KEY as never } }, "'ssh.hostKey' must be SshHostKey.known()"],
    [
      "a user that is an option",
      { ssh: { hostKey, user: "-oProxyCommand=x" } },
      "'ssh.user' must be the name of a user",
    ],
    ["a host that is a command", { ssh: { hostKey, host: "a b" } }, "'ssh.host' must be the name or address of a host"],
    ["a port that is none", { ssh: { hostKey, port: 0 } }, "'ssh.port' must be a whole number between 1 and 65535"],
    [
      "a bastion whose key would be compared",
      { ssh: { hostKey, bastion: { host: "b", hostKey } } },
      "'ssh.hostKey' must be SshHostKey.unchecked() behind a 'bastion'",
    ],
    ["no address", { address: undefined as never }, "'address' is required: an IPv4 address; or give 'address6' alone"],
    [
      "an address outside of its subnet",
      { subnet: "10.0.1.0/24" },
      "'address' must be an address of its subnet (10.0.1.0/24), got \"10.0.0.2\"",
    ],
    ["the last address of a subnet", { address: "10.0.0.255" }, "'address' must"],
    ["the subnet of a missing address", { subnet6: "fd00::/64" }, "'subnet6' is that of 'address6', which is missing"],
    [
      "a subnet of the other family",
      { subnet: "fd00::/64" },
      "'subnet' must be a subnet of 'address', got \"fd00::/64\"",
    ],
    ["lo", { interface: "lo" }, "'interface' must not be the loopback interface"],
    [
      "two interfaces of one name",
      { interfaces: [{ name: "eth0", address: "10.1.0.2" }] },
      "'interfaces[0].name' must be unique, got \"eth0\"",
    ],
    [
      "an address twice",
      { interfaces: [{ name: "eth1", address: "10.0.0.2" }] },
      "'interfaces[0].address' must be unique",
    ],
    [
      "interfaces in one subnet",
      { interfaces: [{ name: "eth1", address: "10.0.0.9", subnet: "10.0.0.0/28" }] },
      "'interfaces[0].subnet' must have no address of another interface",
    ],
    ["a token for an address", { address: attribute("address") }, "'address' must be a value known at synthesis"],
    ["another end", { onDestroy: "remove" as never }, '\'onDestroy\' must be "keep" or "stop"'],
    ["a machine of two lines", { machine: "a\nb" }, "'machine' must be the id of a machine"],
  ])("%s", (_, props, words) => {
    expect(made(props)).toContain(words);
  });

  test("a removal with a key that Terraform cannot read then", () => {
    const stack = newStack();
    const variable = new TerraformVariable(stack, "key", { type: "string", sensitive: true });
    const auth = SshAuth.privateKey(Secret.fromVariable(variable));
    expect(made({ onDestroy: "stop", ssh: { hostKey, auth } })).toContain(
      "'onDestroy' must be \"keep\" with a private key that is no file",
    );
  });
});

describe("a host key", () => {
  test.each([
    ["with a comment", `${KEY} root@lb1`],
    [
      "of another kind",
      "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBExample00000000000000",
    ],
  ])("%s", (_, key) => {
    expect(SshHostKey.known(key)).toMatchObject({ key });
  });

  test.each([
    ["a fingerprint", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "must be a public key in one line"],
    ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----", "give the public key, from the file that ends in .pub"],
    ["a line break at its end", `${KEY}\n`, "leave out the line break at its end"],
    ["two keys", `${KEY}\n${KEY}`, "must be a public key in one line"],
  ])("is not %s", (_, key, words) => {
    expect(refusal(() => SshHostKey.known(key))).toContain(words);
    expect(refusal(() => SshHostKey.authority(key))).toContain(words);
  });
});

test("a private key on the host itself cannot open the way to it", () => {
  expect(refusal(() => SshAuth.privateKey(Secret.fromNodeFile("/etc/dns-lb/key")))).toContain(
    "'key' must be known where Terraform runs, got Secret.fromNodeFile()",
  );
});
