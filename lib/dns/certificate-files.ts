import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { authorityProblems, type CertificateProblem, serverCertificateProblems } from "../core/certificate.js";
import { timeProblems } from "../core/certificate-time.js";
import type { InputCode } from "../core/codes/index.js";
import { formatProblems } from "../core/errors.js";
import type { Secret } from "../model/secret.js";
import type { Report } from "../terraform/parse.js";
import { localText } from "./local-text.js";

/** Checks a server's certificate, if it is a file of this machine; what the time makes of it is a warning. */
export function checkCertificate(
  scope: Construct,
  path: readonly (string | number)[],
  secret: Secret,
  serverName: string | undefined,
  report: Report,
): void {
  checkFile(scope, path, secret, "DNSLB158", (text) => serverCertificateProblems(text, serverName), report);
}

/** Checks certificates of authorities, if they are a file of this machine; what the time makes of them is a warning. */
export function checkAuthorities(scope: Construct, path: readonly string[], secret: Secret, report: Report): void {
  checkFile(scope, path, secret, "DNSLB163", authorityProblems, report);
}

function checkFile(
  scope: Construct,
  path: readonly (string | number)[],
  secret: Secret,
  code: InputCode,
  problemsOf: (text: string) => readonly CertificateProblem[],
  report: Report,
): void {
  const local = localText(secret, path, code, report);
  if (local === undefined) return;
  const { text, file } = local;
  const problems = problemsOf(text);
  for (const each of problems) report(each.code, path, `${each.message} (${file})`);
  if (problems.length > 0) return;
  for (const { code, message } of timeProblems(text, Date.now())) {
    Annotations.of(scope).addWarning(
      formatProblems([{ code, property: path.join("."), message: `${message} (${file})` }]),
    );
  }
}
