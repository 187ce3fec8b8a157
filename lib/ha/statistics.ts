import type { Construct } from "constructs";
import type { Certificate } from "../dns/certificate.js";
import { checkCertificate } from "../dns/certificate-files.js";
import type { Secret } from "../dns/secret.js";
import type { Statistics } from "../model/statistics.js";
import { clientNetwork, listenerAddress } from "../terraform/address-fields.js";
import { plainName, port, secret } from "../terraform/fields.js";
import type { Report } from "../terraform/parse.js";
import { type Field, keptAs, listOf, object, optional, withDefault } from "../terraform/schema.js";

/** Serves HAProxy's statistics page and the metrics of HAProxy and dnsdist. */
export interface StatisticsOptions {
  /**
   * An address that the nodes share to listen on, beside each node's own.
   * @default - only the nodes' own addresses
   */
  readonly address?: string;
  /**
   * The port to listen on.
   * @default 8404
   */
  readonly port?: number;
  /**
   * The networks that may connect: those of operators and of collectors of metrics. Connections from others are closed
   * before a password is read.
   * @default - everyone who knows the password
   */
  readonly allowFrom?: readonly string[];
  /** The user name for HTTP authentication. */
  readonly user: string;
  /** The password of that user. */
  readonly password: Secret;
  /**
   * Serves all paths over HTTPS, with TLS 1.2 or 1.3, and none over plain HTTP: certificate, chain and private key in
   * one PEM text, as a `DotListener` takes them. A file of the deploying machine is read at synthesis, if it is there:
   * what is wrong with it is an error, and an end that is near or past a warning.
   * @default - plain HTTP, over which the password passes in the clear
   */
  readonly certificate?: Certificate;
}

/** Refuses networks that let nobody in, and certificates that do not work. */
export function checkStatistics(
  scope: Construct,
  { statistics }: { readonly statistics?: StatisticsOptions | undefined },
  report: Report,
): void {
  if (statistics?.certificate) {
    checkCertificate(scope, ["statistics", "certificate"], statistics.certificate, undefined, report);
  }
  if (statistics?.allowFrom?.length !== 0) return;
  const fix = "leave it out for everyone who knows the password";
  report("DNSLB111", ["statistics", "allowFrom"], `must hold at least one network, got an empty list; ${fix}`);
}

/** The schema of the statistics, kept as their model. */
export const STATISTICS: Field<StatisticsOptions, Statistics> = keptAs(
  object<StatisticsOptions>()({
    address: optional(listenerAddress),
    port: withDefault(port, 8404),
    allowFrom: optional(listOf(clientNetwork)),
    user: plainName,
    password: secret("Secret"),
    certificate: optional(secret("Certificate")),
  }),
  ({ address, ...rest }) => ({ addresses: address === undefined ? [] : [address], ...rest }),
);
