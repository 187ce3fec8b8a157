import type { IConstruct } from "constructs";
import { daemonName } from "../core/names.js";
import { isOfKind, type Kind } from "./brand.js";

/** What messages call constructs by their names in the daemons, and the kinds of these constructs. */
const NOUNS: Readonly<Record<string, readonly Kind[]>> = {
  pool: ["ResolverPool", "AuthoritativePool"],
  "load balancer": ["LoadBalancer"],
  frontend: ["DnsFrontend"],
  node: ["Node"],
};

const NAMED = new RegExp(`\\b(${Object.keys(NOUNS).join("|")}) "([A-Za-z0-9_-]+)"`, "g");

/** A message in which each name that was made of another construct id says so. */
export function withConstructIds(root: IConstruct, message: string): string {
  return message.replace(NAMED, (text, noun: string, name: string) => {
    const named = root.node
      .findAll()
      .filter((each) => isOfKind(each, ...(NOUNS[noun] ?? [])) && daemonName(each.node.id) === name);
    const ids = [...new Set(named.map(({ node }) => node.id))];
    const isChanged = ids.length > 0 && !ids.includes(name);
    return isChanged ? `${text} (of the construct id ${ids.map((id) => JSON.stringify(id)).join(" or ")})` : text;
  });
}
