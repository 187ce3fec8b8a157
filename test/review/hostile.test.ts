import { expect, test } from "vitest";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { NodeSpec } from "../../lib/model/node-spec.js";
import { reviewFiles } from "../../lib/review/index.js";
import { manyFrontends, reviewedEverything } from "./reviewed.js";
import { faultsOf } from "./well-formed.js";

const ATTACKS = [
  "<script>alert(1)</script>",
  "]]></style><script>x</script>",
  `"><img src=x onerror='alert(1)'>`,
  "</pre></details><iframe>",
  "-->&lt;b&gt;&#x3c;",
  "\u202e\u2066reversed\u200b",
  "\u0000\u001b]0;title\u0007",
  "\ud800 half",
];

/** The same data with a text in the place of every text that decides nothing. */
function attacked<T>(data: T, attack: string): T {
  const visit = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => visit(each, key));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, visit(inner, name)]));
    }
    return typeof value === "string" && TEXTS.has(key) ? `${value}${attack}` : value;
  };
  return visit(data, "") as T;
}

/** Texts that nothing is computed from. */
const TEXTS = new Set([
  "name",
  "serverName",
  "names",
  "zones",
  "path",
  "content",
  "user",
  "node",
  "text",
  "script",
  "workload",
]);

function filesOf({ loadBalancer, specs }: { loadBalancer: LoadBalancer; specs: readonly NodeSpec[] }) {
  return Object.entries(reviewFiles(loadBalancer, specs)).filter(([path]) => /^[^/]*\.(svg|html)$/.test(path));
}

const reviewed = [...reviewedEverything(), manyFrontends(10, 20)];

test("what is written is well formed", () => {
  for (const each of reviewed) for (const [, text] of filesOf(each)) expect(faultsOf(text)).toEqual([]);
});

test.each(ATTACKS)("no name or text breaks out of its place: %j", (attack) => {
  for (const { loadBalancer, specs } of reviewed) {
    for (const [path, text] of filesOf({
      loadBalancer: attacked(loadBalancer, attack),
      specs: attacked(specs, attack),
    })) {
      expect(faultsOf(text), path).toEqual([]);
      expect(text.match(/<(script|img|iframe)|[\u202e\u2066\u200b]|(?!\n)\p{Cc}/u), path).toBeNull();
    }
  }
});

test("pages and pictures load nothing and run nothing", () => {
  for (const each of reviewed) {
    for (const [, text] of filesOf(each)) {
      const markup = text.replace(/<pre>[^<]*<\/pre>/g, "");
      expect(markup.match(/<script|<link|@import|url\(|\bsrc=|javascript:|href="(?!#)/g)).toBeNull();
    }
  }
});
