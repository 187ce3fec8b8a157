import { EVALUATE } from "../build.js";
import { call, type Step, token, type Value } from "../plan.js";
import type { Draw } from "./draw.js";
import { address, address6, type NodeOptions, type Site, versionsOf } from "./nodes.js";
import { knobs } from "./values.js";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP3iPbyNCC9CmuSm9ZLhNoCvqrvRNOQKO2yqlnBbXDUQ";

/** A node on a host over SSH, beside data for the machine. */
export function sshNode(draw: Draw, site: Site, { id, host, in: stack, daemons, outOfService }: NodeOptions): Step[] {
  const auth = draw.pick<() => Value>([
    () => call("SshAuth.agent", null),
    () => call("SshAuth.privateKeyFile", draw.pick(["keys/deploy", "/srv/it's a\\b #1/${key}"])),
    () => call("SshAuth.privateKey", call("Secret.fromLocalFile", "keys/other")),
  ])();
  // A removal could not read it. Other ephemeral secrets are refused on Docker.
  const isEphemeral = draw.chance(40);
  const ephemeral = call("Secret.fromEphemeral", token(`key${id}`), {
    version: "7",
    ...draw.some({ name: () => "key" }),
  });
  const hasBastion = draw.chance(25);
  const ssh = {
    hostKey: hasBastion ? call("SshHostKey.unchecked", null) : hostKey(draw),
    ...draw.some({
      host: () => draw.pick([`${id.toLowerCase()}.example.net`, "192.0.2.1", "2001:db8::1"]),
      port: () => draw.pick([22, 2_222, 65_535]),
      user: () => draw.pick(["root", "debian", "_dns-lb"]),
      auth: () => (isEphemeral ? call("SshAuth.privateKey", ephemeral) : auth),
      timeout: () => draw.pick(["5s", "90s", "30m"]),
    }),
    ...(hasBastion ? { bastion: bastion(draw) } : {}),
  };
  const versions = versionsOf(draw, site);
  const facts: Record<string, Value> = {
    ...place(draw, site, host, false),
    ...(site.device === "eth0" ? draw.some({ interface: () => "eth0" }) : { interface: site.device }),
    ...(site.second ? { interfaces: [{ name: "eth1", ...place(draw, site, host, true) }] } : {}),
    ...(versions === undefined ? {} : { versions }),
    ...draw.some({
      name: () => `host-${id}`,
      keepsAddresses: () => site.keepsAddresses || draw.chance(50),
      ...knobs(draw),
    }),
    ...draw.some({ memory: () => "1g" }, 20),
  };
  // Few: it is refused beside secrets that are not on the host.
  if (!outOfService && draw.whole(0, 9) === 4) return [{ make: "BundleNode", id, in: stack, props: facts }];
  const props: Record<string, Value> = {
    ...facts,
    ssh,
    ...draw.some({
      machine: () => draw.pick(["i-0abc", 'a "b" ${c} %{d}']),
      adopt: () => draw.chance(50),
      packages: () => draw.pick(["keep", "upgrade"]),
      onDestroy: () => draw.pick(["keep", isEphemeral ? "keep" : "stop"]),
    }),
    ...(outOfService ? { outOfService } : draw.some({ outOfService: () => false }, 10)),
  };
  const userData = call("CloudInit.userData", draw.chance(50) ? { daemons } : {});
  return [
    ...(draw.chance(20) ? [{ make: EVALUATE, id: `${id}Data`, in: stack, props: [userData] }] : []),
    { make: "SshNode", id, in: stack, props },
  ];
}

function place(draw: Draw, site: Site, host: number, second: boolean): Record<string, Value> {
  const prefix = (second ? 4096 : 0) + site.number;
  return {
    address: address(site, host, second),
    ...draw.some({ subnet: () => `${address(site, 0, second)}/${site.number % 2 === 0 ? 22 : 24}` }, 60),
    ...(site.ipv6
      ? { address6: address6(site, host, second), ...draw.some({ subnet6: () => `fd00:${prefix}::/64` }, 60) }
      : {}),
  };
}

function hostKey(draw: Draw): Value {
  return draw.pick([
    call("SshHostKey.known", KEY),
    call("SshHostKey.known", `${KEY} root@${"$"}{host}`),
    call("SshHostKey.authority", KEY),
    call("SshHostKey.unchecked", null),
  ]);
}

function bastion(draw: Draw): Value {
  return {
    host: "bastion.example.net",
    hostKey: hostKey(draw),
    ...draw.some({ port: () => 2_200, user: () => "jump" }),
  };
}
