import { Fn, type SSHProvisionerConnection } from "cdktf";
import type { Construct } from "constructs";
import { type Duration, toMilliseconds } from "../../core/duration.js";
import type { Secret } from "../../model/secret.js";
import { deployPath } from "../../terraform/deploy-path.js";
import { madeBy, port, wholeSeconds } from "../../terraform/fields.js";
import type { Report } from "../../terraform/parse.js";
import { type Field, type Filled, field, type Kept, object, optional, withDefault } from "../../terraform/schema.js";
import { argumentText, templateText } from "../../terraform/template-text.js";
import { isToken } from "../../terraform/tokens.js";
import { SshAuth } from "./ssh-auth.js";
import type { SshHostKey } from "./ssh-host-key.js";

/** How Terraform reaches a host over SSH. Texts may be cdktf tokens. */
export interface SshConnectionOptions {
  /**
   * The name or address of the host.
   * @default - the `address` of the node
   */
  readonly host?: string;
  /** @default 22 */
  readonly port?: number;
  /**
   * The user on the host: root, or one that may run everything by `sudo` without a password.
   * @default "root"
   */
  readonly user?: string;
  /** How the host is recognized. */
  readonly hostKey: SshHostKey;
  /**
   * By what Terraform proves who it is.
   * @default SshAuth.agent()
   */
  readonly auth?: SshAuth;
  /**
   * A host between Terraform and the node, through which the connection goes. Terraform takes the key of the node for that
   * of the bastion, up to the release that has the fix below: `hostKey` must be `SshHostKey.unchecked()` then, and older
   * ones check no key at all.
   * @default - Terraform connects to the node itself
   * @see https://github.com/hashicorp/terraform/pull/38318
   */
  readonly bastion?: SshBastionOptions;
  /**
   * How long Terraform tries to reach the host, in whole seconds from "5s" to "30m". A machine that was just made needs as
   * long as it takes to boot.
   * @default "2m"
   */
  readonly timeout?: Duration;
}

/** A host through which connections to others go. The same `auth` is used on both. */
export interface SshBastionOptions {
  /** The name or address of the host. */
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /**
   * The user on that host.
   * @default - that of the node
   */
  readonly user?: string;
  /** How that host is recognized. */
  readonly hostKey: SshHostKey;
}

const text = (allowed: string, pattern: RegExp): Field<string> =>
  field<string>({
    code: "DNSLB109",
    type: "string",
    allowed,
    accepts: (value) => isToken(value) || (typeof value === "string" && pattern.test(value)),
  });

const hostName = text("the name or address of a host", /^[A-Za-z0-9]([A-Za-z0-9.:%_-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:.]+$/);
const userName = text("the name of a user", /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/);
const hostKey = madeBy<SshHostKey>(
  "SshHostKey",
  "SshHostKey.known(), SshHostKey.authority() or SshHostKey.unchecked()",
);

/** The schema of a connection. */
export const sshConnection = object<SshConnectionOptions>()({
  host: optional(hostName),
  port: withDefault(port, 22),
  user: withDefault(userName, "root"),
  hostKey,
  auth: withDefault(
    madeBy<SshAuth>("SshAuth", "SshAuth.agent(), SshAuth.privateKeyFile() or SshAuth.privateKey()"),
    SshAuth.agent(),
  ),
  bastion: optional(
    object<SshBastionOptions>()({ host: hostName, port: withDefault(port, 22), user: optional(userName), hostKey }),
  ),
  timeout: withDefault(wholeSeconds("5s", "30m"), "2m"),
});

/** How Terraform reaches a host, with defaults. */
export type SshConnection = Kept<typeof sshConnection>;

/** Reports what Terraform cannot do. */
export function checkConnection({ bastion, hostKey: key }: Filled<typeof sshConnection>, report: Report): void {
  if (bastion === undefined || key === undefined || key.kind === "unchecked") return;
  report(
    "DNSLB113",
    ["ssh", "hostKey"],
    `must be SshHostKey.unchecked() behind a 'bastion', got SshHostKey.${key.kind}(): Terraform would compare it with the bastion, and not connect; or leave 'bastion' out`,
  );
}

/** What of a connection a resource can keep for its own end: Terraform lets a `when = destroy` refer to nothing else. */
export interface Reachable {
  readonly host: string;
  readonly user: string;
}

/** The connection of Terraform's provisioners. */
export function provisionerConnection(
  scope: Construct,
  { port: at, hostKey: key, auth, bastion, timeout }: SshConnection,
  { host, user }: Reachable,
): SSHProvisionerConnection {
  const { secret } = auth.kind === "private-key" ? auth : { secret: undefined };
  return {
    type: "ssh",
    host,
    port: at,
    user,
    ...(key.kind === "unchecked" ? {} : { hostKey: templateText(key.key) }),
    // The type says text; Terraform takes a boolean.
    agent: (secret === undefined) as unknown as string,
    ...(secret === undefined ? {} : { privateKey: keyText(scope, secret) }),
    ...(bastion === undefined
      ? {}
      : {
          bastionHost: bastion.host,
          bastionPort: bastion.port,
          bastionUser: bastion.user ?? user,
          ...(bastion.hostKey.kind === "unchecked" ? {} : { bastionHostKey: templateText(bastion.hostKey.key) }),
          ...(secret === undefined ? {} : { bastionPrivateKey: keyText(scope, secret) }),
        }),
    timeout: `${toMilliseconds(timeout) / 1_000}s`,
    // In the home directory: where /tmp is mounted noexec, Terraform could run nothing there. Of each script an empty file
    // stays, which the next one removes.
    scriptPath: "./.dns-lb-script-%RAND%.sh",
  };
}

function keyText(scope: Construct, secret: Secret): string {
  if (secret.kind === "variable" || secret.kind === "ephemeral") return secret.value;
  return Fn.file(argumentText(deployPath(scope, secret.path)));
}
