import { readFileSync, type Stats, statSync } from "node:fs";
import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { authorityProblems, type CertificateProblem, serverCertificateProblems } from "../core/certificate.js";
import { timeProblems } from "../core/certificate-time.js";
import type { InputCode } from "../core/codes/index.js";
import { formatProblems } from "../core/errors.js";
import type { Secret } from "../model/secret.js";
import type { Report } from "../terraform/parse.js";

/** No file of certificates is larger. */
const LARGEST = 1_048_576;

/** Checks a server's certificate, if it is a file of this machine; what the time makes of it is a warning. */
export function checkCertificate(
  scope: Construct,
  path: readonly string[],
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
  path: readonly string[],
  secret: Secret,
  code: InputCode,
  problemsOf: (text: string) => readonly CertificateProblem[],
  report: Report,
): void {
  if (secret.kind !== "local-file") return;
  const found = statusOf(secret.path);
  // Terraform reads the file, perhaps on another machine, and says itself that it is missing there.
  if (found === undefined) return;
  if (!found.isFile() || found.size > LARGEST) {
    const got = found.isFile() ? `one of ${found.size} bytes` : found.isDirectory() ? "a directory" : "something else";
    report(code, path, `must be a file of at most ${LARGEST} bytes, got ${got} at ${JSON.stringify(secret.path)}`);
    return;
  }
  const text = textOf(secret.path);
  if (text === undefined) return;
  const problems = problemsOf(text);
  for (const each of problems) report(each.code, path, inFile(each, secret.path));
  if (problems.length > 0) return;
  for (const each of timeProblems(text, Date.now())) {
    const warning = { code: each.code, property: path.join("."), message: inFile(each, secret.path) };
    Annotations.of(scope).addWarning(formatProblems([warning]));
  }
}

function inFile({ message }: CertificateProblem, path: string): string {
  return `${message} (${JSON.stringify(path)})`;
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
