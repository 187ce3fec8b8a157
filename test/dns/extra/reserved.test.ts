import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LISTENER_FUNCTIONS, parseDnsdistListeners } from "../../../lib/config/dnsdist/index.js";
import { PLAIN_ARGUMENTS } from "../../../lib/config/dnsdist/listener-call.js";
import { directiveName } from "../../../lib/config/haproxy/directive-name.js";
import { HAPROXY_KEYWORDS, parseHaproxy } from "../../../lib/config/haproxy/index.js";
import { isKeepalivedBlock, parseKeepalived } from "../../../lib/config/keepalived/index.js";
import { DNSDIST_RESERVED } from "../../../lib/dns/extra/dnsdist.js";
import { type ExtraSection, HAPROXY_RESERVED } from "../../../lib/dns/extra/haproxy.js";
import { KEEPALIVED_RESERVED } from "../../../lib/ha/keepalived-extra.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { DEBIAN_12, DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { scratch } from "../../constructs.js";
import { build } from "../../fuzz/build.js";
import { EVERYTHING } from "../../fuzz/everything.js";
import { writeFiles } from "../../fuzz/files.js";

const folder = join(scratch, "reserved");
mkdirSync(folder, { recursive: true });
const surroundings = { outdir: join(folder, "out"), fileOf: writeFiles(folder) };

/** The files of load balancers with every property of the API, on both releases of Debian, without `extra`. */
const files = Object.values(EVERYTHING)
  .flatMap((plan) => nodesOf(build(plan, surroundings)))
  .flatMap(({ work, node, spec }) => {
    if (work.kind === "server") return [];
    const { extra: _, ...rest } = work.loadBalancer;
    const loadBalancer: LoadBalancer = {
      ...rest,
      frontends: rest.frontends.map(({ extra: __, ...frontend }) => frontend),
    };
    return [DEBIAN_12, DEBIAN_13].flatMap(
      (versions) => compileNode(loadBalancer, node, { ...spec.profile, versions }).files,
    );
  });

const contents = (path: string) => files.filter((file) => file.path === path).map(({ content }) => content);

describe("whatever the library writes is left to it", () => {
  test.each<ExtraSection>(["global", "defaults", "frontend"])("in HAProxy's sections %s", (kind) => {
    const sections = contents("haproxy/haproxy.cfg").flatMap((text) => parseHaproxy(text).sections);
    const names = sections
      .filter((section) => section.kind === kind)
      .flatMap(({ directives }) => directives.map(directiveName));
    expect(names.length).toBeGreaterThan(10);
    expect([...new Set(names)].filter((name) => !Object.hasOwn(HAPROXY_RESERVED[kind], name))).toEqual([]);
  });

  test("in dnsdist.conf", () => {
    const names = contents("dnsdist/dnsdist.conf").flatMap((text) =>
      parseDnsdistListeners(text).calls.map(({ call }) => call),
    );
    expect(names.length).toBeGreaterThan(10);
    expect([...new Set(names)].filter((name) => !Object.hasOwn(DNSDIST_RESERVED, name))).toEqual([]);
  });

  test("in keepalived's global_defs", () => {
    const names = contents("keepalived/keepalived.conf")
      .flatMap((text) => parseKeepalived(text).blocks)
      .filter(({ keyword }) => keyword === "global_defs")
      .flatMap(({ entries }) => entries.flatMap((entry) => (isKeepalivedBlock(entry) ? [entry.keyword] : [entry[0]])));
    expect(names.length).toBeGreaterThan(10);
    expect([...new Set(names)].filter((name) => !Object.hasOwn(KEEPALIVED_RESERVED, name))).toEqual([]);
  });
});

describe("what is left to the library is a word that can be written, so that a misspelt one is noticed", () => {
  const isWord = (name: string) => (HAPROXY_KEYWORDS as readonly string[]).includes(name.split(" ")[0] ?? "");

  test.each<ExtraSection>(["global", "defaults"])("in HAProxy's section %s", (kind) => {
    expect(Object.keys(HAPROXY_RESERVED[kind]).filter((name) => !isWord(name))).toEqual([]);
  });

  test("in dnsdist.conf, whose other words have plain arguments", () => {
    const words: readonly string[] = LISTENER_FUNCTIONS;
    const free = words.filter((name) => !Object.hasOwn(DNSDIST_RESERVED, name));
    expect(free.sort()).toEqual(Object.keys(PLAIN_ARGUMENTS).sort());
  });
});
