import { CloudInit, SshHostKey } from "cdktf-dns-lb";

/** Who may ask. */
export const CLIENTS = ["10.0.0.0/8"];

/** The address that the pair shares. */
export const VIRTUAL_ADDRESS = "10.0.0.53";

/** The subnet of the machines, and its router. */
export const SUBNET = "10.0.0.0/24";
export const GATEWAY = "10.0.0.254";

/** Who answers the machines themselves, which install packages. */
const NAME_SERVERS = ["10.0.0.10", "10.0.0.11"];

/** The network of a machine in the form of Netplan, for providers that give it no address. */
export function network(address: string) {
  return {
    version: 2,
    ethernets: {
      lan: {
        match: { name: "en*" },
        addresses: [`${address}/24`],
        routes: [{ to: "0.0.0.0/0", via: GATEWAY }],
        nameservers: { addresses: NAME_SERVERS },
      },
    },
  };
}

/** Debian's first user, in its cloud images. */
export const USER = "debian";

/** The key by which Terraform gets in: the SSH agent has its other half. */
export const OPERATOR_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHlP2b8fXrZ3nP0sGm1tQvYw5oXoT3yqkq3cVb6mJd0e operator";

/** The authority of the site: machines ask it for a certificate of their host key when they first boot. */
export const HOST_KEY = SshHostKey.authority(
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP3iPbyNCC9CmuSm9ZLhNoCvqrvRNOQKO2yqlnBbXDUQ authority of the site",
);

/** The same for every configuration of DNS. */
export const USER_DATA = CloudInit.userData({ daemons: "load-balancer" });

/** For providers that bring keys of users by user data alone. */
export const USER_DATA_WITH_KEY = `${USER_DATA}ssh_authorized_keys: [${JSON.stringify(OPERATOR_KEY)}]\n`;
