import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadBalancer } from "../../../../lib/model/load-balancer.js";
import { labDirectory } from "../../../../lib/testing/lab/names.js";
import { testCertificate } from "../../../certificates.js";
import { CERTIFICATE, TLS_NAME } from "../../../lab/production/stack.js";
import { agent, type Fault } from "../fault.js";
import { COLLECTION } from "../settings.js";

const DAY = 86_400_000;

/** A certificate and its key that began some days ago and end in some days. */
function lasting(begun: number, left: number): string {
  const inDays = (days: number) => new Date(Date.now() + days * DAY);
  const { pem, keyPem } = testCertificate({
    ...{ subject: "drill", names: [TLS_NAME], from: inDays(-begun), to: inDays(left) },
  });
  return pem + keyPem;
}

/** Secrets that nodes get for a fault, by path. */
const OLD = "certs/old.pem";
export const SECRETS: Readonly<Record<string, string>> = { [OLD]: lasting(98, 2) };

/** The model with a certificate that is a file of the nodes. */
function withNodeFile(model: LoadBalancer, path: string): LoadBalancer {
  const certificate = { kind: "node-file", path } as const;
  const frontends = model.frontends.map(({ listeners, ...frontend }) => ({
    ...frontend,
    listeners: listeners.map((each) => (each.kind === "dot" && each.name === "dot" ? { ...each, certificate } : each)),
  }));
  return { ...model, frontends };
}

/** Certificates that end, or are renewed wrongly. */
export const certificates: readonly Fault[] = [
  {
    alerts: ["DnsLbCertificateExpiring", "DnsLbCertificateOverdue"],
    ...{ fault: "a node gets a certificate that ends in two days", shows: COLLECTION },
    make: async ({ lab }) => {
      const node = lab.node("lb2");
      const spec = node.nodeSpec;
      const secretFiles = spec.secretFiles.map((file) =>
        "path" in file.source && file.source.path === CERTIFICATE
          ? { ...file, source: { kind: "local-file", path: OLD } as const }
          : file,
      );
      await node.apply({ ...spec, secretFiles });
      return () => node.apply(spec);
    },
  },
  {
    ...{ alerts: ["DnsLbCertificateRefused"], fault: "a certificate is renewed wrongly on a node", shows: COLLECTION },
    make: async ({ lab, model }, begins) => {
      const path = join(labDirectory(lab.name), "renewed.pem");
      const good = lasting(1, 365);
      writeFileSync(path, good);
      await lab.apply([withNodeFile(model, path)]);
      await begins();
      writeFileSync(path, "no certificate\n");
      // Nodes of the lab have no agent that looks at the file by itself.
      const { status } = await lab.node("lb2").agent("reload-secrets");
      if (status === 0) throw new Error("lb2 took a file without a certificate");
      return async () => {
        writeFileSync(path, good);
        await agent(lab, "lb2", "reload-secrets");
        await lab.apply([model]);
      };
    },
  },
];
