import { printDirective } from "../config/haproxy/index.js";
import { daemonComplaints } from "./daemon-checks.js";
import { TestingError } from "./errors.js";
import { NodeUnderTest } from "./nodes-of.js";

/** The result of a matcher, for vitest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Matchers for the nodes of a load balancer: `expect.extend(dnsLbMatchers)`. */
export const dnsLbMatchers = { toHaveHaproxyLine, toHaveFile, toPassDaemonChecks } as const;

function toHaveHaproxyLine(received: unknown, section: string, line: string): MatcherResult {
  const { name, haproxy } = nodeUnderTest(received, "toHaveHaproxyLine");
  const sections = new Map(
    haproxy.file.sections.map((each) => [
      [each.kind, each.name ?? ""].join(" ").trim(),
      each.directives.map(printDirective),
    ]),
  );
  const lines = sections.get(section);
  if (lines === undefined) {
    const titles = [...sections.keys()];
    return verdict(false, `haproxy.cfg of node "${name}" has no section "${section}", it has:${listed(titles)}`);
  }
  return lines.includes(line)
    ? verdict(true, `section "${section}" of node "${name}" has the line "${line}"`)
    : verdict(false, `section "${section}" of node "${name}" has no line "${line}", it has:${listed(lines)}`);
}

function toHaveFile(received: unknown, path: string, content?: string): MatcherResult {
  const { name, files } = nodeUnderTest(received, "toHaveFile");
  const found = files.get(path);
  if (found === undefined) {
    return verdict(false, `node "${name}" has no file ${path}, it has:${listed([...files.keys()])}`);
  }
  if (content === undefined || found === content) {
    return verdict(true, `node "${name}" has the file ${path}${content === undefined ? "" : " with that content"}`);
  }
  return verdict(false, `file ${path} of node "${name}" has other content:${firstDifference(content, found)}`);
}

async function toPassDaemonChecks(received: unknown): Promise<MatcherResult> {
  const node = nodeUnderTest(received, "toPassDaemonChecks");
  const complaints = await daemonComplaints(node);
  return complaints === ""
    ? verdict(true, `the daemons accept the configuration of node "${node.name}"`)
    : verdict(false, `the daemons refuse the configuration of node "${node.name}":${listed(complaints.split("\n"))}`);
}

function nodeUnderTest(received: unknown, matcher: string): NodeUnderTest {
  if (received instanceof NodeUnderTest) return received;
  throw new TestingError(`${matcher}() must get a node that nodesOf() returned, got ${typeof received}`);
}

function verdict(pass: boolean, text: string): MatcherResult {
  return { pass, message: () => text };
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `\n  ${line}`).join("");
}

function firstDifference(expected: string, found: string): string {
  const [wanted, got] = [expected.split("\n"), found.split("\n")];
  const at = wanted.findIndex((line, index) => line !== got[index]);
  const index = at === -1 ? wanted.length : at;
  const show = (line: string | undefined) => (line === undefined ? "the end" : JSON.stringify(line));
  return `\n  line ${index + 1}, expected: ${show(wanted[index])}\n  line ${index + 1}, found:    ${show(got[index])}`;
}
