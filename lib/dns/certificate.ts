import { type CertificateNodeFileOptions, certificateFromNodeFile, type Secret, secretsCalled } from "./secret.js";

/** The sources of a listener's certificate: one PEM text of certificate, chain and private key. */
export const Certificate: Omit<typeof Secret, "fromNodeFile"> & {
  /**
   * Uses a file on the node that another program writes there and renews, such as a client of ACME; the path is absolute.
   * The node's agent looks at it every 5 seconds. It takes what has changed as soon as that stays as it is, if a release with it
   * would be taken: the key must be that of the certificate, the name as the listener says, the time right. HAProxy
   * presents it from then on, without a reload, and no connection ends. What is refused is told by `dns-lb-agent status` and by
   * the metric `dns_lb_certificate_refused`, and the certificate from before stays.
   *
   * A `DockerNode` does so with files below its `secretDirectories`, and reads others when it is deployed.
   */
  fromNodeFile(path: string, options?: CertificateNodeFileOptions): Secret;
} = {
  ...secretsCalled("Certificate"),

  fromNodeFile(path: string, options: CertificateNodeFileOptions = {}): Secret {
    return certificateFromNodeFile(path, options);
  },
};
/** The source of the certificate, chain and private key of a listener. */
export type Certificate = Secret;
