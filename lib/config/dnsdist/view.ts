import { notThere } from "../view.js";
import { luaText } from "./lua-text.js";
import type { DnsdistPolicy, DnsdistPool, DnsdistRule, DnsdistServer } from "./model.js";
import { parseDnsdistPolicy } from "./parse.js";

/** A rule of dnsdist as a test sees it: its parts are Lua, as printed. */
export interface DnsdistRuleView {
  readonly name: string;
  /** `TCPRule(false)` */
  readonly rule: string;
  /** `PoolAction("resolvers")` */
  readonly action: string;
}

/** A pool of dnsdist as a test sees it: with its servers. */
export interface DnsdistPoolView extends DnsdistPool {
  readonly servers: readonly DnsdistServer[];
}

/** Shows a policy.lua to a test. Asking for something that is not there throws. */
export class DnsdistConfig {
  readonly policy: DnsdistPolicy;

  constructor(policy: DnsdistPolicy) {
    this.policy = policy;
  }

  /** Reads a policy.lua. */
  static parse(text: string): DnsdistConfig {
    return new DnsdistConfig(parseDnsdistPolicy(text));
  }

  /** All servers, in order. */
  get servers(): readonly DnsdistServer[] {
    return this.policy.servers;
  }

  /** All rules, in the order in which dnsdist tries them. */
  get rules(): DnsdistRuleView[] {
    return this.policy.rules.map(ruleView);
  }

  server(id: string): DnsdistServer {
    return found(this.policy.servers, "server", id, (server) => server.id);
  }

  pool(name: string): DnsdistPoolView {
    const pool = found(this.policy.pools, "pool", name, (candidate) => candidate.name);
    return { ...pool, servers: this.policy.servers.filter(({ pools }) => pools.includes(name)) };
  }

  rule(name: string): DnsdistRuleView {
    return ruleView(found(this.policy.rules, "rule", name, (rule) => rule.name));
  }
}

function ruleView({ name, rule, action }: DnsdistRule): DnsdistRuleView {
  return { name, rule: luaText(rule), action: luaText(action) };
}

function found<T>(items: readonly T[], noun: string, name: string, nameOf: (item: T) => string): T {
  const item = items.find((candidate) => nameOf(candidate) === name);
  if (item !== undefined) return item;
  const names = items.map((candidate) => `'${nameOf(candidate)}'`);
  throw notThere("policy.lua", noun, name, names);
}
