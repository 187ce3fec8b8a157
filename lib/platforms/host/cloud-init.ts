import { input, parseOptions } from "../../terraform/parse.js";
import { object, oneOf, withDefault } from "../../terraform/schema.js";
import { DAEMON_KINDS, DAEMONS, type DaemonKind, packageOf } from "../daemon-kinds.js";

/** Options for `CloudInit.userData()`. */
export interface UserDataOptions {
  /**
   * What the machine will run: a load balancer, a node that announces its addresses ("anycast"), or a downstream server.
   * @default "load-balancer"
   */
  readonly daemons?: "load-balancer" | "anycast" | "unbound" | "nsd";
}

/** User data for new machines. */
export const CloudInit = {
  /**
   * User data by which a new machine installs its packages while it boots, and starts none of the daemons: its `SshNode`
   * then finds them there. It never changes with the configuration of DNS, so that no change of that replaces the machine.
   * Optional: an `SshNode` installs what is missing.
   * @see https://cloudinit.readthedocs.io/en/latest/reference/modules.html
   */
  userData(options: UserDataOptions = {}): string {
    const { daemons } = parseOptions(INPUT, options);
    const names = DAEMONS[daemons];
    const packages = [
      ...names.map(packageOf),
      ...(daemons === "load-balancer" ? ["nftables"] : []),
      "python3",
      "iproute2",
    ];
    return [
      "#cloud-config",
      "# Before the packages are there: the mask of an administrator outlives their installation.",
      `bootcmd: [[systemctl, mask, ${names.join(", ")}]]`,
      "package_update: true",
      `packages: [${packages.join(", ")}]`,
      "",
    ].join("\n");
  },
} as const;

const INPUT = input({
  name: "CloudInit.userData()",
  schema: object<UserDataOptions>()({
    daemons: withDefault(oneOf<DaemonKind>(DAEMON_KINDS), "load-balancer"),
  }),
});
