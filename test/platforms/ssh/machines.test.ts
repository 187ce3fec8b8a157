// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
import { type TerraformStack, Testing } from "cdktf";
import { beforeAll, describe, expect, test } from "vitest";
import type { Dns } from "../../../examples/machines/dns.js";
import { PROVIDERS } from "../../../examples/machines/providers/index.js";
import { USER_DATA, USER_DATA_WITH_KEY } from "../../../examples/machines/site.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { newStack } from "../../constructs.js";

type Resource = Readonly<Record<string, unknown>> & {
  readonly lifecycle?: { readonly ignore_changes: readonly string[] };
  readonly triggers_replace?: { readonly machine?: string };
};
type Resources = Readonly<Record<string, Readonly<Record<string, Resource>>>>;

const BEFORE: Dns = { resolvers: ["10.0.0.10", "10.0.0.11"] };
const AFTER: Dns = { resolvers: ["10.0.0.12"] };

function stackOf(provider: string, dns: Dns) {
  const stack = newStack("dns");
  PROVIDERS[provider]?.(stack, dns);
  return stack;
}

/** What Terraform gets: the resources of the library, those of the provider, and the rest. */
function synthesize(stack: TerraformStack) {
  const { resource, ...rest } = JSON.parse(Testing.synth(stack, true));
  const { terraform_data: ours, ...theirs }: Resources = resource;
  return { ours: ours ?? {}, theirs, rest };
}

/** All resources of a provider by their address in Terraform. */
function byAddress(resources: Resources): ReadonlyMap<string, Resource> {
  return new Map(
    Object.entries(resources).flatMap(([type, all]) =>
      Object.entries(all).map(([id, each]) => [`${type}.${id}`, each] as const),
    ),
  );
}

/** The texts of a resource, those in Base64 read. */
function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value, Buffer.from(value, "base64").toString("utf8")];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

/** The machines of a provider: how many, by what each is known, and what of it, or of its disks, may change for new ones alone. */
const MACHINES = {
  proxmox: {
    count: 2,
    machine: "proxmox_virtual_environment_vm.id",
    ignored: { proxmox_virtual_environment_vm: ["initialization", "disk[0].import_from"] },
  },
  libvirt: { count: 2, machine: "libvirt_domain.uuid", ignored: { libvirt_volume: ["create"] } },
  openstack: {
    count: 2,
    machine: "openstack_compute_instance_v2.id",
    ignored: { openstack_compute_instance_v2: ["image_name", "user_data"] },
  },
  vsphere: {
    count: 2,
    machine: "vsphere_virtual_machine.id",
    ignored: { vsphere_virtual_machine: ["clone", "extra_config"] },
  },
  incus: {
    count: 2,
    machine: "incus_instance.mac_address",
    ignored: {
      incus_instance: [
        "image",
        'config["cloud-init.vendor-data"]',
        'config["cloud-init.user-data"]',
        'config["cloud-init.network-config"]',
      ],
    },
  },
  aws: { count: 1, machine: "aws_instance.id", ignored: { aws_instance: ["ami", "user_data"] } },
  hetzner: { count: 1, machine: "hcloud_server.id", ignored: { hcloud_server: ["image", "ssh_keys", "user_data"] } },
};

test("each provider of the example is tested", () => {
  expect(Object.keys(PROVIDERS).sort()).toEqual(Object.keys(MACHINES).sort());
});

describe.each(Object.entries(MACHINES))("machines of %s", (provider, { count, machine, ignored }) => {
  let stack: TerraformStack;
  let before: ReturnType<typeof synthesize>;
  beforeAll(() => {
    stack = stackOf(provider, BEFORE);
    before = synthesize(stack);
  });

  test("do not change with what is served", () => {
    const after = synthesize(stackOf(provider, AFTER));
    expect(after.theirs).toEqual(before.theirs);
    expect(after.rest).toEqual(before.rest);
    const changed = Object.keys(before.ours).filter(
      (id) => JSON.stringify(after.ours[id]) !== JSON.stringify(before.ours[id]),
    );
    expect(changed).toHaveLength(count);
    for (const id of changed) expect(id).toMatch(/^Lb[12]_Release_/);
    expect(Object.keys(after.ours)).toEqual(Object.keys(before.ours));
  });

  test("are made nodes again when they are other ones", () => {
    const { ours, theirs } = before;
    const hosts = Object.entries(ours).filter(([id]) => /^Lb[12]_Host_/.test(id));
    const machines = hosts.map(([, { triggers_replace }]) => triggers_replace?.machine ?? "");
    expect(new Set(machines).size).toBe(count);
    const known = byAddress(theirs);
    for (const each of machines) {
      const [, type, id, attribute] = /^\$\{(\w+)\.(\w+)\.(\w+)\}$/.exec(each) ?? [];
      expect(`${type}.${attribute}`).toBe(machine);
      expect(known.has(`${type}.${id}`), each).toBe(true);
    }
  });

  test("have the user data of the library", () => {
    const found = [...byAddress(before.theirs).values()]
      .flatMap(texts)
      .filter((text) => text.startsWith("#cloud-config"));
    const ours = found.filter((text) => text === USER_DATA || text === USER_DATA_WITH_KEY);
    expect(ours).toHaveLength(count);
  });

  test("keep what would replace them, as they were made", () => {
    const resources = [...byAddress(before.theirs)];
    const kept = resources.filter(([, { lifecycle }]) => lifecycle !== undefined);
    expect(kept).not.toEqual([]);
    for (const [address, { lifecycle, ...given }] of kept) {
      const paths = lifecycle?.ignore_changes ?? [];
      expect(paths, address).toEqual(ignored[address.split(".")[0] as keyof typeof ignored]);
      for (const path of paths) expect(Object.keys(given), path).toContain(/^\w+/.exec(path)?.[0]);
    }
  });

  test("are a pair where addresses move, and one elsewhere", () => {
    const nodes = nodesOf(stack);
    expect(nodes).toHaveLength(count);
    for (const { files } of nodes) {
      expect(files.has("keepalived/keepalived.conf")).toBe(count === 2);
      // With a MAC address of its own for the virtual ones, vSphere's port groups would have to allow more.
      expect(files.get("keepalived/keepalived.conf") ?? "").not.toContain("vmac");
    }
  });
});

test("the nodes of OpenStack may use the virtual address, and hear each other", () => {
  const { openstack_networking_port_v2: ports = {}, openstack_networking_secgroup_rule_v2: rules = {} } = synthesize(
    stackOf("openstack", BEFORE),
  ).theirs;
  for (const id of ["Lb1Port", "Lb2Port"]) {
    expect(ports[id]?.["allowed_address_pairs"]).toEqual([{ ip_address: "10.0.0.53" }]);
  }
  expect(rules["AllowVrrp"]).toMatchObject({
    protocol: "vrrp",
    remote_group_id: rules["AllowVrrp"]?.["security_group_id"],
  });
});
